// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// StreamTask: one sub-topology over one partition number: its inputs, operators, stores and
// progress. Start reading here.
//
// Place in the flow: a worker adds chunks, lets the task process them, and commits. Commit
// verbs: PrepareCommit() -> (Kafka transaction) -> Committed() | Aborted().
//
// Invariants
//  K1. An abort takes back everything the transaction did to the task: overlay, positions,
//      time. Metrics are not taken back.
//  K2. Of several inputs the record with the smallest event time is taken first; an input
//      without a record is waited for while it may hold data below the last stable offset.
//      So is one whose head record cannot be read yet: the task is parked, and commits what it has.
//      A record that lies too far ahead of other partitions of its topic (`max_drift`) stays where
//      it is, and the other inputs go on.
//  K3. All inputs get the same sequence in each commit, also those that did not move.
//
// Threading: confined to its worker, save construction.

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/status.h"
#include "changelog/changelog_writer.h"
#include "kafka/record.h"
#include "operators/processor_context.h"
#include "statestore/task_state.h"
#include "tasks/alignment.h"
#include "tasks/closing_marks.h"
#include "tasks/event_time_view.h"
#include "tasks/input_queue.h"
#include "tasks/mark_schedule.h"
#include "tasks/sub_topology.h"
#include "time/commit_stamp.h"
#include "time/task_time.h"

namespace sidestream::kafka {
class Consumer;
}
namespace sidestream::transaction {
class TransactionWriter;
}

namespace sidestream::tasks {

/// Where an input stands when its task starts.
struct InputStart {
  /// Index in the spec's inputs.
  size_t spec_index = 0;
  TopicPartition partition;
  TopicId topic_id;
  Offset position;
  /// From the stamp, of a user's topic and of a repartition topic.
  time::SourceTime::Kept time;
  std::vector<time::UpstreamTime> upstreams;
  /// Of a bounded input.
  std::optional<Offset> end;
};

/// Rules that negative tests switch off, to show that the oracles catch it.
struct TaskRules {
  time::UpstreamRules upstreams;
  MarkRules marks;
};

/// What a task starts with; the opener (TaskRegistry) makes it.
struct TaskStart {
  TaskId id;
  /// In the order of the spec's inputs, those that have a partition of this task's number.
  std::vector<InputStart> inputs;
  /// Of the last commit; zero: the first transaction stamps the start positions.
  CommitSequence sequence;
  /// Event time as it was committed last.
  Timestamp watermark = kNoWatermark;
  /// Of this owner: higher than that of any before it (time/mark.h).
  uint32_t generation = 0;
  /// Drawn at each opening: tells owners apart where the generation may not (checkpoint_record.h).
  uint64_t life = 0;
  Milliseconds mark_interval{1'000};
  /// Offsets are committed again this long after the last commit.
  Milliseconds recommit_interval{std::chrono::hours(6)};
  /// An input without a stamped offset: commit before the first record.
  bool commit_first = false;
  /// At least once: a late copy of an older commit may take the offsets back, unfenced, so those of
  /// a task that came to rest are committed once more when no copy is left.
  bool repeat_offsets = false;
  /// Null when the sub-topology has no stores.
  std::unique_ptr<statestore::TaskState> state;
  std::unique_ptr<operators::TaskProgram> program;
  /// Borrowed; null: no input has a `max_drift`.
  Alignment* alignment = nullptr;
  TaskRules rules;
};

struct TaskCounters {
  int64_t records = 0;
  int64_t dropped = 0;
  int64_t produced = 0;
};

class StreamTask final : public operators::ProcessorContext {
 public:
  /// `spec`, `clock` and `random` are borrowed and outlive the task.
  StreamTask(const SubTopologySpec& spec, TaskStart start, const Clock& clock, Random& random);
  ~StreamTask() override;
  StreamTask(const StreamTask&) = delete;
  StreamTask& operator=(const StreamTask&) = delete;

  const TaskId& id() const { return id_; }
  uint64_t life() const { return life_; }
  const SubTopologySpec& spec() const { return spec_; }
  size_t input_count() const { return inputs_.size(); }
  const TopicPartition& input(size_t index) const { return inputs_[index].start.partition; }
  Offset position(size_t input) const { return inputs_[input].queue.position(); }
  bool is_repartition(size_t index) const { return SpecOf(index).repartition; }

