// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/rights_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <set>
#include <string_view>
#include <vector>

namespace sidestream::app {
namespace {

using kafka::Right;
using topology::InternalTopic;

using TopicRights = std::map<std::string, std::set<Right>>;

std::string_view RightName(Right right) {
  switch (right) {
    case Right::kRead:
      return "READ";
    case Right::kWrite:
      return "WRITE";
    case Right::kDelete:
      return "DELETE";
    case Right::kDescribe:
      return "DESCRIBE";
    case Right::kDescribeConfigs:
      return "DESCRIBE_CONFIGS";
  }
  return "";
}

/// What the plan does with each topic.
TopicRights NeededRights(const topology::Plan& plan) {
  TopicRights needed;
  for (const topology::UserTopic& topic : plan.user_topics) {
    std::set<Right>& rights = needed[topic.name];
    rights.insert(Right::kDescribe);
    if (topic.read) rights.insert(Right::kRead);
    if (topic.written) rights.insert(Right::kWrite);
  }
  for (const InternalTopic& topic : plan.internal_topics) {
    std::set<Right>& rights = needed[topic.name];
    rights = {Right::kWrite, Right::kDescribe, Right::kDescribeConfigs};
    // Dead letters are read by `sidestream dlq`, whoever calls that.
    if (topic.kind != InternalTopic::Kind::kDeadLetters) rights.insert(Right::kRead);
    // What everybody has read is purged.
    if (topic.kind == InternalTopic::Kind::kRepartition) rights.insert(Right::kDelete);
  }
  return needed;
}

std::vector<std::string_view> Missing(const std::set<Right>& needed, const std::set<Right>& have) {
  std::vector<std::string_view> missing;
  for (const Right right : needed) {
    if (!have.contains(right)) missing.push_back(RightName(right));
  }
  return missing;
}

}  // namespace

void CheckRights(const topology::Plan& plan, kafka::RightsReader& reader, Waiting& waiting,
                 Milliseconds limit,
                 const std::function<topology::Position(const std::string&)>& place_of,
                 topology::Findings& findings) {
  const TopicRights needed = NeededRights(plan);
  std::vector<std::string> names;
  for (const auto& [name, _] : needed) names.push_back(name);
  const auto have = Await<TopicRights>(reader.TopicRights(names), waiting, limit);
  if (have.ok()) {
    for (const auto& [name, rights] : *have) {
      // An empty list is that of a cluster which does not list them.
      const auto wanted = needed.find(name);
      if (rights.empty() || wanted == needed.end()) continue;
      const auto missing = Missing(wanted->second, rights);
      if (missing.empty()) continue;
      findings.Error("SS5007", place_of(name),
                     fmt::format("the user lacks rights on the topic {}: {}", name,
                                 fmt::join(missing, ", ")),
                     fmt::format("grant {} on the topic {}", fmt::join(missing, ", "), name));
    }
  }
  const auto group = Await<std::set<Right>>(reader.GroupRights(plan.group_id), waiting, limit);
  if (!group.ok() || group->empty()) return;
  const auto missing = Missing({Right::kRead, Right::kDescribe}, *group);
  if (missing.empty()) return;
  findings.Error("SS5007", topology::Position{},
                 fmt::format("the user lacks rights on the consumer group {}: {}", plan.group_id,
                             fmt::join(missing, ", ")),
                 fmt::format("grant {} on the group {}", fmt::join(missing, ", "), plan.group_id));
}

}  // namespace sidestream::app
