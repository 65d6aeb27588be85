// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/rights_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace sidestream::app {
namespace {

using kafka::Right;
using topology::InternalTopic;

using TopicRights = std::map<std::string, std::set<Right>>;
using Settings = std::map<std::string, std::string>;

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
    rights = {Right::kDescribe, Right::kDescribeConfigs};
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

bool CheckVisible(const topology::Plan& plan, kafka::Admin& admin, kafka::RightsReader& reader,
                  Waiting& waiting, Milliseconds limit, const TopicPlaces& place_of,
                  topology::Findings& findings) {
  const TopicRights needed = NeededRights(plan);
  // This question leaves out what may not be seen. When it fails, too, the user is refused as such.
  const auto seen = Await<TopicRights>(reader.TopicRights({needed.begin()->first}), waiting, limit);
  if (!seen.ok()) return false;
  const auto refused = [](const Status& status) {
    return status.code() == StatusCode::kInvalidConfig;
  };
  bool found = false;
  for (const auto& [name, rights] : needed) {
    const auto topic =
        Await<std::vector<kafka::TopicDescription>>(admin.DescribeTopics({name}), waiting, limit);
    std::string hidden;
    if (refused(topic.status())) {
      hidden = fmt::format("the topic {}, if it exists", name);
    } else if (topic.ok() && topic->front().exists &&
               refused(
                   Await<Settings>(admin.DescribeTopicSettings(name), waiting, limit).status())) {
      hidden = fmt::format("the settings of the topic {}", name);
    } else {
      continue;
    }
    found = true;
    findings.Error(
        "SS5007", place_of(name), fmt::format("the user may not see {}", hidden),
        fmt::format("grant {} on the topic {}", fmt::join(Missing(rights, {}), ", "), name));
  }
  return found;
}

void CheckRights(const topology::Plan& plan, kafka::RightsReader& reader, Waiting& waiting,
                 Milliseconds limit, const TopicPlaces& place_of, topology::Findings& findings) {
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
      findings.Error(
          "SS5007", place_of(name),
          fmt::format("the user lacks rights on the topic {}: {}", name, fmt::join(missing, ", ")),
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

void CheckCreation(std::vector<kafka::NewTopic> topics, kafka::RightsReader& reader,
                   Waiting& waiting, Milliseconds limit, topology::Findings& findings) {
  if (topics.empty()) return;
  const auto answer = Await<kafka::Done>(reader.MayCreateTopics(std::move(topics)), waiting, limit);
  if (answer.ok() || answer.status().code() != StatusCode::kInvalidConfig) return;
  findings.Error("SS5007", topology::Position{},
                 fmt::format("the cluster would not create the internal topics: {}",
                             answer.status().message()),
                 "grant CREATE on them, or let someone who may run: sidestream topics --apply");
}

void CheckTransactionalIds(const topology::Plan& plan, kafka::Cluster& cluster, Waiting& waiting,
                           Milliseconds limit, topology::Findings& findings) {
  const std::string id = plan.transactional_id_prefix + "validate";
  const auto producer = cluster.NewProducer({.client_id = id, .transactional_id = id});
  // What the client makes of its settings is a finding of its own.
  if (!producer.ok()) return;
  const MonotonicTime deadline = waiting.clock().Now() + limit;
  (*producer)->StartInit();
  std::optional<Status> answer;
  while (!answer && !waiting.stopping() && waiting.clock().Now() < deadline) {
    answer = (*producer)->Poll(Milliseconds(0));
    if (!answer) waiting.Pass(Milliseconds(5));
  }
  if (!answer || answer->code() != StatusCode::kInvalidConfig) return;
  findings.Error("SS5007", topology::Position{},
                 fmt::format("the user may not use transactional ids that begin with {}: {}",
                             plan.transactional_id_prefix, answer->message()),
                 fmt::format("grant WRITE and DESCRIBE on transactional ids with the prefix {}",
                             plan.transactional_id_prefix));
}

}  // namespace sidestream::app
