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
#include "time/upstream_time.h"

namespace sidestream::time {

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
  /// Of the task's owner, as its marks say it; 0: from before there were marks.
  uint32_t generation = 0;
  /// Of the task, and of this partition where it is a source. Below zero all are written as -1.
  Timestamp task_watermark = kNoWatermark;
  Timestamp watermark = kNoWatermark;
  /// Wall clock when a record of this source partition was taken last; kNoTimestamp: not known.
  Timestamp heard = kNoTimestamp;
  friend bool operator==(const CommitStamp&, const CommitStamp&) = default;
};

/// Seeded with 0, as docs/formats/commit-stamp.md says.
uint64_t AnchorHash(std::string_view anchor_topic);

/// Base64 text. Requires at most kUpstreamTasksMax upstreams in ascending order.
std::string EncodeCommitStamp(const CommitStamp& stamp);

/// Empty result: `metadata` is empty, so the offset was committed by somebody else.
/// kInvalidConfig: a stamp of a newer version than this program knows, or text that is no
/// stamp at all: never to be taken for "missing".
Result<std::optional<CommitStamp>> DecodeCommitStamp(std::string_view metadata);

}  // namespace sidestream::time