  /// Connects the task with its worker's writer and with what knows the ends of logs; both are
  /// borrowed. Once, before anything below.
  void Attach(transaction::TransactionWriter& writer, const kafka::Consumer& consumer);

  /// Takes a fetched chunk of input `index`.
  void Add(size_t index, std::unique_ptr<kafka::RecordChunk> chunk);
  size_t buffered_bytes(size_t index) const { return inputs_[index].queue.bytes(); }
  size_t processed_bytes(size_t index) const { return inputs_[index].queue.processed_bytes(); }
  /// When input `index` last delivered anything.
  MonotonicTime heard_at(size_t index) const { return inputs_[index].heard_at; }
  bool waiting(size_t index) const { return inputs_[index].queue.empty(); }

  /// Processes up to `records_max` records and returns how many it did, then what time alone brings.
  /// Zero: there is no record to process now.
  /// kBadRecord: a policy says fail. kAbortRequired: abort. kTaskCorrupted, kFatal: as they say.
  Result<size_t> Process(size_t records_max);

  /// The start positions are still to be committed, before the first record.
  bool commit_first() const { return commit_first_; }
  /// A commit of this task would say something new.
  bool HasEffects() const;
  size_t uncommitted_bytes() const;
  /// Lets held results go and writes the changelog. Errors as Process().
  Status PrepareCommit();
  /// Offsets and stamps of all inputs for the commit under way; false: of those only that moved,
  /// which breaks R3 and K3 (WorkerRules).
  std::vector<kafka::CommittedOffset> OffsetsToCommit(bool unchanged_too = true) const;
  /// Adds what this commit says of the task's time; between PrepareCommit() and Committed().
  /// `to_all`: every partition is to know it, for nothing comes behind.
  void CollectMarks(ClosingMarks& marks, bool to_all);
  /// The transaction is committed: applies it to the stores.
  Status Committed();
  /// The transaction is undone (K1).
  void Aborted();

  /// Every bounded input stands at its end, and that is committed.
  bool finished() const;
  /// Makes the stores durable when the last time is an hour ago.
  Status MaybeFlush();
  /// Lets go of the stores. `dirty`: nothing of the open transaction is trusted.
  Status Close(bool dirty);

  /// The broker refused what the record at the current position wrote to `topic`: nothing is
  /// produced there, `why` meets the step's policy instead. kBadRecord: until the next commit.
  /// kInvalidConfig (access rights): for a minute, and then until the broker has been asked again.
  void Refuse(const std::string& topic, Status why);
  bool HasOutput(const std::string& topic) const;
  /// Its outputs or changelogs.
  bool WritesTo(const std::string& topic) const;

  statestore::TaskState* state() { return state_.get(); }
  const TaskCounters& counters() const { return counters_; }
  TaskReport EventTimeReport() const;
  /// Records since the last call whose time lay so far ahead that it moved no watermark.
  int64_t TakeAhead() { return std::exchange(ahead_, 0); }
  /// Records since the last call that were late for the task but not for their partition: it was idle,
  /// and event time went on without it.
  int64_t TakeLateAfterIdle() { return std::exchange(late_after_idle_, 0); }
  /// Wall time as of which all that time brings has been done.
  Timestamp looked_at() const { return now_.wall; }
  CommitSequence sequence() const { return sequence_; }

  // operators::ProcessorContext
  statestore::KeyValueStore& Store(size_t index) override;
  Status Produce(const operators::OutputRecord& record) override;
  Timestamp WallTime() const override { return clock_.WallTime(); }
  uint64_t RandomBits() override { return random_.Next(); }
  void CountDropped(std::string_view step, std::string_view reason) override;
  void CountDeadLetter(std::string_view step, std::string_view cause) override;

 private:
  /// Event time of a head record. Without one of its own it moves no watermark.
  struct HeadTime {
    Timestamp at;
    bool known = false;
  };
  struct Input {
    InputStart start;
    InputQueue queue;
    MonotonicTime heard_at;
    std::optional<HeadTime> head_time;
    /// Of an aligned partition: records beyond wait.
    Timestamp limit = kEndOfTime;
  };

