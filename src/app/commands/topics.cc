// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// topics: what the application needs in the cluster, beside what is there.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "app/load.h"
#include "app/settings.h"
#include "app/startup_check.h"

namespace sidestream::app {
namespace {

using topology::InternalTopic;

struct Row {
  std::string topic;
  int32_t partitions = 0;
  std::string state;
  std::string use;
};

bool Exists(const StartReport& report, const std::string& topic) {
  const auto found = report.topics.find(topic);
  return found != report.topics.end() && found->second.description.exists;
}

std::string StateOf(const StartReport& report, const std::string& topic) {
  return Exists(report, topic) ? "exists" : "missing";
}

std::vector<Row> Rows(const StartReport& report) {
  std::vector<Row> rows;
  for (const topology::UserTopic& topic : report.plan->user_topics) {
    const char* use = topic.read && topic.written ? "read and written"
                      : topic.read                ? "read"
                                                  : "written";
    rows.push_back({topic.name, topic.partitions, StateOf(report, topic.name),
                    fmt::format("{} as {}", use, topic.alias)});
  }
  for (const InternalTopic& topic : report.plan->internal_topics) {
    std::vector<std::string> settings;
    for (const auto& [name, value] : topic.settings) settings.push_back(name + "=" + value);
    rows.push_back({topic.name, topic.partitions, StateOf(report, topic.name),
                    fmt::format("{}: {}", KindName(topic.kind), fmt::join(settings, " "))});
  }
  return rows;
}

void Print(const std::vector<Row>& rows, std::ostream& out) {
  size_t width = std::string_view("TOPIC").size();
  for (const Row& row : rows) width = std::max(width, row.topic.size());
  out << fmt::format("{:<{}}  PARTITIONS  STATE    USE\n", "TOPIC", width);
  for (const Row& row : rows) {
    out << fmt::format("{:<{}}  {:>10}  {:<7}  {}\n", row.topic, width, row.partitions, row.state,
                       row.use);
  }
}

/// Missing topics that we may create: internal ones, and user topics that say how many
/// partitions they want.
std::vector<kafka::NewTopic> ToCreate(const topology::Model& model, const StartReport& report) {
  std::vector<kafka::NewTopic> topics;
  for (const topology::UserTopic& topic : report.plan->user_topics) {
    const topology::StreamModel* stream = model.FindStream(topic.alias);
    if (Exists(report, topic.name) || stream == nullptr || !stream->partitions) continue;
    topics.push_back({.name = topic.name,
                      .partitions = *stream->partitions,
                      .replication_factor = -1,
                      .settings = {}});
  }
  // With a wrong plan of the user's topics the counts of ours would be wrong for good.
  const bool all_known = report.missing.size() == topics.size() && report.problems.empty();
  if (all_known) {
    topics.insert(topics.end(), report.missing_internal.begin(), report.missing_internal.end());
  }
  return topics;
}

void PrintProblems(const StartReport& report, CommandContext& context) {
  for (const auto* problems : {&report.missing, &report.problems}) {
    for (const StartProblem& problem : *problems) {
      context.err << fmt::format("sidestream: {}\n  to mend it: {}\n", problem.what, problem.mend);
    }
  }
  for (const std::string& warning : report.warnings) {
    context.err << fmt::format("sidestream: warning: {}\n", warning);
  }
}

}  // namespace

int Topics(const Arguments& arguments, CommandContext& context) {
  const topology::LoadedTopology loaded = Load(arguments, context);
  if (!loaded.ok()) return kExitConfig;
  const auto cluster = context.connect(loaded.model.kafka);
  if (!cluster.ok()) return Failed(cluster.status(), context);
  const auto admin = (*cluster)->NewAdmin(loaded.model.application.id + "-topics");
  if (!admin.ok()) return Failed(admin.status(), context);
  const Patience patience{.total = arguments.connect_timeout};
  const CommandHints hints{.files = FileWords(arguments),
                           .bootstrap = BootstrapServers(loaded.model.kafka)};
  const auto check = [&] { return CheckStart(loaded, **admin, context.waiting, patience, hints); };

  auto report = check();
  if (!report.ok()) return Failed(report.status(), context);
  if (arguments.apply && report->plan != nullptr) {
    const std::vector<kafka::NewTopic> topics = ToCreate(loaded.model, *report);
    const Status created = CreateTopics(**admin, topics, context.waiting, patience);
    if (!created.ok()) return Failed(created, context);
    for (const kafka::NewTopic& topic : topics) {
      context.err << fmt::format("created {} with {} partitions\n", topic.name, topic.partitions);
    }
    report = check();
    if (!report.ok()) return Failed(report.status(), context);
  }
  ReportFindings(report->findings, arguments, context);
  if (report->plan == nullptr) return kExitConfig;
  Print(Rows(*report), context.out);
  PrintProblems(*report, context);
  return report->ok() && report->missing_internal.empty() ? kExitOk : kExitFailed;
}

}  // namespace sidestream::app
