// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tasks/standby_keeper.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/log.h"
#include "tasks/task_registry.h"

namespace sidestream::tasks {
namespace {

constexpr Milliseconds kLookInterval{1'000};
// A round of a standby asks the cluster some four questions, so many standbys take turns of longer.
constexpr Milliseconds kLookIntervalEach{20};
constexpr Milliseconds kFlushInterval{60'000};
// Says that the directory is complete, though nothing came (R8).
constexpr Milliseconds kQuietFlushInterval{3'600'000};
constexpr Milliseconds kRetry{10'000};

/// Partitions of the changelogs of a task.
std::vector<TopicPartition> ChangelogsOf(const SubTopologySpec& spec, const TaskId& task) {
  std::vector<TopicPartition> changelogs;
  for (const statestore::StoreSpec& store : spec.stores) {
    if (!store.changelog_topic.empty()) {
      changelogs.push_back({store.changelog_topic, task.partition});
    }
  }
  return changelogs;
}

}  // namespace

StandbyKeeper::StandbyKeeper(const ApplicationSpec& application, Dependencies dependencies)
    : application_(application), dependencies_(dependencies) {}

StandbyKeeper::~StandbyKeeper() {
  // In order they were let go of before; this is a crash.
  for (auto& [task, standby] : standbys_) Close(task, standby, /*dirty=*/true);
}

void StandbyKeeper::WantedAre(const std::set<TaskId>& tasks) {
  for (const TaskId& task : tasks) {
    Standby& standby = standbys_[task];
    if (standby.spec == nullptr) standby.spec = FindSubTopology(application_, task.anchor_topic);
  }
  for (auto& [task, standby] : standbys_) {
    if (!tasks.contains(task)) Release(task);
  }
}

bool StandbyKeeper::Release(const TaskId& task) {
  const auto found = standbys_.find(task);
  if (found == standbys_.end()) return true;
  Standby& standby = found->second;
  if (standby.leaving) return false;
  standby.leaving = true;
  if (standby.stage == Stage::kReading) dependencies_.restores.Cancel(task);
  return false;
}

void StandbyKeeper::Step() {
  for (const changelog::RestoreOutcome& outcome : dependencies_.restores.TakeOutcomes()) {
    OnOutcome(outcome);
  }
  DropLeaving();
  const MonotonicTime now = dependencies_.clock.Now();
  for (auto& [task, standby] : standbys_) {
    if (standby.stage == Stage::kClosed && now >= standby.not_before) Open(task, standby);
    if (standby.stage == Stage::kSeeking) SeekImage(task, standby);
    MaybeFlush(task, standby);
  }
  Look();
  counters_.standbys.store(static_cast<int64_t>(standbys_.size()), std::memory_order_relaxed);
}

void StandbyKeeper::MaybeFlush(const TaskId& task, Standby& standby) {
  if (standby.stage != Stage::kResting) return;
  const MonotonicTime now = dependencies_.clock.Now();
  if (now - standby.flushed_at < (standby.moved ? kFlushInterval : kQuietFlushInterval)) return;
  standby.flushed_at = now;
  standby.moved = false;
  const Status flushed = standby.state->Flush(standby.complete_at);
  if (!flushed.ok()) Later(task, standby, flushed);
}

void StandbyKeeper::DropLeaving() {
  for (auto entry = standbys_.begin(); entry != standbys_.end();) {
    Standby& standby = entry->second;
    if (!standby.leaving || standby.stage == Stage::kReading) {
      ++entry;
      continue;
    }
    Close(entry->first, standby, /*dirty=*/false);
    entry = standbys_.erase(entry);
  }
}

void StandbyKeeper::Open(const TaskId& task, Standby& standby) {
  for (const statestore::StoreSpec& store : standby.spec->stores) {
    // The rows may be of another version of the topology, whose instances own the task.
    const Status known =
        dependencies_.control.CheckStore(store.name, store.layout, application_.may_lose_state);
    if (!known.ok()) return Later(task, standby, known);
  }
  auto state = dependencies_.states.Open(task, standby.spec->stores);
  if (!state.ok()) return Later(task, standby, state.status());
  standby.state = std::move(state).value();
  standby.flushed_at = dependencies_.clock.Now();
  const bool seek = dependencies_.images != nullptr && !standby.sought;
  Follow(task, standby, seek ? changelog::FarRestore::kAsk : changelog::FarRestore::kRead);
}

void StandbyKeeper::Follow(const TaskId& task, Standby& standby, changelog::FarRestore far) {
  standby.stage = Stage::kReading;
  standby.begun_at = dependencies_.clock.WallTime();
  dependencies_.restores.Register(task, *standby.state, far);
}

void StandbyKeeper::Seek(const TaskId& task, Standby& standby,
                         std::vector<changelog::LogAhead> logs) {
  standby.sought = true;
  standby.stage = Stage::kSeeking;
  // What the group has committed is compared when the task is opened (R2).
  standby.image = std::make_unique<ImageRestore>(
      *dependencies_.images, dependencies_.clock, task,
      changelog::RestoreAhead{.logs = std::move(logs),
                              .committed = CommitSequence(std::numeric_limits<int64_t>::max()),
                              .tasks = standby.spec->task_count()});
}

void StandbyKeeper::SeekImage(const TaskId& task, Standby& standby) {
  const std::optional<std::filesystem::path> found = standby.image->Step();
  if (!found) return;
  if (found->empty()) {
    Follow(task, standby);
  } else {
    Close(task, standby, /*dirty=*/false);
    const Status placed = dependencies_.states.PlaceImage(task, *found);
    if (!placed.ok()) Later(task, standby, placed);
  }
  standby.image.reset();
}

void StandbyKeeper::OnOutcome(const changelog::RestoreOutcome& outcome) {
  const auto found = standbys_.find(outcome.task);
  Standby& standby = found->second;
  if (outcome.restored_records > 0) standby.moved = true;
  switch (outcome.status.code()) {
    case StatusCode::kOk:
      if (!outcome.ahead.empty()) return Seek(outcome.task, standby, outcome.ahead);
      if (standby.positions.empty()) {
        log::Info("tasks", "standby caught up: task={} records={}", ToString(outcome.task),
                  outcome.restored_records);
      }
      standby.stage = Stage::kResting;
      standby.complete_at = standby.begun_at;
      return NotePositions(standby);
    case StatusCode::kTaskMigrated:
      standby.stage = Stage::kResting;
      return;
    case StatusCode::kUnavailable:
      standby.stage = Stage::kResting;
      return Later(outcome.task, standby, outcome.status);
    case StatusCode::kTaskCorrupted: {
      Close(outcome.task, standby, /*dirty=*/true);
      const Status moved = dependencies_.states.MoveAside(outcome.task, outcome.status.message());
      if (!moved.ok()) Later(outcome.task, standby, moved);
      return;
    }
    default:
      Close(outcome.task, standby, /*dirty=*/true);
      return Later(outcome.task, standby, outcome.status);
  }
}

void StandbyKeeper::NotePositions(Standby& standby) {
  standby.positions.clear();
  for (size_t i = 0; i < standby.state->store_count(); ++i) {
    if (standby.state->spec(i).changelog_topic.empty()) continue;
    standby.positions.push_back(
        {standby.state->spec(i).name,
         standby.state->position(i).changelog_position.value_or(Offset(0))});
  }
}

/// Asks once a second, or less often, for the ends of all changelogs that are not being read.
void StandbyKeeper::Look() {
  if (ends_reply_) return TakeEnds();
  const MonotonicTime now = dependencies_.clock.Now();
  const Milliseconds turn = kLookIntervalEach * static_cast<int64_t>(standbys_.size());
  if (now - looked_at_ < std::max(kLookInterval, turn)) return;
  looked_at_ = now;
  asked_at_ = dependencies_.clock.WallTime();
  std::vector<TopicPartition> changelogs;
  for (const auto& [task, standby] : standbys_) {
    if (standby.stage != Stage::kResting) continue;
    for (TopicPartition& changelog : ChangelogsOf(*standby.spec, task)) {
      changelogs.push_back(std::move(changelog));
    }
  }
  if (changelogs.empty()) return;
  ends_reply_ = dependencies_.admin.ListOffsets(std::move(changelogs), kafka::OffsetSpec::kLatest,
                                                kafka::IsolationLevel::kReadUncommitted);
}

void StandbyKeeper::TakeEnds() {
  const auto answer = ends_reply_->Poll();
  if (!answer) return;
  ends_reply_.reset();
  // Asked again at the next look.
  if (!answer->ok()) return;
  std::map<TopicPartition, Offset> ends;
  for (const kafka::PartitionOffset& end : answer->value()) ends[end.partition] = end.offset;
  const MonotonicTime now = dependencies_.clock.Now();
  for (auto& [task, standby] : standbys_) {
    if (standby.stage != Stage::kResting || standby.leaving) continue;
    bool behind = standby.positions.empty();
    const std::vector<TopicPartition> changelogs = ChangelogsOf(*standby.spec, task);
    for (size_t i = 0; i < changelogs.size() && i < standby.positions.size(); ++i) {
      const auto end = ends.find(changelogs[i]);
      behind |= end != ends.end() && standby.positions[i].position < end->second;
    }
    if (!behind) standby.complete_at = asked_at_;
    if (behind && now >= standby.not_before) Follow(task, standby);
  }
}

void StandbyKeeper::Close(const TaskId& task, Standby& standby, bool dirty) {
  standby.stage = Stage::kClosed;
  if (!standby.state) return;
  const Status closed = standby.state->Close(dirty, standby.complete_at);
  if (!closed.ok())
    log::Error("tasks", "closing standby {}: {}", ToString(task), closed.ToString());
  standby.state.reset();
}

void StandbyKeeper::Later(const TaskId& task, Standby& standby, const Status& why) {
  standby.not_before = dependencies_.clock.Now() + kRetry;
  log::Info("tasks", "standby {}: waiting: {}", ToString(task), why.message());
}

std::vector<checkpoint::PresentTask> StandbyKeeper::Present() const {
  std::vector<checkpoint::PresentTask> present;
  for (const auto& [task, standby] : standbys_) {
    present.push_back({.id = task, .standby = true, .stores = standby.positions});
  }
  return present;
}

}  // namespace sidestream::tasks
