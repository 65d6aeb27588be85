// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tasks/drain_levels.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <utility>

#include "base/check.h"

namespace sidestream::tasks {
namespace {

/// Highest level that writes to each repartition topic; zero where nobody does.
std::map<std::string, int32_t> WriterLevels(const std::vector<SubTopologySpec>& parts,
                                            const std::vector<int32_t>& levels) {
  std::map<std::string, int32_t> of_topics;
  for (size_t i = 0; i < parts.size(); ++i) {
    for (const OutputSpec& output : parts[i].outputs) {
      if (!output.repartition) continue;
      int32_t& level = of_topics[output.topic];
      level = std::max(level, levels[i]);
    }
  }
  return of_topics;
}

}  // namespace

checkpoint::Drain DrainOf(const std::vector<SubTopologySpec>& parts) {
  std::vector<int32_t> levels(parts.size(), 0);
  std::map<std::string, int32_t> writers;
  for (size_t round = 0;; ++round) {
    CHECK(round <= parts.size()) << "sub-topologies in a circle";
    writers = WriterLevels(parts, levels);
    bool moved = false;
    for (size_t i = 0; i < parts.size(); ++i) {
      for (const InputSpec& input : parts[i].inputs) {
        if (!input.repartition || levels[i] > writers[input.topic]) continue;
        levels[i] = writers[input.topic] + 1;
        moved = true;
      }
    }
    if (!moved) break;
  }
  std::vector<checkpoint::LedGroup> groups;
  std::vector<checkpoint::LedHop> hops;
  for (size_t i = 0; i < parts.size(); ++i) {
    groups.push_back({{parts[i].anchor_topic(), parts[i].task_count()}, levels[i]});
    for (const InputSpec& input : parts[i].inputs) {
      for (Partition p = 0; input.repartition && p < input.partitions; ++p) {
        hops.push_back({{input.topic, p}, writers[input.topic]});
      }
    }
  }
  return {std::move(groups), std::move(hops)};
}

}  // namespace sidestream::tasks
