// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Whether a changelog fits the store that is to be restored from it, and whether the store needs
// all of it or only its tail.
//
// Place in the flow: asked by StoreRestorer, with what the cluster answered, before it reads.
//
// Invariant (I4 of store_restorer.h): a verdict touches nothing; kStopped says that the log is not
// the one that the store was made from.
//
// Threading: free functions.

#pragma once

#include <map>
#include <string>

#include "base/clock.h"
#include "base/ids.h"
#include "base/status.h"
#include "kafka/admin.h"
#include "statestore/task_state.h"

namespace sidestream::changelog {

/// A store, and what it holds of its changelog.
struct KnownStore {
  TaskId task;
  std::string store;
  TopicPartition changelog;
  statestore::StorePosition position;
};

/// kUnavailable: no such topic yet. kStopped: too few partitions, or created again.
Status CheckTopic(const KnownStore& known, const kafka::TopicDescription& topic);
/// kStopped: the log ends before what was applied.
Status CheckEnd(const KnownStore& known, Offset end);
/// How old rows may be that only the tail of the log is read for (R8): deletes that they never saw may
/// have left a compacted log after `delete.retention.ms`; half of it leaves room for the replay
/// itself and for clocks that differ.
Milliseconds AgeMax(const std::map<std::string, std::string>& settings);
/// Whether the tail behind its position, if it has one, may lack deletes, by the topic's
/// `settings`. kStopped: records that it would have to read are gone, and not by a policy.
Result<bool> NeedsFullRestore(const KnownStore& known, Offset log_start,
                              const std::map<std::string, std::string>& settings, Timestamp now);

}  // namespace sidestream::changelog
