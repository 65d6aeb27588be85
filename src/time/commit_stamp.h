// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The commit stamp: what every committed offset carries as metadata. Atomic with the offset
// by nature, there for stateless tasks, read in the call that reads the offset, and dropped
// by whoever rewinds offsets from outside (which a replay needs). Format:
// docs/formats/commit-stamp.md. Persistent: do not renumber.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"

namespace sidestream::time {

/// How far event time of something is known.
enum class Progress : uint8_t {
  kUnknown = 0,   // never heard
  kActive = 1,    // a watermark, or a highest timestamp
  kIdle = 2,
  kFinished = 3,
};

/// What a repartition partition has heard of one upstream task.
struct UpstreamTime {
  uint32_t upstream_task = 0;  // ascending within a stamp
  uint32_t generation = 0;
  Progress progress = Progress::kUnknown;
  Timestamp watermark;  // meaningful unless kUnknown
  friend bool operator==(const UpstreamTime&, const UpstreamTime&) = default;
};

struct CommitStamp {
  CommitSequence sequence;
  /// xxh64 of the anchor topic's name.
  uint64_t anchor_hash = 0;
  TopicId topic_id;
  /// Of a source partition: the highest timestamp seen.
  Progress progress = Progress::kUnknown;
  Timestamp highest_timestamp;
  /// Of a repartition partition; empty for a source.
  std::vector<UpstreamTime> upstreams;
  friend bool operator==(const CommitStamp&, const CommitStamp&) = default;
};

/// Largest number of upstream tasks whose worst case fits the broker's 4,096 bytes.
inline constexpr size_t kUpstreamTasksMax = 220;

/// Seeded with 0, as docs/formats/commit-stamp.md says.
uint64_t AnchorHash(std::string_view anchor_topic);

/// Base64 text. Requires at most kUpstreamTasksMax upstreams in ascending order.
std::string EncodeCommitStamp(const CommitStamp& stamp);

/// Empty result: `metadata` is empty, so the offset was committed by somebody else.
/// kInvalidConfig: a stamp of a newer version than this program knows, or text that is no
/// stamp at all: never to be taken for "missing".
Result<std::optional<CommitStamp>> DecodeCommitStamp(std::string_view metadata);

}  // namespace sidestream::time
