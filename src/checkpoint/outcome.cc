// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "checkpoint/outcome.h"

#include <algorithm>

#include "base/overloaded.h"

namespace sidestream::checkpoint {

std::string_view StageName(CheckpointStage stage) {
  switch (stage) {
    case CheckpointStage::kUndecided:
      return "undecided";
    case CheckpointStage::kRevoked:
      return "revoked";
    case CheckpointStage::kAborted:
      return "aborted";
    case CheckpointStage::kCut:
      return "cut";
    case CheckpointStage::kFailed:
      return "failed";
    case CheckpointStage::kComplete:
      return "complete";
  }
  return "unknown";
}

bool Checkpoint::Includes(const TaskId& task) const {
  return std::any_of(begin.groups.begin(), begin.groups.end(), [&](const TaskGroup& group) {
    return group.anchor_topic == task.anchor_topic && task.partition < group.tasks;
  });
}

std::optional<TaskId> Checkpoint::Uncut() const {
  for (const TaskGroup& group : begin.groups) {
    for (Partition p = 0; p < group.tasks; ++p) {
      if (TaskId task{group.anchor_topic, p}; !cuts.contains(task)) return task;
    }
  }
  return std::nullopt;
}

size_t Checkpoint::task_count() const {
  size_t tasks = 0;
  for (const TaskGroup& group : begin.groups) tasks += static_cast<size_t>(group.tasks);
  return tasks;
}

std::optional<Offset> Checkpoint::NeededFrom(const TopicPartition& input) const {
  if (finished()) return std::nullopt;
  for (const auto& [task, cut] : cuts) {
    for (const CutInput& at : cut->inputs) {
      if (at.partition != input) continue;
      if (stored.contains(task)) return std::nullopt;
      return at.position;
    }
  }
  return std::nullopt;
}

void CheckpointHistory::Apply(const CheckpointRecord& record, Timestamp written_at) {
  std::visit(Overloaded{
                 [this](const BeginRecord& r) { Begin(r); },
                 [this, written_at](const RequestRecord& r) {
                   requests_.emplace(r.id, SavepointRequest{r, written_at, 0, ""});
                 },
                 [this](const RefusedRecord& r) { Answer(r.id); },
                 [this](const OriginRecord& r) { origin_ = r; },
                 [this](const auto& r) { Take(r); },
             },
             record);
  if (std::holds_alternative<OriginRecord>(record) ||
      std::holds_alternative<RequestRecord>(record)) {
    return;  // stands until it is answered
  }
  std::string key = KeyOf(record);
  const bool of_latest = latest_ && key.starts_with(KeyOf(latest_->begin).substr(
                                        0, KeyOf(latest_->begin).rfind('/') + 1));
  (of_latest ? keys_ : outdated_).insert(std::move(key));
}

void CheckpointHistory::Begin(const BeginRecord& begin) {
  // A copy by a leader that was fenced cannot be: its transaction is aborted.
  if (latest_ && begin.number <= latest_->number()) return;
  outdated_.merge(keys_);
  keys_.clear();
  latest_.emplace();
  latest_->begin = begin;
  const auto request = requests_.find(begin.request);
  if (request != requests_.end()) ++request->second.attempts;
}

Checkpoint* CheckpointHistory::Of(CheckpointNumber number, CheckpointStage stage) {
  if (!latest_ || latest_->number() != number || latest_->stage != stage) return nullptr;
  return &*latest_;
}

void CheckpointHistory::Take(const CutRecord& cut) {
  Checkpoint* const checkpoint = Of(cut.number, CheckpointStage::kUndecided);
  if (checkpoint == nullptr || !checkpoint->Includes(cut.task)) return;
  checkpoint->cuts.emplace(cut.task, std::make_shared<const CutRecord>(cut));
}

void CheckpointHistory::Take(const RevokeRecord& revoke) {
  Checkpoint* const checkpoint = Of(revoke.number, CheckpointStage::kUndecided);
  if (checkpoint == nullptr) return;
  checkpoint->stage = CheckpointStage::kRevoked;
  checkpoint->why = checkpoint->Includes(revoke.task)
                        ? "a task had to go on: task="
                        : "another version of the topology runs too, and has a task more: task=";
  checkpoint->why += ToString(revoke.task);
  const auto request = requests_.find(checkpoint->begin.request);
  if (request != requests_.end()) request->second.why = checkpoint->why;
}

void CheckpointHistory::Take(const DoneRecord& done) {
  Checkpoint* const checkpoint = Of(done.number, CheckpointStage::kUndecided);
  if (checkpoint == nullptr) return;
  checkpoint->stage = CheckpointStage::kCut;
  checkpoint->done = done;
}

/// The first of each level counts, and none behind a REVOKE: what is cut is quiet until then.
void CheckpointHistory::Take(const LevelRecord& level) {
  Checkpoint* const checkpoint = Of(level.number, CheckpointStage::kUndecided);
  if (checkpoint == nullptr || !checkpoint->begin.drain || level.level != checkpoint->levels)
    return;
  ++checkpoint->levels;
  for (const CutEnd& end : level.ends) checkpoint->drain_to.emplace(end.partition, end.end);
}

void CheckpointHistory::Take(const AbortRecord& abort) {
  Checkpoint* checkpoint = Of(abort.number, CheckpointStage::kUndecided);
  if (checkpoint != nullptr) {
    checkpoint->stage = CheckpointStage::kAborted;
  } else if (checkpoint = Of(abort.number, CheckpointStage::kCut); checkpoint != nullptr) {
    checkpoint->stage = CheckpointStage::kFailed;
  } else {
    return;
  }
  checkpoint->why = abort.why;
  const auto request = requests_.find(checkpoint->begin.request);
  if (request != requests_.end()) request->second.why = abort.why;
}

void CheckpointHistory::Take(const StoredRecord& stored) {
  Checkpoint* const checkpoint = Of(stored.number, CheckpointStage::kCut);
  if (checkpoint == nullptr) return;
  const auto cut = checkpoint->cuts.find(stored.task);
  // Of an owner whose CUT came second (at least once): its part is another one.
  if (cut == checkpoint->cuts.end() || cut->second->life != stored.life) return;
  checkpoint->stored.emplace(stored.task, stored);
}

void CheckpointHistory::Take(const CompleteRecord& complete) {
  Checkpoint* const checkpoint = Of(complete.number, CheckpointStage::kCut);
  if (checkpoint == nullptr) return;
  checkpoint->stage = CheckpointStage::kComplete;
  checkpoint->complete = complete;
  Answer(checkpoint->begin.request);
}

void CheckpointHistory::Answer(uint64_t request) {
  const auto found = requests_.find(request);
  if (found == requests_.end()) return;
  outdated_.insert(KeyOf(found->second.record));
  requests_.erase(found);
}

}  // namespace sidestream::checkpoint
