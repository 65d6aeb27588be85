// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tasks/worker.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "base/overloaded.h"
#include "checkpoint/control_record.h"

namespace sidestream::tasks {
namespace {

constexpr Milliseconds kOperationPoll{5};
constexpr Milliseconds kLookAfterInterval{1'000};

transaction::ClosingRecord ToControl(kafka::SinkTopic topic,
                                     const checkpoint::CheckpointRecord& record) {
  checkpoint::EncodedControlRecord encoded = checkpoint::EncodeControlRecord(record);
  return {topic, 0, std::move(encoded.value), std::move(encoded.key)};
}

transaction::WriterOptions Guarded(transaction::WriterOptions options,
                                   std::function<bool()> may_send) {
  if (!options.exactly_once) options.producer.may_send = std::move(may_send);
  return options;
}

}  // namespace

Worker::Worker(Dependencies dependencies, std::unique_ptr<kafka::FetchQueue> queue,
               WorkerOptions options)
    : consumer_(dependencies.consumer),
      control_(dependencies.control),
      parts_(dependencies.parts),
      clock_(dependencies.clock),
      member_(dependencies.member),
      options_(std::move(options)),
      queue_(std::move(queue)),
      writer_(dependencies.cluster, clock_, this,
              Guarded(options_.writer, [this] { return MayWrite(); })),
      control_topic_(writer_.RegisterTopic(options_.control_topic)),
      heartbeat_(clock_.Now().time_since_epoch()) {}

Worker::~Worker() = default;

void Worker::RegisterTopics(const SubTopologySpec& spec) {
  for (const OutputSpec& output : spec.outputs) writer_.RegisterTopic(output.topic);
  for (const statestore::StoreSpec& store : spec.stores) {
    writer_.RegisterTopic(store.changelog_topic);
  }
}

void Worker::CommitOffsets(uint64_t token, std::vector<kafka::CommittedOffset> offsets) {
  member_.Post(tasks::CommitOffsets{options_.index, token, std::move(offsets)});
}

void Worker::Step(Milliseconds wait) {
  heartbeat_ = clock_.Now().time_since_epoch();
  if (failed_) return Settle(wait);
  TakeMail();
  const bool operating = !writer_.writable();
  // A backlog stays in the client's queue, which is bounded and slows the fetching down; a
  // partition need not be paused for it (W3).
  const bool backlog = options_.rules.leave_backlog &&
                       (busy_ || polled_records_ >= options_.records_per_poll);
  const bool stuck = backlog && !MayCommit();  // until the mail brings a permit
  writer_.Step(operating ? std::min(wait, kOperationPoll) : stuck ? wait : Milliseconds(0));
  HandleOutcome();
  if (failed_) return;
  FollowCheckpoint();
  if (!announced_ready_ && writer_.writable()) {
    announced_ready_ = true;
    member_.Post(WorkerReady{options_.index});
  }
  if (backlog) {
    queue_left_at_ = clock_.Now();
  } else {
    DrainQueue(operating ? Milliseconds(0) : wait);
  }
  if (writer_.writable()) {
    ProcessTasks();
    if (!failed_ && writer_.writable() && CommitDue()) BeginCommit();
  }
  SettleStops();
  LookAfterTasks();
  heartbeat_ = clock_.Now().time_since_epoch();
}

/// After a failure: lets the last abort through, then answers what still comes.
void Worker::Settle(Milliseconds wait) {
  writer_.Step(wait);
  (void)writer_.TakeOutcome();
  if (!writer_.busy()) TakeMail();
}

void Worker::TakeMail() {
  for (ToWorker& message : mail_.TakeAll()) {
    std::visit(Overloaded{
                   [this](StartTask& m) { OnStart(std::move(m)); },
                   [this](StopTask& m) { OnStop(m); },
                   [this](SetPermit& m) { permit_ = std::move(m.permit); },
                   [this](OffsetsCommitted& m) { writer_.OffsetsCommitted(m.token, m.status); },
               },
               message);
  }
}

void Worker::OnStart(StartTask start) {
  const TaskId id = start.task->id();
  CHECK(!tasks_.contains(id)) << id;
  if (failed_) {
    // The stop that follows finds no task and is answered.
    const Status closed = start.task->Close(/*dirty=*/true);
    if (!closed.ok()) log::Error("tasks", "closing task {}: {}", ToString(id), closed.ToString());
    return;
  }
  // What was fetched for an earlier life of these partitions goes (W4): no route leads there yet.
  while (options_.rules.drop_stale_chunks &&
         DrainQueue(Milliseconds(0)) >= options_.records_per_poll) {
  }
  Running& running = tasks_[id];
  running.task = std::move(start.task);
  running.participant.emplace(id, running.task->life(), options_.pause_limits);
  followed_.reset();
  running.task->Attach(writer_, consumer_);
  for (size_t i = 0; i < running.task->input_count(); ++i) {
    routes_[running.task->input(i)] = {&running, i};
  }
  member_.Post(TaskReady{options_.index, id});
}

void Worker::OnStop(const StopTask& stop) {
  const auto found = tasks_.find(stop.id);
  if (found == tasks_.end()) {
    member_.Post(TaskStopped{stop.id});  // reopening, or gone already
    return;
  }
  found->second.stopping = true;
  found->second.reopen = false;
  if (!stop.lost) return;
  const Status taken = Status::TaskMigrated("the group took the task: task=" + ToString(stop.id));
  if (!options_.writer.exactly_once && options_.rules.write_only_while_held) {
    writer_.Abandon(taken);
  }
  // It may run elsewhere already: nothing of it may be committed, so the whole transaction goes.
  // A commit under way is fenced by the broker.
  if (options_.rules.check_permit && HasWork(found->second) && writer_.writable()) {
    writer_.StartAbort(taken);
  }
}

void Worker::HandleOutcome() {
  std::optional<transaction::Outcome> outcome = writer_.TakeOutcome();
  if (!outcome) return;
  switch (outcome->kind) {
    case transaction::OutcomeKind::kCommitted:
      return OnCommitted();
    case transaction::OutcomeKind::kAborted:
      return OnAborted(*outcome);
    case transaction::OutcomeKind::kUnknown:
      if (!options_.rules.reopen_unknown) return OnAborted(*outcome);
      return OnUnknown(outcome->status);
    case transaction::OutcomeKind::kFailed:
      return Fail(outcome->status);
  }
}

void Worker::OnCommitted() {
  for (const TaskId& id : committing_) {
    Running& running = tasks_.at(id);
    if (Status applied = running.task->Committed(); !applied.ok()) return React(applied);
    refusals_.Committed(id);
    CheckPressure(running);
    if (const auto cut = cutting_.extract(id)) OnCut(running, std::move(cut.mapped()));
    if (const auto revoked = revoking_.extract(id)) {
      counters_.revocations.fetch_add(1, std::memory_order_relaxed);
      (void)NoteHeld(running.participant->held_since());
      running.participant->RevokeCommitted(revoked.mapped());
    }
  }
  committing_.clear();
  refused_epoch_.reset();
}

/// Model: capp(K), coff=pos, paused=1, in one committed transaction (I1).
void Worker::OnCut(Running& running, checkpoint::CutRecord cut) {
  Status image;
  if (checkpoint::CutStorage* const storage = parts_.storage()) {
    image = storage->TakeImage(cut.number, cut.task, running.task->state(), clock_.WallTime());
  }
  running.participant->CutCommitted(cut.number, clock_.Now());
  parts_.ImageTaken(std::move(cut), std::move(image));
}

void Worker::OnAborted(const transaction::Outcome& outcome) {
  log::Info("tasks", "worker {}: transaction aborted: {}", options_.index,
            outcome.status.ToString());
  std::vector<StreamTask*> involved;
  for (auto& [id, running] : tasks_) {
    if (running.task->HasEffects()) involved.push_back(running.task.get());
    running.task->Aborted();
  }
  committing_.clear();
  // At least once the CUT may be there although the offsets are not: what it says is not what the task
  // is now. Exactly once it is gone with its transaction, and the task cuts again.
  for (auto& [id, cut] : cutting_) {
    if (options_.writer.exactly_once) break;
    tasks_.at(id).participant->CutFailed(cut.number);
    parts_.ImageTaken(std::move(cut), Status::AbortRequired("the commit with the cut failed"));
  }
  cutting_.clear();
  revoking_.clear();
  effects_since_.reset();
  if (outcome.status.code() == StatusCode::kTaskMigrated) refused_epoch_ = commit_epoch_;
  if (outcome.refused) OnRefused(*outcome.refused, involved);
}

void Worker::OnRefused(const kafka::DeliveryFailure& failure,
                       const std::vector<StreamTask*>& involved) {
  const Refusals::Verdict verdict = refusals_.Note(failure, involved);
  switch (verdict.kind) {
    case Refusals::Verdict::Kind::kTryAgain:
      return;
    case Refusals::Verdict::Kind::kAskPolicy:
      return tasks_.at(verdict.task).task->Refuse(failure.topic, verdict.status);
    case Refusals::Verdict::Kind::kGiveUp:
      return Fail(verdict.status);
  }
}

void Worker::OnUnknown(const Status& why) {
  log::Warning("tasks", "worker {}: outcome of a commit is unknown, reopening {} tasks: {}",
               options_.index, tasks_.size(), why.ToString());
  committing_.clear();
  for (auto& [id, cut] : cutting_) {
    parts_.ImageTaken(std::move(cut), Status::UnknownOutcome("of the commit with the cut"));
  }
  cutting_.clear();
  revoking_.clear();
  effects_since_.reset();
  while (!tasks_.empty()) {
    Running& running = tasks_.begin()->second;
    running.reopen = !running.stopping || running.reopen;
    Release(TaskId(tasks_.begin()->first), /*dirty=*/true, why);
  }
}

size_t Worker::DrainQueue(Milliseconds wait) {
  size_t records = 0;
  for (std::unique_ptr<kafka::RecordChunk>& chunk : queue_->Poll(options_.records_per_poll, wait)) {
    records += chunk->records().size();
    Dispatch(std::move(chunk));
  }
  polled_records_ += records;
  return records;
}

void Worker::Dispatch(std::unique_ptr<kafka::RecordChunk> chunk) {
  const auto found = routes_.find(chunk->partition());
  if (found == routes_.end()) return;  // of a task that is gone
  found->second.running->task->Add(found->second.input, std::move(chunk));
  CheckPressure(*found->second.running);
}

void Worker::CheckPressure(Running& running) {
  for (size_t i = 0; i < running.task->input_count(); ++i) {
    const size_t bytes = running.task->buffered_bytes(i);
    if (bytes > options_.input_bytes_max && running.paused.insert(i).second) {
      counters_.pauses.fetch_add(1, std::memory_order_relaxed);
      member_.Post(PauseInput{running.task->input(i)});
    } else if (bytes < options_.input_bytes_max / 4 && running.paused.erase(i) > 0) {
      member_.Post(ResumeInput{running.task->input(i)});
    }
  }
}

bool Worker::MayWrite() const {
  return options_.writer.exactly_once || !options_.rules.write_only_while_held ||
         clock_.Now() + options_.writer.producer.delivery_timeout < consumer_.HeldUntil();
}

bool Worker::MayCommit() const {
  if (!MayWrite()) return false;
  if (!options_.rules.check_permit) return permit_.membership != nullptr;
  return permit_.membership != nullptr && permit_.membership->usable() &&
         (!refused_epoch_ || permit_.epoch > *refused_epoch_);
}

void Worker::FollowCheckpoint() {
  // Before what changed is looked at: what comes in between is looked at again.
  const uint64_t changes = control_.checkpoint_changes();
  if (followed_ == changes) return;
  followed_ = changes;
  const std::shared_ptr<const checkpoint::Checkpoint> latest = control_.LatestCheckpoint();
  if (latest == nullptr) return;
  const bool hold = control_.HoldsBehind(*latest);
  const MonotonicTime now = clock_.Now();
  int64_t freed = 0;
  int64_t longest_ms = 0;
  for (auto& [id, running] : tasks_) {
    checkpoint::Participant& participant = *running.participant;
    const bool held = participant.held();
    const MonotonicTime since = participant.held_since();
    participant.Read(*latest, hold, now);
    if (participant.drains()) participant.SetDrained(IsDrained(running, *latest), now);
    // Its patience ends, and its inputs are drained, without a record.
    if (!participant.free()) followed_.reset();
    if (!held || !participant.free()) continue;
    longest_ms = std::max(longest_ms, NoteHeld(since));
    ++freed;
  }
  if (freed == 0) return;
  counters_.last_held_ms.store(longest_ms, std::memory_order_relaxed);
  log::Info("tasks", "worker {}: checkpoint {} held {} tasks, the longest for {} ms: {}",
            options_.index, latest->number().value(), freed, longest_ms,
            checkpoint::StageName(latest->stage));
}

int64_t Worker::NoteHeld(MonotonicTime since) {
  const int64_t held_ms = std::chrono::duration_cast<Milliseconds>(clock_.Now() - since).count();
  counters_.held_ms.fetch_add(held_ms, std::memory_order_relaxed);
  return held_ms;
}

bool Worker::IsDrained(const Running& running, const checkpoint::Checkpoint& latest) const {
  if (!options_.rules.drain_first) return true;
  const StreamTask& task = *running.task;
  for (size_t i = 0; i < task.input_count(); ++i) {
    if (!task.is_repartition(i)) continue;
    const auto end = latest.drain_to.find(task.input(i));
    if (end == latest.drain_to.end() || task.position(i) < end->second) return false;
  }
  return true;
}

bool Worker::MayProcess(const Running& running) const {
  const checkpoint::Participant& participant = *running.participant;
  return !participant.held() || (participant.paused() && !options_.rules.pause) ||
         (participant.must_revoke() && !options_.rules.revoke_first);
}

bool Worker::OwesCut(const Running& running) const {
  return running.participant->wants_cut() && !running.stopping;
}

bool Worker::OwesRevoke(const Running& running) const {
  return running.participant->must_revoke() && options_.rules.revoke_first && !running.stopping;
}

/// Something that a transaction is wanted for.
bool Worker::HasWork(const Running& running) const {
  return (MayProcess(running) || running.participant->wants_cut()) && running.task->HasEffects();
}

checkpoint::CutRecord Worker::CutOf(const Running& running) const {
  checkpoint::CutRecord cut;
  cut.number = running.participant->number();
  cut.task = running.task->id();
  cut.life = running.task->life();
  cut.sequence = running.task->sequence() + 1;
  cut.instance = options_.instance;
  for (kafka::CommittedOffset& input : running.task->OffsetsToCommit()) {
    cut.inputs.push_back({std::move(input.partition), *input.offset, std::move(input.metadata)});
  }
  for (const statestore::StoreSpec& store : running.task->spec().stores) {
    cut.stores.push_back({store.name, store.fingerprint});
  }
  return cut;
}

void Worker::ProcessTasks() {
  busy_ = false;
  // Without the right to commit, work would only be undone.
  if (!MayCommit()) return;
  polled_records_ = 0;
  if (!refusals_.empty() && ProcessSuspect()) return;
  size_t open_bytes = static_cast<size_t>(writer_.open_bytes());
  for (auto& [id, running] : tasks_) {
    if (running.stopping || !MayProcess(running)) continue;
    const Result<size_t> processed = running.task->Process(options_.records_per_step);
    counters_.records_ahead.fetch_add(running.task->TakeAhead(), std::memory_order_relaxed);
    counters_.records_late_after_idle.fetch_add(running.task->TakeLateAfterIdle(),
                                                std::memory_order_relaxed);
    if (!processed.ok()) return React(processed.status());
    if (!running.finished && running.task->finished()) {
      running.finished = true;
      member_.Post(TaskFinished{id});
    }
    if (*processed == options_.records_per_step) busy_ = true;
    if (!effects_since_ && running.task->HasEffects()) effects_since_ = clock_.Now();
    open_bytes += running.task->uncommitted_bytes();
    for (size_t i = 0; i < running.task->input_count(); ++i) {
      open_bytes += running.task->processed_bytes(i);  // kept until the commit
    }
  }
  if (open_bytes > options_.transaction_bytes_max && effects_since_) {
    effects_since_ = clock_.Now() - options_.commit_interval;  // due now
  }
}

/// One task alone, a few records in each transaction (F1). False: nobody is suspected now.
bool Worker::ProcessSuspect() {
  for (auto& [id, running] : tasks_) {
    const std::optional<size_t> records = refusals_.RecordsAlone(id);
    if (!records || running.stopping || !MayProcess(running)) continue;
    if (!running.task->HasEffects()) {
      const Result<size_t> processed = running.task->Process(*records);
      if (!processed.ok()) {
        React(processed.status());
        return true;
      }
    }
    if (!running.task->HasEffects()) {
      refusals_.Rested(id);
      continue;
    }
    effects_since_ = clock_.Now() - options_.commit_interval;  // due now
    return true;
  }
  return false;
}

bool Worker::CommitDue() const {
  if (!MayCommit()) return false;
  if (effects_since_ && clock_.Now() - *effects_since_ >= options_.commit_interval) return true;
  // Start positions, cuts, and what a stopping task did, do not wait for the interval.
  return std::any_of(tasks_.begin(), tasks_.end(), [this](const auto& entry) {
    const Running& running = entry.second;
    return ((running.stopping || running.task->commit_first()) && HasWork(running)) ||
           OwesCut(running) || OwesRevoke(running);
  });
}

void Worker::BeginCommit() {
  std::vector<kafka::CommittedOffset> offsets;
  ClosingMarks marks;
  std::vector<transaction::ClosingRecord> to_control;
  committing_.clear();
  cutting_.clear();
  revoking_.clear();
  for (auto& [id, running] : tasks_) {
    // Nothing of a task may be in the log before its REVOKE (model: MUT_REVOKE_LATE), so it says and
    // writes nothing else in this transaction. Only at least once can there be anything: there the CUT
    // of an owner that does not know of its end may come while this one works.
    const bool revokes = OwesRevoke(running);
    const bool prepares = revokes ? !options_.writer.exactly_once && running.task->HasEffects()
                                  : HasWork(running) || OwesCut(running);
    if (!revokes && !prepares) continue;
    if (revokes) {
      const checkpoint::CheckpointNumber number = running.participant->number();
      revoking_.emplace(id, number);
      to_control.push_back(ToControl(
          control_topic_, checkpoint::RevokeRecord{number, id, running.task->life()}));
    }
    if (prepares) {
      if (Status prepared = running.task->PrepareCommit(); !prepared.ok()) return React(prepared);
      // Tasks that drain all come to the same event time, wherever records went.
      running.task->CollectMarks(marks, OwesCut(running) && running.participant->drains());
    }
    committing_.push_back(id);
    if (OwesCut(running)) {
      checkpoint::CutRecord cut = CutOf(running);
      to_control.push_back(ToControl(control_topic_, cut));
      parts_.Expect(cut);
      cutting_.emplace(id, std::move(cut));
    }
    for (kafka::CommittedOffset& offset :
         running.task->OffsetsToCommit(options_.rules.offsets_when_unchanged)) {
      offsets.push_back(std::move(offset));
    }
  }
  effects_since_.reset();
  if (committing_.empty()) return;
  commit_epoch_ = permit_.epoch;
  std::vector<transaction::ClosingRecord> closing = marks.Take();
  closing.insert(closing.end(), std::make_move_iterator(to_control.begin()),
                 std::make_move_iterator(to_control.end()));
  writer_.StartCommit(std::move(offsets), permit_.membership, std::move(closing));
}

/// Lets go of the stopping tasks that have nothing left to commit.
void Worker::SettleStops() {
  using State = transaction::TransactionWriter::State;
  if (!writer_.writable() && writer_.state() != State::kRebuilding &&
      writer_.state() != State::kInitializing) {
    return;  // the outcome decides
  }
  for (auto it = tasks_.begin(); it != tasks_.end();) {
    const auto entry = it++;
    const Running& running = entry->second;
    if (!running.stopping) continue;
    const TaskId id = entry->first;
    const bool effects = HasWork(running);
    if (effects && MayCommit() && writer_.writable()) continue;
    // Without the right to commit it closes dirty, and the next owner repeats the work.
    if (effects && writer_.open()) {
      writer_.StartAbort(Status::TaskMigrated("a task stopped without a permit to commit"));
      return;
    }
    Release(id, /*dirty=*/effects, Status::Unavailable("stopped"));
  }
}

void Worker::LookAfterTasks() {
  const MonotonicTime now = clock_.Now();
  if (now - looked_after_at_ < kLookAfterInterval) return;
  looked_after_at_ = now;
  PublishEventTimes();
  PublishMemory();
  for (auto& [id, running] : tasks_) {
    if (Status flushed = running.task->MaybeFlush(); !flushed.ok()) return React(flushed);
    for (size_t i = 0; i < running.task->input_count() && !running.stopping; ++i) {
      if (!IsSilent(running, i, now)) continue;
      counters_.silent_partitions.fetch_add(1, std::memory_order_relaxed);
      log::Error("tasks", "a partition went silent, its task is opened again: partition={}",
                 ToString(running.task->input(i)));
      running.stopping = running.reopen = true;
    }
  }
}

void Worker::PublishMemory() {
  size_t inputs = 0;
  size_t changes = 0;
  for (const auto& [id, running] : tasks_) {
    for (size_t i = 0; i < running.task->input_count(); ++i) {
      inputs += running.task->buffered_bytes(i);
    }
    changes += running.task->uncommitted_bytes();
  }
  counters_.input_bytes.store(static_cast<int64_t>(inputs), std::memory_order_relaxed);
  counters_.transaction_bytes.store(static_cast<int64_t>(changes), std::memory_order_relaxed);
}

void Worker::PublishEventTimes() {
  std::vector<TaskReport> reports;
  for (const auto& [id, running] : tasks_) reports.push_back(running.task->EventTimeReport());
  const std::lock_guard lock(event_times_mutex_);
  event_times_ = std::move(reports);
}

std::vector<TaskReport> Worker::EventTimes() const {
  const std::lock_guard lock(event_times_mutex_);
  return event_times_;
}

/// Neither record nor EOF event although there is more to read (architecture 3).
bool Worker::IsSilent(const Running& running, size_t input, MonotonicTime now) const {
  if (!running.task->waiting(input) || running.paused.contains(input)) return false;
  const MonotonicTime heard = std::max(running.task->heard_at(input), queue_left_at_);
  if (now - heard < options_.silence_max) return false;
  const std::optional<Offset> end = consumer_.HighWatermark(running.task->input(input));
  return end && *end > running.task->position(input);
}

void Worker::Release(const TaskId& id, bool dirty, const Status& why) {
  const auto found = tasks_.find(id);
  for (size_t i = 0; i < found->second.task->input_count(); ++i) {
    routes_.erase(found->second.task->input(i));
  }
  const bool reopen = found->second.reopen;
  if (!reopen) refusals_.Forget(id);
  const Status closed = found->second.task->Close(dirty);
  if (!closed.ok()) log::Error("tasks", "closing task {}: {}", ToString(id), closed.ToString());
  tasks_.erase(found);
  if (reopen) {
    member_.Post(ReopenTask{id, why});
  } else {
    member_.Post(TaskStopped{id});
  }
}

void Worker::React(const Status& status) {
  switch (status.code()) {
    case StatusCode::kAbortRequired:
    case StatusCode::kTaskMigrated:
    case StatusCode::kUnavailable:
      if (writer_.writable()) writer_.StartAbort(status);
      return;
    default:
      return Fail(status);
  }
}

void Worker::Fail(const Status& status) {
  failed_ = true;
  for (auto& [id, running] : tasks_) {
    const Status closed = running.task->Close(/*dirty=*/true);
    if (!closed.ok()) log::Error("tasks", "closing task {}: {}", ToString(id), closed.ToString());
    // A stop that comes later finds no task and is answered then.
    if (running.stopping && !running.reopen) member_.Post(TaskStopped{id});
  }
  tasks_.clear();
  routes_.clear();
  if (writer_.writable()) writer_.StartAbort(status);
  member_.Post(InstanceFailed{status});
}

}  // namespace sidestream::tasks
