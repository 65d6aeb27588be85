// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Rebuilds the stores of tasks by replaying the tails of their changelogs.
//
// Place in the flow: reads through kafka/, writes into statestore/, is driven by tasks/ (on the
// pool, or in the one thread of a simulation). It never produces a record and never commits
// an offset.
//
// Threading: confined to the thread that steps it, except Progress(), which any thread may call.
//
// Invariants
//  I1. The restore end of a changelog is captured once per registration, as the log end
//      *including* open transactions; records are then read read_committed. Anything
//      appended later belongs to the next owner.
//  I2. A store is complete when the reader's position, which steps over transaction markers,
//      reaches the restore end. The offset of the last applied record may stay below it for
//      ever, and an EOF event at the last stable offset is not the end.
//  I3. A registration reports its outcome at most once.
//  I4. A log that does not fit (log_fitness.h) stops the task; nothing local is touched (R16).
//  I5. Where much is to be read, rows are collected, sorted and brought in as files; the state's
//      position stands where the last file ends, and what was collected behind it is read again
//      after a crash.

#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/status.h"
#include "changelog/image_choice.h"
#include "kafka/admin.h"
#include "kafka/consumer.h"
#include "statestore/task_state.h"

namespace sidestream::changelog {

struct StoreRestorerOptions {
  /// Records taken from the reader in one Step(); bounds the batch and the step.
  size_t batch_records_max = 10'000;
  /// A store with so many offsets to read is brought in by sorted files.
  int64_t ingest_from = 200'000;
  /// What is collected for such files, of all stores of this restorer together.
  size_t chunk_bytes_max = size_t{64} << 20;
  /// Longest time that one Step() waits for records; zero never blocks.
  Milliseconds poll_wait{0};
  /// After so long without progress below the restore end an open transaction is the likely
  /// cause, and is logged: the transaction timeout and the broker's 10 s.
  Milliseconds transaction_wait{20'000};
  /// How long a changelog topic may stay invisible, or the cluster silent, before the task fails.
  Milliseconds give_up_after{120'000};
  /// Between a question to the cluster that failed and the next one.
  Milliseconds ask_again_after{100};
  /// With so many offsets to read, a task that asks is told before anything is read.
  int64_t ask_elsewhere_from = kAskElsewhereFrom;
  /// Logs what is read. False: somebody who follows a changelog, and reads a little all the time.
  bool tells = true;
};

/// The rules of a replay, in one place. Tests switch one off to see that an oracle notices.
struct RestoreRules {
  /// I1. kReadCommitted ends at the last stable offset: it misses a committed record behind
  /// another producer's open transaction (engine-kafka4 E).
  kafka::IsolationLevel end = kafka::IsolationLevel::kReadUncommitted;
};

/// How the replay of one task ended.
struct RestoreOutcome {
  TaskId task;
  /// kStopped: the log does not fit the state, the message says what to do. kTaskCorrupted: close
  /// dirty, move the directory aside, open and register again. kInvalidConfig: a newer release
  /// wrote the log. kUnavailable: gave up waiting, register again. kFatal: disk.
  /// kTaskMigrated: cancelled.
  Status status;
  /// Highest sequence seen in the meta and in the rows (to compare with the stamp).
  CommitSequence highest_sequence;
  int64_t restored_records = 0;
  /// Stores that were read from the start of their log.
  int32_t full_restores = 0;
  /// Not empty: much is to be read, and nothing was done yet. Look elsewhere, or register again.
  std::vector<LogAhead> ahead;
};

/// What is to be done where much is to be read.
enum class FarRestore { kRead, kAsk };

class StoreRestorer {
 public:
  struct ProgressReport {
    int64_t restored_records = 0;
    /// Offsets still to go; markers and aborted records count.
    int64_t remaining_records = 0;
    /// Offsets that were gone past since the restorer was made; never falls.
    int64_t passed_offsets = 0;
    /// Collected, and not in a store yet.
    int64_t collected_bytes = 0;
  };

  /// All are borrowed and outlive the restorer.
  StoreRestorer(kafka::Admin& admin, kafka::LogReader& reader, const Clock& clock,
                StoreRestorerOptions options = {}, RestoreRules rules = {});
  ~StoreRestorer();
  StoreRestorer(const StoreRestorer&) = delete;
  StoreRestorer& operator=(const StoreRestorer&) = delete;

  /// Begins to bring all stores of `state` to the end of their changelogs (partition
  /// `task.partition` of each). The end is captured from here on, so call it when the producer
  /// of the worker is initialised and the task's committed offsets have been read: then nothing
  /// of a predecessor can come behind it (recipe 10.6, steps 1 to 3).
  /// `state` is borrowed until the outcome or Cancel(), and used by Step() only.
  /// Requires: `task` is not registered.
  void Register(const TaskId& task, statestore::TaskState& state,
                FarRestore far = FarRestore::kRead);
  /// Ends the restore of `task`; empty when it is not registered. What was read is in the state.
  std::optional<RestoreOutcome> Cancel(const TaskId& task);

  /// Goes on with all registered tasks and says which of them are done.
  std::vector<RestoreOutcome> Step(MonotonicTime now);

  bool idle() const { return tasks_.empty(); }
  /// The last Step() brought records.
  bool read_something() const { return read_something_; }
  /// Totals over the tasks registered now; may lag a concurrent Step().
  ProgressReport Progress() const;

 private:
  struct StoreReplay;
  struct TaskReplay;

  void Prepare(TaskReplay& task, MonotonicTime now);
  std::vector<LogAhead> FarAhead(const TaskReplay& task) const;
  Status StartReading(TaskReplay& task, StoreReplay& store, MonotonicTime now);

  void ReadBatch();
  Status ApplyChunk(TaskReplay& task, StoreReplay& store, const kafka::RecordChunk& chunk);
  Status CollectChunk(TaskReplay& task, StoreReplay& store, const kafka::RecordChunk& chunk);
  static Status DecodeRow(const StoreReplay& store, const kafka::Record& record,
                          statestore::Change& row, CommitSequence& highest);
  void CountPassed(StoreReplay& store);
  Status Ingest(TaskReplay& task, StoreReplay& store);
  Status BoundChunks();
  Status AdvanceStore(TaskReplay& task, StoreReplay& store, MonotonicTime now);
  Status FinishStore(TaskReplay& task, StoreReplay& store);
  void ReaderFailed(const Status& status);
  void StopReading(StoreReplay& store);
  void StopReading(TaskReplay& task);
  RestoreOutcome Finish(TaskReplay& task);
  void PublishProgress();

  kafka::Admin& admin_;
  kafka::LogReader& reader_;
  const Clock& clock_;
  const StoreRestorerOptions options_;
  const RestoreRules rules_;

  std::map<TaskId, std::unique_ptr<TaskReplay>> tasks_;
  /// Which store a changelog partition belongs to, while it is read.
  std::map<TopicPartition, std::pair<TaskReplay*, StoreReplay*>> reading_;

  bool read_something_ = false;
  /// Kept between chunks for its memory.
  std::vector<statestore::Change> rows_;

  std::atomic<int64_t> restored_records_{0};
  std::atomic<int64_t> remaining_records_{0};
  std::atomic<int64_t> passed_offsets_{0};
  std::atomic<int64_t> collected_bytes_{0};
};

}  // namespace sidestream::changelog
