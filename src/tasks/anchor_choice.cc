// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tasks/anchor_choice.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/log.h"
#include "time/commit_stamp.h"

namespace sidestream::tasks {
namespace {

using Anchors = std::set<uint64_t>;

/// Of every topic, what its stamps record.
Result<std::map<std::string, Anchors>> RecordedAnchors(
    std::span<const kafka::CommittedOffset> committed) {
  std::map<std::string, Anchors> recorded;
  for (const kafka::CommittedOffset& offset : committed) {
    if (!offset.offset) continue;
    auto stamp = time::DecodeCommitStamp(offset.metadata);
    if (!stamp.ok()) return stamp.status().WithContext(ToString(offset.partition));
    if (*stamp) recorded[offset.partition.topic].insert((*stamp)->anchor_hash);
  }
  return recorded;
}

/// The input that all stamps name, if it may own the tasks.
std::optional<size_t> KeptAnchor(const SubTopologySpec& spec, const Anchors& recorded) {
  if (recorded.size() != 1) return std::nullopt;
  for (size_t i = 0; i < spec.inputs.size(); ++i) {
    if (spec.inputs[i].partitions != spec.task_count()) continue;
    if (time::AnchorHash(spec.inputs[i].topic) == *recorded.begin()) return i;
  }
  return std::nullopt;
}

}  // namespace

std::vector<TopicPartition> InputPartitions(const ApplicationSpec& application) {
  std::vector<TopicPartition> partitions;
  for (const SubTopologySpec& spec : application.sub_topologies) {
    for (const InputSpec& input : spec.inputs) {
      for (Partition p = 0; p < input.partitions; ++p) partitions.push_back({input.topic, p});
    }
  }
  return partitions;
}

Status SettleAnchors(std::span<const kafka::CommittedOffset> committed, bool group_has_members,
                     ApplicationSpec& application) {
  ASSIGN_OR_RETURN(const auto by_topic, RecordedAnchors(committed));
  application.recorded_topics.clear();
  for (SubTopologySpec& spec : application.sub_topologies) {
    Anchors recorded;
    for (const InputSpec& input : spec.inputs) {
      const auto found = by_topic.find(input.topic);
      if (found != by_topic.end()) recorded.insert(found->second.begin(), found->second.end());
    }
    spec.former_anchors.clear();
    if (recorded.empty()) continue;
    if (const std::optional<size_t> kept = KeptAnchor(spec, recorded)) {
      spec.anchor = *kept;
      spec.name = spec.anchor_topic();
      if (group_has_members) application.recorded_topics.push_back(spec.name);
      continue;
    }
    if (group_has_members) {
      return Status::InvalidConfig(
          "another version of the topology runs and owns the same tasks through another input: "
          "stop all of its instances first, then start this one: input=" +
          spec.anchor_topic());
    }
    log::Info("tasks", "tasks are owned through another input from now on: input={}",
              spec.anchor_topic());
    spec.former_anchors = std::move(recorded);
  }
  return Status::Ok();
}

}  // namespace sidestream::tasks
