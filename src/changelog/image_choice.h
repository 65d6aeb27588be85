// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Whether a task that has much to read of its changelogs gets there faster from an image of its
// stores, and from which one.
//
// Place in the flow: StoreRestorer says what lies ahead; tasks/image_restore.h asks here.
//
// Invariants (an image that breaks one is never taken, however near)
//  X1. It is of the same changelogs: of a sub-topology with as many tasks, each store that it has of
//      the same fingerprint, and its changelog the topic of the same id, both known.
//  X2. Its positions lie in the logs: not below a start, not beyond an end.
//  X3. It is not older than the deletes that a compacted log still has (R8, AgeMax()), unless it
//      ends where the log ends.
//  X4. Its sequence is not above the one that the group has committed for the task (R2).
//  X5. All stores of the task have a changelog: what has none would be lost with the directory
//      (StoreRestorer asks for no other).
//
// Nearer. What is to be read of the logs counts in offsets, because a broker tells nothing else. A
// record counts what the image has for each offset below its positions, and kRecordBytes at
// least: the logs hold each row of the image once or more below them, so this is no more than they
// are, save where compaction left gaps. The image is nearer when its bytes are not more than those
// of the records that it saves. Without local rows it always is.
//
// Threading: free functions.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "statestore/image_source.h"
#include "statestore/task_state.h"

namespace sidestream::changelog {

/// A changelog that a store is to be read from.
struct LogAhead {
  statestore::StoreSpec store;
  TopicId id;
  Offset start;
  /// The next offset to apply, in what the directory holds, and where the log ended.
  Offset from;
  Offset end;
  /// AgeMax() of the topic; empty: nothing is read.
  std::optional<Milliseconds> age_max;
};

/// What is ahead of a task, with the sequence that the group has committed for it.
struct RestoreAhead {
  std::vector<LogAhead> logs;
  CommitSequence committed;
  /// How many tasks its sub-topology has.
  int32_t tasks = 0;
};

/// Below that nobody looks anywhere else.
inline constexpr int64_t kAskElsewhereFrom = 100'000;
inline constexpr int64_t kRecordBytes = 100;

int64_t OffsetsOf(std::span<const LogAhead> logs);

/// Why the image may not be taken; empty: it may.
std::string WhyUnusable(const RestoreAhead& ahead, const statestore::StoredImage& image,
                        Timestamp now);
/// Requires: it may be taken.
bool IsNearer(const RestoreAhead& ahead, const statestore::StoredImage& image);

/// The newest of `images`, which come newest first, that may be taken and is nearer; null: none.
const statestore::StoredImage* ChooseImage(const RestoreAhead& ahead,
                                           std::span<const statestore::StoredImage> images,
                                           Timestamp now);

}  // namespace sidestream::changelog
