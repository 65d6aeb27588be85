// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/startup_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <string_view>

#include "app/load.h"
#include "operators/checked_plan.h"

namespace sidestream::app {
namespace {

using topology::InternalTopic;
using topology::Plan;

// A commit must not be forgotten over a long weekend without records (KIP-211).
constexpr int64_t kOffsetsRetentionMinutesMin = 2 * 24 * 60;

/// The words of a list setting ("compact,delete") in one order, so that lists compare as sets.
std::string Normalized(const std::string& name, const std::string& value) {
  if (name != "cleanup.policy") return value;
  std::set<std::string_view> words;
  for (size_t start = 0; start <= value.size();) {
    const size_t end = std::min(value.find(',', start), value.size());
    words.insert(std::string_view(value).substr(start, end - start));
    start = end + 1;
  }
  return fmt::format("{}", fmt::join(words, ","));
}

std::string KafkaTool(const std::string& tool, const CommandHints& hints) {
  return fmt::format("{} --bootstrap-server {}", tool, ShellWord(hints.bootstrap));
}

/// The stream that declares `topic`; every user topic has one.
const topology::StreamModel* StreamOf(const topology::Model& model, const std::string& topic) {
  for (const topology::StreamModel& stream : model.streams) {
    for (const topology::Named& name : stream.topics) {
      if (name.text == topic) return &stream;
    }
  }
  return nullptr;
}

/// Counts as the cluster has them. A missing topic counts as declared, or as its siblings in
/// `topics:`, so that one missing topic does not bring findings about its count.
topology::PartitionCounts CountsOf(const topology::Model& model, const TopicStates& topics) {
  topology::PartitionCounts counts = topology::DeclaredPartitionCounts(model, 1);
  for (const auto& [name, state] : topics) {
    if (state.description.exists) counts[name] = state.description.partitions;
  }
  for (const auto& [name, state] : topics) {
    const topology::StreamModel* stream = StreamOf(model, name);
    if (state.description.exists || stream == nullptr) continue;
    for (const topology::Named& sibling : stream->topics) {
      const auto found = topics.find(sibling.text);
      if (found != topics.end() && found->second.description.exists) {
        counts[name] = found->second.description.partitions;
      }
    }
  }
  return counts;
}

void CheckUserTopics(const topology::Model& model, const TopicStates& topics,
                     const CommandHints& hints, StartReport& report) {
  for (const std::string& name : topology::UserTopicNames(model)) {
    const auto found = topics.find(name);
    if (found != topics.end() && found->second.description.exists) continue;
    const topology::StreamModel* stream = StreamOf(model, name);
    const bool declared = stream != nullptr && stream->partitions.has_value();
    report.missing.push_back(
        {.what = fmt::format("a topic does not exist: topic={} stream={}", name,
                             stream == nullptr ? "" : stream->name.text),
         .mend = declared ? fmt::format("sidestream topics{} --apply", hints.files)
                          : KafkaTool("kafka-topics.sh", hints) +
                                fmt::format(" --create --topic {} --partitions N", name),
         .topic = name});
  }
}

void CheckSettings(const InternalTopic& wanted, const TopicState& state, const CommandHints& hints,
                   StartReport& report) {
  std::vector<std::string> wrong;
  std::vector<std::string> right;
  for (const auto& [name, value] : wanted.settings) {
    const auto found = state.settings.find(name);
    const std::string have = found == state.settings.end() ? "(not set)" : found->second;
    if (Normalized(name, have) == Normalized(name, value)) continue;
    wrong.push_back(fmt::format("{}={} want {}", name, have, value));
    // The tool splits at commas unless a list stands in brackets.
    const bool list = value.find(',') != std::string::npos;
    right.push_back(list ? fmt::format("{}=[{}]", name, value) : fmt::format("{}={}", name, value));
  }
  if (wrong.empty()) return;
  report.problems.push_back(
      {.what = fmt::format("an internal topic has other settings: topic={} kind={} {}", wanted.name,
                           KindName(wanted.kind), fmt::join(wrong, ", ")),
       .mend = KafkaTool("kafka-configs.sh", hints) +
               fmt::format(" --alter --entity-type topics --entity-name {} --add-config {}",
                           wanted.name, ShellWord(fmt::format("{}", fmt::join(right, ","))))});
}

/// The input that gives `topic`, a changelog, its number of partitions; null: another kind.
const topology::Input* AnchorOf(const Plan& plan, const std::string& topic) {
  for (const topology::SubTopology& sub : plan.sub_topologies) {
    for (const topology::Store& store : sub.stores) {
      if (store.changelog_topic != topic) continue;
      for (const topology::Input& input : sub.inputs) {
        if (input.topic == sub.anchor_topic) return &input;
      }
    }
  }
  return nullptr;
}

/// Partitions are only ever added, so of a repartition topic and its changelog the larger one was
/// altered. The plan takes the count of the repartition topic for granted.
void CheckCount(const Plan& plan, const InternalTopic& wanted, int32_t have,
                const CommandHints& hints, StartReport& report) {
  if (have == wanted.partitions) return;
  const topology::Input* anchor = AnchorOf(plan, wanted.name);
  StartProblem problem;
  if (anchor != nullptr && anchor->kind == topology::Input::Kind::kRepartition &&
      anchor->partitions > have) {
    problem.what = fmt::format(
        "a repartition topic has another number of partitions than the changelog behind it: "
        "topic={} have={} want={} changelog={}",
        anchor->topic, anchor->partitions, have, wanted.name);
    problem.mend = fmt::format(
        "partitions cannot be taken away, start anew without state: sidestream reset{} --apply",
        hints.files);
  } else {
    problem.what = fmt::format(
        "an internal topic has another number of partitions than its input asks for: topic={} "
        "have={} want={} kind={}{}",
        wanted.name, have, wanted.partitions, KindName(wanted.kind),
        anchor == nullptr ? "" : " input=" + anchor->topic);
    problem.mend = fmt::format(
        "give the input its old number back, or start anew without state: sidestream reset{} "
        "--apply",
        hints.files);
  }
  report.problems.push_back(std::move(problem));
}

void CheckInternalTopics(const Plan& plan, const TopicStates& topics, const CommandHints& hints,
                         StartReport& report) {
  for (const InternalTopic& wanted : plan.internal_topics) {
    const auto found = topics.find(wanted.name);
    if (found == topics.end() || !found->second.description.exists) {
      report.missing_internal.push_back(NewTopicOf(wanted));
      continue;
    }
    CheckCount(plan, wanted, found->second.description.partitions, hints, report);
    CheckSettings(wanted, found->second, hints, report);
  }
}

std::optional<int64_t> NumberOf(const std::map<std::string, std::string>& settings,
                                const std::string& name) {
  const auto found = settings.find(name);
  if (found == settings.end()) return std::nullopt;
  int64_t number = 0;
  const char* end = found->second.data() + found->second.size();
  const auto parsed = std::from_chars(found->second.data(), end, number);
  return parsed.ec == std::errc() && parsed.ptr == end ? std::optional(number) : std::nullopt;
}

/// Settings of the brokers that make trouble later. Who may not ask is not bothered.
void CheckBroker(kafka::Admin& admin, Waiting& waiting, const Patience& patience,
                 StartReport& report) {
  const auto settings = Await<std::map<std::string, std::string>>(
      admin.DescribeBrokerSettings(), waiting, std::min(patience.total, patience.per_request));
  if (!settings.ok()) return;
  const auto retention = NumberOf(*settings, "offsets.retention.minutes");
  if (retention && *retention > 0) report.offsets_retention = std::chrono::minutes(*retention);
  if (retention && *retention < kOffsetsRetentionMinutesMin) {
    report.warnings.push_back(
        fmt::format("the cluster forgets committed offsets soon after the last instance has "
                    "stopped: offsets.retention.minutes={}",
                    *retention));
  }
}

}  // namespace

std::string_view KindName(InternalTopic::Kind kind) {
  switch (kind) {
    case InternalTopic::Kind::kRepartition:
      return "repartition";
    case InternalTopic::Kind::kChangelog:
      return "changelog";
    case InternalTopic::Kind::kControl:
      return "control";
    case InternalTopic::Kind::kPresence:
      return "presence";
    case InternalTopic::Kind::kDeadLetters:
      return "dead letters";
  }
  return "";
}

kafka::NewTopic NewTopicOf(const InternalTopic& topic) {
  kafka::NewTopic made{.name = topic.name,
                       .partitions = topic.partitions,
                       .replication_factor = -1,
                       .settings = topic.settings};
  made.settings.insert(topic.settings_at_creation.begin(), topic.settings_at_creation.end());
  return made;
}

Result<StartReport> CheckStart(const topology::LoadedTopology& loaded, kafka::Admin& admin,
                               Waiting& waiting, const Patience& patience,
                               const CommandHints& hints) {
  const topology::Model& model = loaded.model;
  StartReport report;
  ASSIGN_OR_RETURN(report.topics,
                   ReadTopics(admin, topology::UserTopicNames(model), waiting, patience));
  CheckUserTopics(model, report.topics, hints, report);

  // Two passes: the first says which internal topics there are, and the counts of those that
  // exist already go into the second.
  topology::PlanResult result =
      operators::BuildCheckedPlan(model, loaded.files, CountsOf(model, report.topics));
  if (result.plan != nullptr) {
    std::vector<std::string> names;
    for (const InternalTopic& topic : result.plan->internal_topics) names.push_back(topic.name);
    ASSIGN_OR_RETURN(const TopicStates internal, ReadTopics(admin, names, waiting, patience));
    report.topics.insert(internal.begin(), internal.end());
    result = operators::BuildCheckedPlan(model, loaded.files, CountsOf(model, report.topics));
  }
  report.plan = result.plan;
  report.findings = std::move(result.findings);
  if (report.plan != nullptr) CheckInternalTopics(*report.plan, report.topics, hints, report);
  CheckBroker(admin, waiting, patience, report);
  return report;
}

}  // namespace sidestream::app
