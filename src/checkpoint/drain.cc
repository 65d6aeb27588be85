// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "checkpoint/drain.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sidestream::checkpoint {

Drain::Drain(std::vector<LedGroup> groups, std::vector<LedHop> hops)
    : groups_(std::move(groups)), hops_(std::move(hops)) {
  for (const LedHop& hop : hops_) {
    partitions_.insert(hop.partition);
    levels_ = std::max(levels_, hop.level + 1);
  }
}

std::optional<int32_t> Drain::LevelToEnd(const Checkpoint& checkpoint) const {
  const int32_t level = checkpoint.levels;
  return level < levels_ && IsCut(checkpoint, level) ? std::optional(level) : std::nullopt;
}

/// All tasks up to this level are.
bool Drain::IsCut(const Checkpoint& checkpoint, int32_t level) const {
  for (const LedGroup& led : groups_) {
    for (Partition p = 0; led.level <= level && p < led.group.tasks; ++p) {
      if (!checkpoint.cuts.contains({led.group.anchor_topic, p})) return false;
    }
  }
  return true;
}

std::vector<TopicPartition> Drain::WrittenBy(int32_t level) const {
  std::vector<TopicPartition> written;
  for (const LedHop& hop : hops_) {
    if (hop.level == level) written.push_back(hop.partition);
  }
  return written;
}

std::optional<std::string> Drain::Spoiled(const Checkpoint& checkpoint) const {
  std::set<TopicPartition> drained;
  for (const auto& [task, cut] : checkpoint.cuts) {
    for (const CutInput& input : cut->inputs) {
      if (!partitions_.contains(input.partition)) continue;
      const auto end = checkpoint.drain_to.find(input.partition);
      if (end == checkpoint.drain_to.end() || input.position < end->second) {
        return fmt::format(
            "task {} was cut before it had read what lies on {}: an instance of another release, "
            "or of another version of the topology, runs",
            ToString(task), ToString(input.partition));
      }
      drained.insert(input.partition);
    }
  }
  if (checkpoint.Uncut()) return std::nullopt;
  for (const auto& [partition, end] : checkpoint.drain_to) {
    if (!drained.contains(partition)) {
      return fmt::format("no task that was cut reads {}", ToString(partition));
    }
  }
  return std::nullopt;
}

}  // namespace sidestream::checkpoint