  bool IsAligned(size_t index) const { return SpecOf(index).watermark.max_drift.has_value(); }
  /// What the others of an aligned partition are to know, and how far it may go itself.
  void Align();
  /// The input to take a record of; none: there is nothing to do now.
  Result<std::optional<size_t>> ChooseInput();
  /// False: its head record cannot be read yet.
  Result<bool> HeadReady(size_t index);
  bool AtEnd(const Input& input) const;
  bool HasHead(size_t index);
  operators::InputRecord ReadHead(size_t index);
  HeadTime EventTime(size_t index, const operators::InputRecord& record);
  Status ProcessHead(size_t index);
  Status ProcessRecord(size_t index, const operators::InputRecord& record, bool timed);
  Status TakeMark(size_t index, std::string_view bytes);
  /// What comes without a record: silence, the end of bounded inputs, the clock.
  Status FollowTime();
  std::optional<bool> CaughtUp(size_t index, const time::SourceTime& source) const;
  /// Tells the program where event time has come to.
  Status MoveEventTime();
  /// All inputs are silent, but results of their last records come soon.
  bool OwesResults() const {
    return reach_ms_ > 0 && time_.watermark() < time_.highest() + reach_ms_ &&
           time_.FollowsNearClock(now_);
  }
  /// What marks say of this task now. Who owes results is waited for.
  MarkSchedule::Said Said() const {
    return MarkSchedule::SaidOf(OwesResults() ? time::Progress::kActive : time_.progress(),
                                time_.watermark());
  }
  time::UpstreamTime EntryOf(const MarkSchedule::Said& said) const;
  Status WriteOpeningMarks();
  /// Something was read or written since the last commit.
  bool HasNews() const;
  const InputSpec& SpecOf(size_t index) const {
    return spec_.inputs[inputs_[index].start.spec_index];
  }
  Status CheckLimits(const OutputSpec& output, const operators::OutputRecord& record,
                     size_t value_bytes) const;

  const SubTopologySpec& spec_;
  const TaskId id_;
  const uint64_t life_;
  const Clock& clock_;
  Random& random_;
  const uint64_t anchor_hash_;
  std::vector<Input> inputs_;
  CommitSequence sequence_;
  bool commit_first_;
  std::unique_ptr<statestore::TaskState> state_;
  std::unique_ptr<operators::TaskProgram> program_;
  const bool may_wait_;
  Alignment* const alignment_;
  const bool follows_event_time_;
  const int64_t reach_ms_;
  /// Both clocks as of the step under way: a reading for each record costs.
  ClockReading now_;
  time::TaskTime time_;
  /// As committed: what an abort takes back (K1).
  time::TaskTime committed_time_;
  /// The program has made all that is due up to here: the watermark, or in the middle of an advance
  /// the one before it.
  Timestamp settled_watermark_;
  const uint32_t generation_;
  /// Outputs that marks go to, as the schedule counts its topics.
  const std::vector<size_t> marked_outputs_;
  MarkSchedule marks_;
  transaction::TransactionWriter* writer_ = nullptr;
  const kafka::Consumer* consumer_ = nullptr;
  std::vector<kafka::SinkTopic> output_topics_;
  std::vector<kafka::SinkTopic> changelog_topics_;
  changelog::ChangelogWriter changelog_;
  bool produced_ = false;
  struct RefusedTopic {
    Status why;
    /// Of access rights; else the next commit ends it.
    std::optional<MonotonicTime> until;
  };
  std::map<std::string, RefusedTopic, std::less<>> refused_;
  std::string encoded_;
  std::vector<Header> headers_;
  const bool repeat_offsets_;
  const Milliseconds recommit_interval_;
  /// The last commit only repeated the one before it.
  bool offsets_repeated_ = false;
  const MonotonicTime started_at_;
  MonotonicTime flushed_at_;
  MonotonicTime committed_at_;
  TaskCounters counters_;
  int64_t ahead_ = 0;
  int64_t late_after_idle_ = 0;
};

}  // namespace sidestream::tasks
