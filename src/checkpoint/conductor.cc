// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "checkpoint/conductor.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace sidestream::checkpoint {
namespace {

// After one that came to nothing: what moved a task may move others.
constexpr Milliseconds kPauseAfterFailure{2'000};
constexpr Milliseconds kGroupLook{2'000};
constexpr Milliseconds kGoneMax{10'000};
constexpr int kAttemptsMax = 5;
// Whoever asked has given up by then.
constexpr Milliseconds kRequestAgeMax{300'000};

}  // namespace

Conductor::Conductor(kafka::Admin& admin, const ControlLog& log, PartKeeper& keeper,
                     const Clock& clock, ConductorOptions options)
    : admin_(admin), log_(log), keeper_(keeper), clock_(clock), options_(std::move(options)) {}

void Conductor::StartTerm() {
  begun_ = decided_ = completing_ = noted_ = CheckpointNumber();
  due_at_.reset();
  not_before_ = MonotonicTime{};
  ends_.reset();
  offsets_.reset();
  unread_.reset();
  group_.reset();
  gone_since_.clear();
}

ControlWrites Conductor::Step() {
  const std::shared_ptr<const Checkpoint> latest = log_.LatestCheckpoint();
  if (latest == nullptr || latest->finished()) return MaybeBegin(latest.get());
  return latest->undecided() ? Decide(*latest) : Finish(*latest);
}

void Conductor::NoteOutcome(const Checkpoint& last) {
  if (noted_ == last.number()) return;
  noted_ = last.number();
  ends_.reset();
  const std::string what = last.begin.savepoint ? "savepoint " + last.begin.name : "checkpoint";
  const bool complete = last.stage == CheckpointStage::kComplete;
  (complete ? counters_.complete : counters_.failed).fetch_add(1, std::memory_order_relaxed);
  if (complete) {
    log::Info("checkpoint", "{} {} is complete: bytes={} manifest={}", what, last.number().value(),
              last.complete.bytes, last.complete.manifest);
    return;
  }
  log::Warning("checkpoint", "{} {} came to nothing: {}: {}", what, last.number().value(),
               StageName(last.stage), last.why);
  not_before_ = clock_.Now() + kPauseAfterFailure;
  due_at_ = not_before_;
}

ControlWrites Conductor::MaybeBegin(const Checkpoint* last) {
  const MonotonicTime now = clock_.Now();
  const Timestamp wall = clock_.WallTime();
  if (last != nullptr && (begun_ == last->number() || decided_ == last->number())) {
    NoteOutcome(*last);
  }
  // The application stops at it.
  if (last != nullptr && log_.stop_at_savepoint()) return {};
  if (!due_at_) {
    due_at_ = now + options_.interval;
    if (last != nullptr && last->begin.at <= wall) {
      due_at_ = now + std::clamp(options_.interval - Milliseconds(wall - last->begin.at),
                                 Milliseconds(0), options_.interval);
    }
  }
  if (now < not_before_) return {};
  for (const auto& [id, request] : log_.SavepointRequests()) {
    std::string refusal;
    if (keeper_.storage() == nullptr) {
      refusal = "the application has no checkpoint location: set checkpoint.location";
    } else if (request.attempts >= kAttemptsMax) {
      refusal = fmt::format("{} attempts came to nothing; the last one: {}", request.attempts,
                            request.why);
    } else if (request.attempts == 0 && wall - request.asked_at > kRequestAgeMax.count()) {
      refusal = "the request is too old; ask again";
    }
    if (!refusal.empty()) return {{CheckpointRecord(RefusedRecord{id, refusal})}, {}};
    BeginRecord begin;
    begin.savepoint = true;
    begin.stop = request.record.stop;
    begin.drain = request.record.drain;
    begin.request = id;
    begin.name = request.record.name;
    begin.location = request.record.location;
    return Begin(std::move(begin), last);
  }
  if (options_.interval == Milliseconds(0) || keeper_.storage() == nullptr || now < *due_at_) {
    return {};
  }
  return Begin({}, last);
}

/// Model: rd>=hw && !cur -> capp(B).
ControlWrites Conductor::Begin(BeginRecord begin, const Checkpoint* last) {
  begin.number = (last == nullptr ? CheckpointNumber() : last->number()) + 1;
  begin.plan_hash = options_.plan_hash;
  begin.at = clock_.WallTime();
  for (const LedGroup& led : options_.drain.groups()) begin.groups.push_back(led.group);
  begun_ = begin.number;
  begun_at_ = clock_.Now();
  due_at_ = begun_at_ + options_.interval;
  ends_.reset();
  offsets_.reset();
  unread_.reset();
  return {{CheckpointRecord(std::move(begin))}, log_.OutdatedKeys()};
}

ControlWrites Conductor::Decide(const Checkpoint& checkpoint) {
  if (begun_ != checkpoint.number()) {
    // Model: the second leader's capp(A); it may as well wait for CUTs, but tasks wait already.
    return Abort(checkpoint, "the leader changed");
  }
  if (checkpoint.begin.drain) {
    if (std::optional<std::string> why = options_.drain.Spoiled(checkpoint)) {
      return Abort(checkpoint, std::move(*why));
    }
    if (const std::optional<int32_t> level = options_.drain.LevelToEnd(checkpoint)) {
      auto ends = AskEnds(checkpoint, options_.drain.WrittenBy(*level));
      if (!ends.ok()) return Abort(checkpoint, ends.status().message());
      if (!*ends) return {};
      // Model: LEVELCUT -> capp(L,9,e).
      return {{CheckpointRecord(LevelRecord{checkpoint.number(), *level, std::move(**ends)})}, {}};
    }
  }
  if (const std::optional<TaskId> uncut = checkpoint.Uncut()) {
    return GiveUpWaiting(checkpoint, *uncut);
  }
  for (const auto& [task, cut] : checkpoint.cuts) {
    if (IsAsPlanned(task, *cut)) continue;
    return Abort(checkpoint, fmt::format("instance {} has task {} in another version of the "
                                         "topology, with other inputs or stores",
                                         cut->instance, ToString(task)));
  }
  if (const auto known = AskUnread(checkpoint); !known.ok() || !*known) {
    return known.ok() ? ControlWrites() : Abort(checkpoint, known.status().message());
  }
  // Model: rd>=hw && !dead && cuts==7 -> e=rlen; capp(D,e). A REVOKE that comes in between stands
  // before DONE, which then decides nothing.
  auto ends = AskEnds(checkpoint, {options_.drain.hops().begin(), options_.drain.hops().end()});
  if (!ends.ok()) return Abort(checkpoint, ends.status().message());
  if (!*ends) return {};
  return {{CheckpointRecord(DoneRecord{checkpoint.number(), std::move(**ends), *unread_})}, {}};
}

bool Conductor::IsAsPlanned(const TaskId& task, const CutRecord& cut) const {
  const auto planned = options_.planned.find(task.anchor_topic);
  if (planned == options_.planned.end()) return true;
  // Clang 14, which builds the fuzz targets, captures no structured binding.
  const PlannedTask& plan = planned->second;
  const auto read = std::ranges::count_if(
      plan.inputs, [&](const auto& input) { return task.partition < input.second; });
  return static_cast<size_t>(read) == cut.inputs.size() &&
         plan.stores.size() == cut.stores.size() &&
         std::ranges::all_of(
             cut.inputs,
             [&](const CutInput& input) { return plan.inputs.contains(input.partition.topic); }) &&
         std::ranges::all_of(cut.stores, [&](const CutStore& store) {
           return plan.stores.contains(store.name);
         });
}

Milliseconds Conductor::CutTimeoutOf(const Checkpoint& checkpoint) const {
  return checkpoint.begin.drain ? options_.drain_timeout : options_.cut_timeout;
}

/// Nothing yet, or the end of it.
ControlWrites Conductor::GiveUpWaiting(const Checkpoint& checkpoint, const TaskId& uncut) {
  const Milliseconds most = CutTimeoutOf(checkpoint);
  if (clock_.Now() - begun_at_ < most) return {};
  const std::string why = fmt::format("{} of {} tasks were not cut in {} ms, the first is {}",
                                      checkpoint.task_count() - checkpoint.cuts.size(),
                                      checkpoint.task_count(), most.count(), ToString(uncut));
  ControlWrites writes = Abort(checkpoint, why);
  if (!checkpoint.begin.drain) return writes;
  // Another attempt would hold the application up for as long again.
  writes.records.push_back(CheckpointRecord(RefusedRecord{
      checkpoint.begin.request, "the application did not drain in time: " + why +
                                    "; ask again when it is less behind, or without --drain"}));
  return writes;
}

/// Log ends; empty: not known yet.
Result<std::optional<std::vector<CutEnd>>> Conductor::AskEnds(
    const Checkpoint& checkpoint, std::vector<TopicPartition> partitions) {
  std::vector<CutEnd> ends;
  if (partitions.empty()) return std::optional(std::move(ends));
  if (!ends_) {
    ends_ = admin_.ListOffsets(std::move(partitions), kafka::OffsetSpec::kLatest,
                               kafka::IsolationLevel::kReadUncommitted);
  }
  const auto answer = ends_->Poll();
  if (!answer) {
    RETURN_IF_ERROR(InTime(checkpoint, "the ends of the repartition topics"));
    return std::optional<std::vector<CutEnd>>();
  }
  ends_.reset();
  if (answer->status().code() == StatusCode::kUnavailable) {
    return std::optional<std::vector<CutEnd>>();
  }
  RETURN_IF_ERROR(answer->status());
  for (const kafka::PartitionOffset& end : **answer) ends.push_back({end.partition, end.offset});
  return std::optional(std::move(ends));
}

/// True once `unread_` is there.
Result<bool> Conductor::AskUnread(const Checkpoint& checkpoint) {
  if (unread_) return true;
  if (!offsets_) offsets_ = admin_.AllCommittedOffsets(options_.application_id);
  const auto answer = offsets_->Poll();
  if (answer) offsets_.reset();
  if (!answer || answer->status().code() == StatusCode::kUnavailable) {
    RETURN_IF_ERROR(InTime(checkpoint, "what the group has committed"));
    return false;
  }
  RETURN_IF_ERROR(answer->status());
  std::set<TopicPartition> read;
  for (const auto& [task, cut] : checkpoint.cuts) {
    for (const CutInput& input : cut->inputs) read.insert(input.partition);
  }
  unread_.emplace();
  for (const kafka::CommittedOffset& offset : **answer) {
    // Without a stamp it is nobody's input: the control topic, or of somebody else.
    if (!offset.offset || offset.metadata.empty() || read.contains(offset.partition)) continue;
    if (!options_.is_of_source(offset.metadata)) continue;
    unread_->push_back({offset.partition, *offset.offset, offset.metadata});
  }
  return true;
}

/// kStopped: tasks wait for the answer no longer.
Status Conductor::InTime(const Checkpoint& checkpoint, std::string_view what) const {
  if (clock_.Now() - begun_at_ < CutTimeoutOf(checkpoint) + options_.cut_timeout) return {};
  return Status::Stopped(fmt::format("{} could not be read in time", what));
}

/// Model ends with DONE; engine.md F2, step 4.
ControlWrites Conductor::Finish(const Checkpoint& checkpoint) {
  if (decided_ != checkpoint.number()) {
    decided_ = checkpoint.number();
    decided_at_ = clock_.Now();
    log::Info("checkpoint", "checkpoint {}: all {} tasks are cut, storing",
              checkpoint.number().value(), checkpoint.task_count());
  }
  for (const auto& [task, stored] : checkpoint.stored) {
    if (!stored.failure.empty()) {
      return Abort(checkpoint, "task " + ToString(task) + ": " + stored.failure);
    }
  }
  const bool timed_out = clock_.Now() - decided_at_ >= options_.store_timeout;
  if (checkpoint.stored.size() < checkpoint.cuts.size()) {
    if (const std::optional<std::string> gone = GoneInstance(checkpoint)) {
      return Abort(checkpoint, "instance " + *gone + " is gone, and with it what it was to store");
    }
    if (!timed_out) return {};
    return Abort(checkpoint, fmt::format("{} of {} tasks were not stored in {} s",
                                         checkpoint.cuts.size() - checkpoint.stored.size(),
                                         checkpoint.cuts.size(),
                                         options_.store_timeout.count() / 1000));
  }
  if (keeper_.storage() == nullptr) {
    return Abort(checkpoint, "the leader has no checkpoint location");
  }
  if (completing_ != checkpoint.number()) {
    completing_ = checkpoint.number();
    StoredCut cut{options_.application_id, options_.plan_text, checkpoint.begin,
                  checkpoint.done,         {},                 {}};
    for (const auto& [task, record] : checkpoint.cuts) {
      cut.cuts.push_back(*record);
      cut.parts.push_back(checkpoint.stored.at(task));
    }
    keeper_.Complete(std::move(cut));
    return {};
  }
  const std::optional<CheckpointCompleted> completed = keeper_.TakeCompleted();
  if (!completed) {
    if (!timed_out) return {};
    return Abort(checkpoint, "the manifest was not written in time");
  }
  if (completed->number != checkpoint.number()) return {};
  if (!completed->status.ok()) return Abort(checkpoint, completed->status.ToString());
  return {{CheckpointRecord(CompleteRecord{checkpoint.number(), completed->manifest,
                                           completed->bytes, clock_.WallTime()})},
          {}};
}

std::optional<std::string> Conductor::GoneInstance(const Checkpoint& checkpoint) {
  const MonotonicTime now = clock_.Now();
  if (!group_) {
    if (now - group_asked_at_ < kGroupLook) return std::nullopt;
    group_asked_at_ = now;
    group_ = admin_.DescribeGroup(options_.application_id);
  }
  const auto answer = group_->Poll();
  if (!answer) return std::nullopt;
  group_.reset();
  if (!answer->ok()) return std::nullopt;
  std::map<std::string, MonotonicTime> gone;
  for (const auto& [task, cut] : checkpoint.cuts) {
    if (checkpoint.stored.contains(task)) continue;
    const std::string client = options_.application_id + "-" + cut->instance;
    const bool here = std::any_of((*answer)->members.begin(), (*answer)->members.end(),
                                  [&](const auto& member) { return member.client_id == client; });
    if (here) continue;
    const auto before = gone_since_.find(cut->instance);
    gone.emplace(cut->instance, before == gone_since_.end() ? now : before->second);
  }
  gone_since_ = std::move(gone);
  for (const auto& [instance, since] : gone_since_) {
    if (now - since >= kGoneMax) return instance;
  }
  return std::nullopt;
}

ControlWrites Conductor::Abort(const Checkpoint& checkpoint, std::string why) {
  // So that its end is told.
  begun_ = checkpoint.number();
  return {{CheckpointRecord(AbortRecord{checkpoint.number(), std::move(why)})}, {}};
}

}  // namespace sidestream::checkpoint
