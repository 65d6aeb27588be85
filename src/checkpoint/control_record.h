// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Records of the control topic. Format: docs/formats/control-record.md. The Kafka key names
// what the record is about, so that compaction keeps the newest of each. Those of checkpoints stand
// in checkpoint_record.h.
// Persistent: do not renumber.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "base/store_layout.h"
#include "checkpoint/checkpoint_record.h"

namespace sidestream::checkpoint {

/// A step of a plan, for `sidestream plan`.
struct PlannedStep {
  std::string name;
  /// Of all that it does.
  uint64_t fingerprint = 0;
  friend bool operator==(const PlannedStep&, const PlannedStep&) = default;
};
/// The plan that the leader runs, for people and for later checks.
struct PlanRecord {
  uint64_t hash = 0;
  std::string text;  // at most 64 KiB; longer ones are cut
  std::vector<PlannedStep> steps;
  /// Its repartition topics: one that is missing later was deleted.
  std::vector<std::string> repartition_topics;
  friend bool operator==(const PlanRecord&, const PlanRecord&) = default;
};
/// Every partition of the input has a committed, stamped offset.
struct AdoptedRecord {
  std::string topic;
  TopicId id;
  friend bool operator==(const AdoptedRecord&, const AdoptedRecord&) = default;
};
/// Where a bounded input ends, written before any task of it starts.
struct EndRecord {
  std::string topic;
  std::vector<Offset> ends;  // by partition
  friend bool operator==(const EndRecord&, const EndRecord&) = default;
};
/// All bounded inputs were processed to their ends; the instances stop with exit 0.
struct FinishedRecord {
  friend bool operator==(const FinishedRecord&, const FinishedRecord&) = default;
};
/// What the bytes of a store and its changelog mean; written before any task with the store
/// starts, and anew when the layout changes. Stands for as long as the control topic does.
struct StoreRecord {
  std::string store;
  StoreLayout layout;
  /// The step left the topology, and somebody agreed that its state is lost.
  bool dropped = false;
  friend bool operator==(const StoreRecord&, const StoreRecord&) = default;
};
using ControlRecord = std::variant<PlanRecord, AdoptedRecord, EndRecord, FinishedRecord,
                                   StoreRecord, CheckpointRecord>;

struct EncodedControlRecord {
  std::string key;
  std::string value;
};
EncodedControlRecord EncodeControlRecord(const ControlRecord& record);

/// Empty result: a kind that this release does not know and may skip. kInvalidConfig: a version
/// that it does not know; kStopped: not ours, or cut.
Result<std::optional<ControlRecord>> DecodeControlRecord(std::string_view key,
                                                         std::string_view value);

}  // namespace sidestream::checkpoint
