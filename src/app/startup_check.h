// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What must be true of the cluster before an application may start: its topics exist, with
// the right partition counts and settings. Everything that is wrong is found in one go, each
// with the command that mends it.
//
// Place in the flow: `run` starts with it, `topics` prints it. It changes nothing; missing
// internal topics are named, and created by who is entitled to (CreateTopics).
//
// Threading: confined to the command's thread.

#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/cluster_topics.h"
#include "app/waiting.h"
#include "base/status.h"
#include "kafka/admin.h"
#include "topology/build_plan.h"
#include "topology/loader.h"

namespace sidestream::app {

/// Something that keeps the application from starting, and the command that mends it.
struct StartProblem {
  std::string what;
  std::string mend;
  /// The topic of the user that is missing; else empty.
  std::string topic = {};
};

/// Words that suggested commands need.
struct CommandHints {
  /// " -f a.yaml": load.h.
  std::string files;
  std::string bootstrap;
};

struct StartReport {
  /// For the partition counts that were found; a topic that is missing counts as declared. Null
  /// when `findings` has an error.
  std::shared_ptr<const topology::Plan> plan;
  /// Of the plan. Warnings are here too.
  std::vector<topology::Finding> findings;
  /// Topics of the user that do not exist.
  std::vector<StartProblem> missing;
  /// Everything else that is wrong.
  std::vector<StartProblem> problems;
  /// Worth a log line, no reason to stop.
  std::vector<std::string> warnings;
  /// Every topic of the plan.
  TopicStates topics;
  /// Internal topics to create, in the plan's order.
  std::vector<kafka::NewTopic> missing_internal;
  /// How long the brokers keep offsets that a group has committed, if we may know.
  std::optional<std::chrono::minutes> offsets_retention;

  /// Whether the application may start once `missing_internal` is created.
  bool ok() const { return plan != nullptr && missing.empty() && problems.empty(); }
};

/// As users read it: "repartition".
std::string_view KindName(topology::InternalTopic::Kind kind);

/// The topic as it is created.
kafka::NewTopic NewTopicOf(const topology::InternalTopic& topic);

/// Fails only when the cluster cannot be asked: kUnavailable after `patience`, kInvalidConfig
/// for wrong credentials.
Result<StartReport> CheckStart(const topology::LoadedTopology& loaded, kafka::Admin& admin,
                               Waiting& waiting, const Patience& patience,
                               const CommandHints& hints);

}  // namespace sidestream::app
