// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tasks/refusals.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/log.h"
#include "tasks/stream_task.h"

namespace sidestream::tasks {
namespace {

constexpr size_t kRecordsAtFirst = 512;
// So few steps lead to one record that a retry costs little, and so many that one bad record does
// not make thousands of transactions of its neighbours.
constexpr size_t kNarrowing = 8;
constexpr size_t kWidening = 2;

std::string PlaceOf(const kafka::DeliveryFailure& failure) {
  return "topic=" + failure.topic + " partition=" + std::to_string(failure.partition);
}

std::vector<Offset> PositionsOf(const StreamTask& task) {
  std::vector<Offset> positions;
  for (size_t i = 0; i < task.input_count(); ++i) positions.push_back(task.position(i));
  return positions;
}

std::string PositionText(const StreamTask& task) {
  std::string text;
  for (size_t i = 0; i < task.input_count(); ++i) {
    text += (i == 0 ? "" : ",") + ToString(task.input(i)) + "@" +
            std::to_string(task.position(i).value());
  }
  return text;
}

/// What the user can do, by the reaction that the failure asks for.
const char* Advice(StatusCode code) {
  switch (code) {
    case StatusCode::kInvalidConfig:
      return "allow this application to write to the topic";
    case StatusCode::kStopped:
      return "create the topic again, or take it out of the topology";
    default:
      return "compare the record with the topic's max.message.bytes, message.timestamp.* and "
             "cleanup.policy (limits are read at the start: a restart takes changed ones), or let "
             "`errors.production` skip it or put it aside";
  }
}

std::string Describe(const kafka::DeliveryFailure& failure, const StreamTask& task) {
  return "the broker refuses a record: " + PlaceOf(failure) + " task=" + ToString(task.id()) +
         " position=" + PositionText(task) + ": " + failure.status.message();
}

bool HasPolicy(const kafka::DeliveryFailure& failure, const StreamTask& task) {
  const StatusCode code = failure.status.code();
  return (code == StatusCode::kBadRecord || code == StatusCode::kInvalidConfig) &&
         task.HasOutput(failure.topic);
}

}  // namespace

Refusals::Verdict Refusals::Note(const kafka::DeliveryFailure& failure,
                                 const std::vector<StreamTask*>& involved) {
  std::vector<StreamTask*> writers;
  std::copy_if(involved.begin(), involved.end(), std::back_inserter(writers),
               [&](const StreamTask* task) { return task->WritesTo(failure.topic); });
  const bool alone = writers.size() == 1;
  for (StreamTask* task : writers) {
    Suspect& suspect = suspects_[task->id()];
    const std::string place = PlaceOf(failure);
    std::vector<Offset> positions = PositionsOf(*task);
    const bool again = suspect.positions == positions && suspect.place == place;
    suspect.refused = again ? suspect.refused + 1 : 1;
    const bool single = suspect.records == 1 && suspect.alone && alone;
    suspect.positions = std::move(positions);
    suspect.place = place;
    suspect.records =
        suspect.records == 0 ? kRecordsAtFirst : std::max<size_t>(1, suspect.records / kNarrowing);
    suspect.alone = true;
    log::Warning("tasks", "{} (time {} at this position, next with {} records at most)",
                 Describe(failure, *task), suspect.refused, suspect.records);
    if (!single || suspect.refused < kAttempts) continue;
    const StatusCode code = failure.status.code();
    Verdict verdict{Verdict::Kind::kGiveUp, task->id(),
                    Status(code, Describe(failure, *task) + "; " + Advice(code))};
    if (HasPolicy(failure, *task) && !suspect.asked_policy) {
      suspect.asked_policy = true;
      verdict.kind = Verdict::Kind::kAskPolicy;
    }
    return verdict;
  }
  return {};
}

void Refusals::Committed(const TaskId& id) {
  const auto found = suspects_.find(id);
  if (found == suspects_.end()) return;
  found->second.asked_policy = false;
  found->second.records *= kWidening;
  if (found->second.records > kRecordsAtFirst) suspects_.erase(found);
}

void Refusals::Rested(const TaskId& id) {
  const auto found = suspects_.find(id);
  if (found != suspects_.end()) found->second.alone = false;
}

std::optional<size_t> Refusals::RecordsAlone(const TaskId& id) const {
  const auto found = suspects_.find(id);
  if (found == suspects_.end() || !found->second.alone) return std::nullopt;
  return found->second.records;
}

}  // namespace sidestream::tasks
