// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/reset_positions.h"

#include <algorithm>
#include <string>
#include <utility>

#include "app/cluster_topics.h"
#include "app/load.h"
#include "serde/json_text.h"
#include "topology/build_plan.h"
#include "topology/scalars.h"

namespace sidestream::app {
namespace {

using Offsets = std::vector<kafka::PartitionOffset>;
using To = ResetArguments::To;

bool Holds(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

/// The topics of the user that the application reads.
Result<std::vector<std::string>> InputsOf(const topology::LoadedTopology& loaded,
                                          const ResetArguments& reset) {
  const topology::PlanResult result = PlanOf(loaded);
  if (result.plan == nullptr) {
    return Status::InvalidConfig("the topology has errors: see `sidestream validate`");
  }
  std::vector<std::string> inputs;
  for (const topology::UserTopic& topic : result.plan->user_topics) {
    if (topic.read) inputs.push_back(topic.name);
  }
  for (const auto* named : {&reset.input_topics, &reset.intermediate_topics}) {
    for (const std::string& topic : *named) {
      if (Holds(inputs, topic)) continue;
      return Status::InvalidConfig("the application does not read the topic: topic=" + topic);
    }
  }
  return inputs;
}

/// What is known of the partitions of one topic, in their order.
struct Known {
  Offsets starts;
  Offsets ends;
  std::vector<kafka::CommittedOffset> committed;
  Offsets at_time;  // empty: not wanted
};

/// Where `reset` wants partition `p` to be read from; empty: as start_from says.
std::optional<Offset> PositionOf(const ResetArguments& reset, bool intermediate, const Known& known,
                                 size_t p) {
  const Offset start = known.starts[p].offset;
  const Offset end = known.ends[p].offset;
  if (intermediate) return end;
  switch (reset.to) {
    case To::kStartFrom:
      return std::nullopt;
    case To::kEarliest:
      return start;
    case To::kLatest:
      return end;
    case To::kOffset:
      return std::clamp(Offset(reset.number), start, end);
    case To::kShift:
      if (!known.committed[p].offset) return std::nullopt;
      return std::clamp(*known.committed[p].offset + reset.number, start, end);
    case To::kTime:
    case To::kAgo:
      // Nothing is so late: what comes from now on is.
      return known.at_time[p].offset < Offset(0) ? end : known.at_time[p].offset;
  }
  return std::nullopt;
}

Result<Known> ReadKnown(const std::vector<TopicPartition>& partitions,
                        const ResetArguments& reset, const std::string& group, kafka::Admin& admin,
                        Waiting& waiting, const Patience& patience) {
  const auto list = [&](kafka::OffsetSpec spec) {
    return Ask<Offsets>(
        [&, spec] {
          return admin.ListOffsets(partitions, spec, kafka::IsolationLevel::kReadUncommitted);
        },
        "offsets of " + partitions.front().topic, waiting, patience);
  };
  Known known;
  ASSIGN_OR_RETURN(known.starts, list(kafka::OffsetSpec::kEarliest));
  ASSIGN_OR_RETURN(known.ends, list(kafka::OffsetSpec::kLatest));
  ASSIGN_OR_RETURN(known.committed,
                   Ask<std::vector<kafka::CommittedOffset>>(
                       [&] {
                         return admin.CommittedOffsets(group, partitions, /*require_stable=*/false);
                       },
                       "committed offsets", waiting, patience));
  if (reset.to == To::kTime || reset.to == To::kAgo) {
    const Timestamp time = reset.to == To::kTime ? Timestamp(reset.number)
                                                 : waiting.clock().WallTime() - reset.number;
    ASSIGN_OR_RETURN(known.at_time, list(kafka::OffsetSpec::At(time)));
  }
  return known;
}

/// Takes a number and its unit off; empty: `text` does not begin with them.
std::optional<int64_t> TakeUnit(std::string_view& text, char unit) {
  const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0 || digits > 9 || digits == text.size() || text[digits] != unit) return std::nullopt;
  const int64_t number = *topology::ParseInteger(text.substr(0, digits));
  text.remove_prefix(digits + 1);
  return number;
}

}  // namespace

Result<std::vector<kafka::CommittedOffset>> FindResetPositions(
    const topology::LoadedTopology& loaded, const ResetArguments& reset, kafka::Admin& admin,
    Waiting& waiting, const Patience& patience) {
  std::vector<kafka::CommittedOffset> positions;
  ASSIGN_OR_RETURN(const std::vector<std::string> inputs, InputsOf(loaded, reset));
  if (reset.to == To::kStartFrom && reset.intermediate_topics.empty()) return positions;
  ASSIGN_OR_RETURN(const TopicStates topics, ReadTopics(admin, inputs, waiting, patience));
  for (const auto& [name, state] : topics) {
    const bool intermediate = Holds(reset.intermediate_topics, name);
    const bool wanted = reset.input_topics.empty() || Holds(reset.input_topics, name);
    if (!state.description.exists || (!wanted && !intermediate)) continue;
    std::vector<TopicPartition> partitions;
    for (Partition p = 0; p < state.description.partitions; ++p) partitions.push_back({name, p});
    ASSIGN_OR_RETURN(const Known known,
                     ReadKnown(partitions, reset, loaded.model.application.id, admin, waiting,
                               patience));
    for (size_t p = 0; p < partitions.size(); ++p) {
      const std::optional<Offset> position = PositionOf(reset, intermediate, known, p);
      if (position) positions.push_back({partitions[p], position, ""});
    }
  }
  return positions;
}

std::optional<Timestamp> ParseResetTime(std::string_view text) {
  std::optional<serde::Nanos> time = serde::ParseTimestamp(text);
  if (!time) time = serde::ParseTimestamp(std::string(text) + "Z");
  if (!time) return std::nullopt;
  return Timestamp(time->seconds * 1'000 + time->nanos / 1'000'000);
}

std::optional<Milliseconds> ParseResetDuration(std::string_view text) {
  if (!text.starts_with('P')) return topology::ParseDuration(text);
  text.remove_prefix(1);
  Milliseconds length{0};
  bool empty = true;
  const auto take = [&](char unit, Milliseconds one) {
    const std::optional<int64_t> number = TakeUnit(text, unit);
    if (!number) return;
    length += one * *number;
    empty = false;
  };
  take('D', std::chrono::days(1));
  if (text.starts_with('T') && text.size() > 1) {
    text.remove_prefix(1);
    take('H', std::chrono::hours(1));
    take('M', std::chrono::minutes(1));
    take('S', std::chrono::seconds(1));
  }
  if (empty || !text.empty()) return std::nullopt;
  return length;
}

}  // namespace sidestream::app
