// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Worker: runs its tasks inside one transaction after another. Owns a transactional producer
// and the queue that its partitions deliver into. A task does not move between workers while
// it is held.
//
// Place in the flow: begin lazily -> process -> flush -> send offsets -> commit -> apply.
//
// Invariants
//  W1. Every transaction sends the numeric offsets of every task that had any effect in it,
//      all its inputs (R3); tasks that do not run are never in the list.
//  W2. A worker commits only with the member's last permit; after a refused one it waits for a
//      newer one.
//  W3. While tasks have a step's work at hand the queue is left alone: its bound slows the client's
//      fetching down. A partition is paused above its high-water mark only, which needs a task
//      that waits for another input, and resumed below a quarter (pausing throws prefetched
//      records away: R30).
//  W4. What the queue still holds of a partition that starts is dropped before TaskReady: only
//      then does the member forward and resume (A5: no gap, none twice).
//  W5. A task that a checkpoint holds takes no record, timer or mark, and while it is paused it is
//      part of no transaction; it goes on after a decision or behind its committed REVOKE
//      (checkpoint/participant.h). Of one that drains, a task is not held before it has read its
//      repartition inputs to their ends.
//  W6. At least once nothing fences what is written, and a late row of a store would lie behind
//      those of the task's next owner. So nothing is handed to the client unless the group cannot
//      have given the tasks away by the time that it must have left (Consumer::HeldUntil()), and
//      when they are lost, what waits goes with its producer.
//
// Threading: Step() on one thread; Post(), heartbeat() and EventTimes() from any.

#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "base/ids.h"
#include "checkpoint/part_keeper.h"
#include "checkpoint/participant.h"
#include "kafka/cluster.h"
#include "tasks/event_time_view.h"
#include "tasks/mailbox.h"
#include "tasks/messages.h"
#include "tasks/refusals.h"
#include "tasks/stream_task.h"
#include "transaction/transaction_writer.h"

namespace sidestream::tasks {

/// Rules that negative tests switch off, to show that the oracles catch it.
struct WorkerRules {
  /// W2, and that nothing of a task is committed that the group took.
  bool check_permit = true;
  /// W1 for inputs that did not move.
  bool offsets_when_unchanged = true;
  /// W3.
  bool leave_backlog = true;
  /// W4.
  bool drop_stale_chunks = true;
  /// T4: off, a transaction of unknown outcome is repeated as if it had been aborted.
  bool reopen_unknown = true;
  /// W5: off, a task that waited too long goes on as if nothing were.
  bool revoke_first = true;
  /// W5: off, a task that is cut goes on at once.
  bool pause = true;
  /// W5: off, a task is cut at once also where it is to drain.
  bool drain_first = true;
  /// W6.
  bool write_only_while_held = true;
};

struct WorkerOptions {
  size_t index = 0;
  transaction::WriterOptions writer;
  Milliseconds commit_interval{100};
  size_t records_per_poll = 1'000;
  size_t records_per_step = 1'000;
  /// Of one input, fetched and not committed: above it the partition is paused.
  size_t input_bytes_max = 16u << 20;
  /// Of inputs, outputs and stores in the open transaction: above it the commit is due.
  size_t transaction_bytes_max = 12u << 20;
  Milliseconds silence_max{10'000};
  std::string control_topic;
  /// Name of the instance.
  std::string instance;
  checkpoint::PauseLimits pause_limits;
  WorkerRules rules;
};

/// Written by the stepping thread, read by any.
struct WorkerCounters {
  std::atomic<int64_t> pauses{0};
  std::atomic<int64_t> silent_partitions{0};
  /// Records dated so far ahead that they moved no watermark.
  std::atomic<int64_t> records_ahead{0};
  /// Records that are late because their partition was not waited for.
  std::atomic<int64_t> records_late_after_idle{0};
  /// Bytes of records that tasks hold, and of what the open transaction has changed, as of a second
  /// ago.
  std::atomic<int64_t> input_bytes{0};
  std::atomic<int64_t> transaction_bytes{0};
  /// Tasks that went on without waiting for the decision about a checkpoint.
  std::atomic<int64_t> revocations{0};
  /// For how long tasks took no records because of checkpoints: the sum of all, and the longest of
  /// the last one.
  std::atomic<int64_t> held_ms{0};
  std::atomic<int64_t> last_held_ms{0};
};

class Worker final : public EventTimeView, private transaction::OffsetCommitter {
 public:
  struct Dependencies {
    kafka::Cluster& cluster;
    /// Of which only HighWatermark() and HeldUntil() are used.
    const kafka::Consumer& consumer;
    const checkpoint::ControlView& control;
    checkpoint::PartKeeper& parts;
    const Clock& clock;
    Mailbox<ToMember>& member;
  };

  /// Everything in `dependencies` is borrowed and outlives the worker.
  Worker(Dependencies dependencies, std::unique_ptr<kafka::FetchQueue> queue,
         WorkerOptions options);
  ~Worker() override;

  /// Makes the topics that tasks of `spec` write to known before the producer is initialised, which
  /// fetches their metadata. Before the first Step().
  void RegisterTopics(const SubTopologySpec& spec);

