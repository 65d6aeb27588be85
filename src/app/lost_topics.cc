// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/lost_topics.h"

#include <algorithm>

#include "time/commit_stamp.h"

namespace sidestream::app {

std::vector<std::string> LostTopics(const StartReport& report, const std::vector<StoreFate>& stores,
                                    const checkpoint::PlanRecord& recorded) {
  const auto was_changelog = [&](const std::string& topic) {
    return std::ranges::any_of(stores, [&](const StoreFate& store) {
      return store.changelog == topic &&
             (store.fate == Fate::kKept || store.fate == Fate::kMigrated);
    });
  };
  const auto was_planned = [&](const std::string& topic) {
    return std::ranges::find(recorded.repartition_topics, topic) !=
           recorded.repartition_topics.end();
  };
  std::vector<std::string> lost;
  for (const kafka::NewTopic& topic : report.missing_internal) {
    if (was_changelog(topic.name) || was_planned(topic.name)) lost.push_back(topic.name);
  }
  return lost;
}

Result<bool> HasCommitted(const StartReport& report, kafka::Admin& admin, Waiting& waiting,
                          const Patience& patience) {
  std::vector<TopicPartition> inputs;
  for (const topology::SubTopology& sub : report.plan->sub_topologies) {
    for (const topology::Input& input : sub.inputs) {
      for (Partition p = 0; p < input.partitions; ++p) inputs.push_back({input.topic, p});
    }
  }
  ASSIGN_OR_RETURN(const auto committed,
                   Ask<std::vector<kafka::CommittedOffset>>(
                       [&] { return admin.CommittedOffsets(report.plan->group_id, inputs, false); },
                       "committed offsets", waiting, patience));
  return std::ranges::any_of(committed, [](const kafka::CommittedOffset& offset) {
    const auto stamp = time::DecodeCommitStamp(offset.metadata);
    return offset.offset && stamp.ok() && stamp->has_value();
  });
}

}  // namespace sidestream::app
