// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Drain: who of an application's tasks writes before who reads, and how far a checkpoint that
// drains has come (docs/design/checkpoint.md). Pure: no clock, no Kafka.
//
// Place in the flow: the conductor asks it before it decides.
//
// Threading: a value.

#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/ids.h"
#include "checkpoint/outcome.h"

namespace sidestream::checkpoint {

/// Tasks of a sub-topology. Level: 0 where they read sources only, else one above the highest that
/// writes to them.
struct LedGroup {
  TaskGroup group;
  int32_t level = 0;
};
/// A partition of a repartition topic, and the highest level that writes to it.
struct LedHop {
  TopicPartition partition;
  int32_t level = 0;
};

class Drain {
 public:
  Drain() = default;
  Drain(std::vector<LedGroup> groups, std::vector<LedHop> hops);

  const std::vector<LedGroup>& groups() const { return groups_; }
  /// Partitions of all repartition topics.
  const std::set<TopicPartition>& hops() const { return partitions_; }
  /// The level whose ends are to be fixed next, all of whose tasks are cut; empty: there is none
  /// yet, or none any more.
  std::optional<int32_t> LevelToEnd(const Checkpoint& checkpoint) const;
  std::vector<TopicPartition> WrittenBy(int32_t level) const;
  /// Why this becomes no drained cut: a task does not know what BEGIN says, or reads something else
  /// than we think.
  std::optional<std::string> Spoiled(const Checkpoint& checkpoint) const;

 private:
  bool IsCut(const Checkpoint& checkpoint, int32_t level) const;

  std::vector<LedGroup> groups_;
  std::vector<LedHop> hops_;
  std::set<TopicPartition> partitions_;
  int32_t levels_ = 0;
};

}  // namespace sidestream::checkpoint
