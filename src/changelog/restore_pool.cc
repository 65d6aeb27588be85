// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "changelog/restore_pool.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace sidestream::changelog {
namespace {

// Answers of the cluster are waited for; an idle lane should hardly wake up.
constexpr Milliseconds kAnswerPause{1};
constexpr Milliseconds kIdlePause{10};

}  // namespace

RestorePool::RestorePool(kafka::Admin& admin, const std::vector<kafka::LogReader*>& readers,
                         const Clock& clock, StoreRestorerOptions options, RestoreRules rules)
    : clock_(clock) {
  CHECK(!readers.empty());
  for (kafka::LogReader* reader : readers) {
    lanes_.push_back(std::make_unique<Lane>(admin, *reader, clock, options, rules));
  }
}

RestorePool::~RestorePool() = default;

void RestorePool::Post(Lane& lane, Request request) {
  const std::lock_guard lock(lane.mutex);
  lane.requests.push_back(std::move(request));
}

void RestorePool::Register(const TaskId& task, statestore::TaskState& state, FarRestore far) {
  Lane& lane = **std::min_element(lanes_.begin(), lanes_.end(),
                                  [](const auto& a, const auto& b) { return a->tasks < b->tasks; });
  const bool added = lane_of_.emplace(task, &lane).second;
  CHECK(added) << "registered twice: " << task;
  ++lane.tasks;
  Post(lane, {task, &state, far});
}

void RestorePool::Cancel(const TaskId& task) {
  const auto found = lane_of_.find(task);
  CHECK(found != lane_of_.end()) << task;
  Post(*found->second, {.task = task});
}

std::vector<RestoreOutcome> RestorePool::TakeOutcomes() {
  std::vector<RestoreOutcome> taken;
  for (const auto& lane : lanes_) {
    std::vector<RestoreOutcome> outcomes;
    {
      const std::lock_guard lock(lane->mutex);
      outcomes.swap(lane->outcomes);
    }
    for (RestoreOutcome& outcome : outcomes) {
      lane_of_.erase(outcome.task);
      --lane->tasks;
      taken.push_back(std::move(outcome));
    }
  }
  return taken;
}

Milliseconds RestorePool::StepLane(size_t index) {
  Lane& lane = *lanes_.at(index);
  std::vector<Request> requests;
  {
    const std::lock_guard lock(lane.mutex);
    requests.swap(lane.requests);
  }
  std::vector<RestoreOutcome> outcomes;
  for (const Request& request : requests) {
    if (request.state != nullptr) {
      lane.restorer.Register(request.task, *request.state, request.far);
    } else if (auto cancelled = lane.restorer.Cancel(request.task)) {
      outcomes.push_back(*std::move(cancelled));
    }
  }
  const bool idle = lane.restorer.idle();
  if (!idle) {
    for (RestoreOutcome& outcome : lane.restorer.Step(clock_.Now())) {
      outcomes.push_back(std::move(outcome));
    }
  }
  if (!outcomes.empty()) {
    const std::lock_guard lock(lane.mutex);
    for (RestoreOutcome& outcome : outcomes) lane.outcomes.push_back(std::move(outcome));
  }
  if (idle) return kIdlePause;
  return lane.restorer.read_something() ? Milliseconds(0) : kAnswerPause;
}

StoreRestorer::ProgressReport RestorePool::Progress() const {
  StoreRestorer::ProgressReport sum;
  for (const auto& lane : lanes_) {
    const StoreRestorer::ProgressReport part = lane->restorer.Progress();
    sum.restored_records += part.restored_records;
    sum.remaining_records += part.remaining_records;
    sum.passed_offsets += part.passed_offsets;
    sum.collected_bytes += part.collected_bytes;
  }
  return sum;
}

}  // namespace sidestream::changelog