  void Post(ToWorker message) { mail_.Post(std::move(message)); }
  kafka::FetchQueue& queue() { return *queue_; }

  /// Does what there is to do, waiting at most `wait` when there is nothing.
  void Step(Milliseconds wait);

  /// When the last step ended: for the watchdog.
  MonotonicTime heartbeat() const { return MonotonicTime(heartbeat_.load()); }
  /// What the worker is at, for the watchdog's last words; of its thread's last step.
  const transaction::WriterCounters& writer_counters() const { return writer_.counters(); }
  transaction::TransactionWriter::State writer_state() const { return writer_.state(); }
  const WorkerCounters& counters() const { return counters_; }
  bool failed() const { return failed_; }
  std::vector<TaskReport> EventTimes() const override;
  /// Nothing of a transaction is under way.
  bool quiet() const { return !writer_.busy(); }

  /// Tasks held now, for views and oracles of the same thread.
  template <typename Visit>
  void ForEachTask(const Visit& visit) {
    for (auto& [id, running] : tasks_) visit(*running.task);
  }

 private:
  struct Running {
    std::unique_ptr<StreamTask> task;
    std::optional<checkpoint::Participant> participant;
    bool stopping = false;
    /// What follows the stop: open again, instead of telling the member that it is stopped.
    bool reopen = false;
    bool finished = false;
    std::set<size_t> paused;  // inputs
  };
  struct Route {
    Running* running = nullptr;
    size_t input = 0;
  };

  void CommitOffsets(uint64_t token, std::vector<kafka::CommittedOffset> offsets) override;

  void Settle(Milliseconds wait);
  void TakeMail();
  void OnStart(StartTask start);
  void OnStop(const StopTask& stop);
  void HandleOutcome();
  void OnCommitted();
  void OnAborted(const transaction::Outcome& outcome);
  void OnRefused(const kafka::DeliveryFailure& failure, const std::vector<StreamTask*>& involved);
  void OnUnknown(const Status& why);
  size_t DrainQueue(Milliseconds wait);
  void Dispatch(std::unique_ptr<kafka::RecordChunk> chunk);
  void FollowCheckpoint();
  /// Milliseconds for which a checkpoint held a task.
  int64_t NoteHeld(MonotonicTime since);
  /// What it is to read before it is cut for `latest` is read, in the open transaction or before.
  bool IsDrained(const Running& running, const checkpoint::Checkpoint& latest) const;
  bool MayProcess(const Running& running) const;
  bool OwesRevoke(const Running& running) const;
  bool OwesCut(const Running& running) const;
  bool HasWork(const Running& running) const;
  checkpoint::CutRecord CutOf(const Running& running) const;
  void OnCut(Running& running, checkpoint::CutRecord cut);
  void ProcessTasks();
  bool ProcessSuspect();
  bool CommitDue() const;
  void BeginCommit();
  void SettleStops();
  void CheckPressure(Running& running);
  void LookAfterTasks();
  void PublishEventTimes();
  void PublishMemory();
  bool IsSilent(const Running& running, size_t input, MonotonicTime now) const;
  void Release(const TaskId& id, bool dirty, const Status& why);
  void Fail(const Status& status);
  void React(const Status& status);
  bool MayCommit() const;
  /// W6: what is written now has left or failed before the group can give the tasks to another.
  bool MayWrite() const;

  const kafka::Consumer& consumer_;
  const checkpoint::ControlView& control_;
  checkpoint::PartKeeper& parts_;
  const Clock& clock_;
  Mailbox<ToMember>& member_;
  const WorkerOptions options_;
  std::unique_ptr<kafka::FetchQueue> queue_;
  transaction::TransactionWriter writer_;
  const kafka::SinkTopic control_topic_;
  Mailbox<ToWorker> mail_;
  std::atomic<MonotonicTime::duration> heartbeat_;

  std::map<TaskId, Running> tasks_;
  std::unordered_map<TopicPartition, Route> routes_;
  /// The checkpoint that the participants have read, by ControlView::checkpoint_changes(). Empty: one
  /// of them is not free, or new.
  std::optional<uint64_t> followed_;
  /// Tasks of the commit under way.
  std::vector<TaskId> committing_;
  /// What it says of checkpoints.
  std::map<TaskId, checkpoint::CutRecord> cutting_;
  std::map<TaskId, checkpoint::CheckpointNumber> revoking_;
  Refusals refusals_;
  Permit permit_;
  /// Epoch of the permit that the commit under way uses; a newer permit may have come since.
  int64_t commit_epoch_ = 0;
  /// The epoch that a refused commit used; a newer one is awaited.
  std::optional<int64_t> refused_epoch_;
  std::optional<MonotonicTime> effects_since_;
  bool announced_ready_ = false;
  /// The last pass over the tasks left work over.
  bool busy_ = false;
  /// Taken from the queue since that pass.
  size_t polled_records_ = 0;
  /// When the queue was last left alone; a partition is not silent for that.
  MonotonicTime queue_left_at_{};
  bool failed_ = false;
  MonotonicTime looked_after_at_{};
  WorkerCounters counters_;

  mutable std::mutex event_times_mutex_;
  std::vector<TaskReport> event_times_;  // guarded by event_times_mutex_
};

}  // namespace sidestream::tasks
