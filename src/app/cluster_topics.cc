// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/cluster_topics.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace sidestream::app {
namespace {

using Settings = std::map<std::string, std::string>;
using Descriptions = std::vector<kafka::TopicDescription>;

Result<Descriptions> Describe(kafka::Admin& admin, const std::vector<std::string>& names,
                              Waiting& waiting, const Patience& patience) {
  return Ask<Descriptions>([&] { return admin.DescribeTopics(names); }, "topics", waiting,
                           patience);
}

/// Asks until `exists` is true of all (false of none), or the patience is over.
Status AwaitExistence(kafka::Admin& admin, const std::vector<std::string>& names, bool exists,
                      Waiting& waiting, const Patience& patience) {
  const MonotonicTime deadline = waiting.clock().Now() + patience.total;
  for (;;) {
    ASSIGN_OR_RETURN(const Descriptions topics, Describe(admin, names, waiting, patience));
    std::vector<std::string> left;
    for (const kafka::TopicDescription& topic : topics) {
      if (topic.exists != exists) left.push_back(topic.name);
    }
    if (left.empty()) return Status::Ok();
    if (waiting.stopping() || waiting.clock().Now() >= deadline) {
      return Status::Unavailable(fmt::format("topics are not yet {} on all brokers: topics={}",
                                             exists ? "visible" : "gone", fmt::join(left, ",")));
    }
    waiting.Pass(Milliseconds(100));
  }
}

}  // namespace

Result<TopicStates> ReadTopics(kafka::Admin& admin, std::vector<std::string> names,
                               Waiting& waiting, const Patience& patience) {
  // A topic that is read and written is asked for once.
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  TopicStates states;
  if (names.empty()) return states;
  ASSIGN_OR_RETURN(const Descriptions topics, Describe(admin, names, waiting, patience));
  for (const kafka::TopicDescription& topic : topics) {
    TopicState& state = states[topic.name];
    state.description = topic;
    if (!topic.exists) continue;
    ASSIGN_OR_RETURN(state.settings,
                     Ask<Settings>([&] { return admin.DescribeTopicSettings(topic.name); },
                                   "settings of " + topic.name, waiting, patience));
  }
  return states;
}

Status CreateTopics(kafka::Admin& admin, std::vector<kafka::NewTopic> topics, Waiting& waiting,
                    const Patience& patience) {
  if (topics.empty()) return Status::Ok();
  std::vector<std::string> names;
  for (const kafka::NewTopic& topic : topics) names.push_back(topic.name);
  const auto created = Ask<kafka::Done>([&] { return admin.CreateTopics(topics); },
                                        "creation of topics", waiting, patience);
  if (!created.ok()) return created.status();
  return AwaitExistence(admin, names, true, waiting, patience);
}

Status DeleteTopics(kafka::Admin& admin, std::vector<std::string> names, Waiting& waiting,
                    const Patience& patience) {
  if (names.empty()) return Status::Ok();
  const auto deleted = Ask<kafka::Done>([&] { return admin.DeleteTopics(names); },
                                        "deletion of topics", waiting, patience);
  if (!deleted.ok()) return deleted.status();
  return AwaitExistence(admin, names, false, waiting, patience);
}

}  // namespace sidestream::app
