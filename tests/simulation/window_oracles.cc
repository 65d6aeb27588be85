// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "window_oracles.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "kafka/partitioner.h"
#include "programs.h"
#include "second_start.h"
#include "time/commit_stamp.h"

namespace sidestream::simulation {
namespace {

/// Partition of the repartition topic, and start.
using Window = std::pair<Partition, int64_t>;
using Windows = std::map<Window, int64_t>;

/// The window that a record is counted in.
Window WindowOf(SimulatedCluster& cluster, const kafka::memory::InspectedRecord& record) {
  const int64_t time = record.timestamp.value();
  const std::string hop = cluster.application().id + "-windows-repartition";
  const Partition partition = kafka::PartitionOf(KeyOfId(std::stoll(*record.value)),
                                                 cluster.broker().PartitionCount(hop));
  return {partition, time - time % kWindow.count()};
}

/// How far the counting tasks' event time was at the cut: windows up to there had ended.
std::map<Partition, Timestamp> EventTimes(const testing::KeptCheckpoint& kept) {
  std::map<Partition, Timestamp> times;
  for (const checkpoint::CutRecord& cut : kept.cut.cuts) {
    if (!cut.task.anchor_topic.ends_with("-windows-repartition")) continue;
    times[cut.task.partition] =
        time::DecodeCommitStamp(cut.inputs.at(0).stamp).value()->task_watermark;
  }
  return times;
}

/// What was read before the cut is left where it is in windows that had not ended.
Windows WindowsToCome(SimulatedCluster& cluster, const testing::KeptCheckpoint& kept) {
  const std::map<TopicPartition, Offset> cut = PositionsOf(kept);
  const std::map<Partition, Timestamp> times = EventTimes(kept);
  Windows windows;
  for (Partition p = 0; p < cluster.broker().PartitionCount("clicks"); ++p) {
    const auto at = cut.find({"clicks", p});
    for (const auto& record : cluster.broker().ReadCommitted({"clicks", p})) {
      const Window window = WindowOf(cluster, record);
      const bool behind = at == cut.end() || record.offset >= at->second;
      const bool ended = times.at(window.first) >= Timestamp(window.second + kWindow.count() - 1);
      if (behind || !ended) ++windows[window];
    }
  }
  return windows;
}

}  // namespace

Violations WindowsAreRight(SimulatedCluster& cluster, bool exactly) {
  Violations violations;
  int64_t counted = 0;
  std::map<std::string, int> finals;
  for (const auto& [key, value] : cluster.Read("windows")) {
    counted += std::stoll(value);
    if (++finals[key] == 2 && exactly) violations.push_back("O1: window " + key + " came again");
  }
  const auto late = static_cast<int64_t>(cluster.Read("late").size());
  const auto fed = static_cast<int64_t>(cluster.fed("clicks").size());
  if (exactly && late > 0)
    violations.push_back("O2: " + std::to_string(late) + " records are late");
  if (exactly ? counted != fed : counted + late < fed) {
    violations.push_back("O2: windows counted " + std::to_string(counted) + " records and " +
                         std::to_string(late) + " late ones of " + std::to_string(fed));
  }
  return violations;
}

Violations WindowsBehindTheCut(SimulatedCluster& cluster, const testing::KeptCheckpoint& kept,
                               bool exactly) {
  Windows expected = WindowsToCome(cluster, kept);
  Violations violations;
  Windows counted;
  std::map<std::string, int> finals;
  for (const auto& [key, value] : cluster.Read(cluster.outputs() + "windows")) {
    const size_t slash = key.find('/');
    counted[{std::stoi(key), std::stoll(key.substr(slash + 1))}] += std::stoll(value);
    if (++finals[key] == 2 && exactly) violations.push_back("O9: window " + key + " came again");
  }
  const auto late = static_cast<int64_t>(cluster.Read(cluster.outputs() + "late").size());
  if (exactly && late > 0) {
    violations.push_back("O9: " + std::to_string(late) + " records are late");
  }
  int64_t missing = 0;
  for (const auto& [window, count] : expected) counted.try_emplace(window, 0);
  for (const auto& [window, count] : counted) {
    const int64_t wanted = expected[window];
    missing += std::max<int64_t>(0, wanted - count);
    if (!exactly || count == wanted) continue;
    violations.push_back("O9: window " + std::to_string(window.first) + "/" +
                         std::to_string(window.second) + " has " + std::to_string(count) +
                         " records, not " + std::to_string(wanted));
  }
  if (!exactly && missing > late) {
    violations.push_back("O9: windows lack " + std::to_string(missing) + " records, of which " +
                         std::to_string(late) + " are late");
  }
  return violations;
}

}  // namespace sidestream::simulation
