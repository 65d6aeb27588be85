// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A whole application in one thread: the real tasks on an in-process broker, in virtual time.
//
// Place in the flow: behind `run --embedded` and `test`. What they do differently (where
// records come from, what is done with the output) is theirs.
//
// Invariant: after Settle() every record that was fed is processed and committed, through all
// repartition topics; what it made is in TakeOutput().
//
// Threading: confined to one thread.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/status.h"
#include "kafka/cluster.h"
#include "kafka/memory/memory_broker.h"
#include "operators/step_visits.h"
#include "statestore/memory_task_state.h"
#include "tasks/instance.h"
#include "topology/model.h"
#include "topology/plan.h"

namespace sidestream::harness {

struct EmbeddedOptions {
  int32_t instances = 1;
  /// Where the clock stands at the start; it moves only by Settle() and AdvanceTo().
  Timestamp start = ManualClock::kStart;
  /// In place of the model's: how much virtual time a commit waits for more.
  std::optional<Milliseconds> commit_interval;
  /// Decides who goes first wherever several may: instances, partitions of a poll.
  uint64_t seed = 1;
  /// Told of every step that a record comes to; borrowed, may be null.
  operators::StepVisits* visits = nullptr;
};

/// A record to feed.
struct FedRecord {
  std::string topic;
  std::optional<std::string> key;
  std::optional<std::string> value;
  /// Empty: where the clock stands.
  std::optional<Timestamp> timestamp;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
  /// Empty: where the key lies; 0 without a key.
  std::optional<Partition> partition;
};

/// A record that the application wrote to a user topic or to its dead letters, committed.
struct CollectedRecord {
  TopicPartition partition;
  std::optional<std::string> key;
  std::optional<std::string> value;
  Timestamp timestamp;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
};

/// What a store of one task holds: key bytes and row bytes.
struct TaskRows {
  std::map<std::string, std::string> rows;
  /// Event time of the task; kNoWatermark: not known.
  Timestamp watermark = kNoWatermark;
};

class EmbeddedApplication {
 public:
  /// Makes broker, topics and instances, and starts them. `model` is borrowed and must outlive
  /// the application. Errors are those of an instance's start.
  static Result<std::unique_ptr<EmbeddedApplication>> Start(
      const topology::Model& model, std::shared_ptr<const topology::Plan> plan,
      EmbeddedOptions options);
  ~EmbeddedApplication();

  /// Writes a record to a topic. kBadRecord: no such partition, or too large for the broker.
  Status Feed(const FedRecord& record);
  /// Runs until everything that was fed is processed and committed. Fails with the reason
  /// when an instance fails, and with kFatal when it does not come to an end.
  Status Settle();
  /// New committed records of the user topics that the application writes and of its dead letters,
  /// by topic in the plan's order, then partition, then offset.
  Result<std::vector<CollectedRecord>> TakeOutput();

  /// Moves the clock forward; to an earlier time does nothing.
  void AdvanceTo(Timestamp time);
  Timestamp now() const { return clock_.WallTime(); }

  /// Ends every input where its log ends now, as `end_at: latest` does: instances start anew, and
  /// event time runs out. Requires Settle(); nothing is to be fed after it.
  Status End();

  /// Kills every instance where it stands and starts new ones on the same disks.
  Status CrashAndRestart();

  /// Stops all instances in order and starts new ones with another version of the topology, on the
  /// same disks and broker. Requires Settle(). State may be lost with it; fails at the next Settle()
  /// where the bytes of a store would mean something else.
  Status ChangeTo(const topology::Model& model, std::shared_ptr<const topology::Plan> plan);

  // A rebalance while records flow. Instances are numbered in the order of their start; a number is
  // not given again. One of them has to stay.
  /// One more instance, on an empty disk. Returns its number.
  Result<size_t> Join();
  /// Stops an instance in order; the others go on meanwhile and take its tasks.
  Status Leave(size_t instance);
  /// An instance dies where it stands, and its disk with it. Group and transactions time out at
  /// once.
  void Kill(size_t instance);
  /// Lets the application work for so long, settled or not.
  Status Work(Milliseconds time);

  /// Committed rows of a store, by task. Requires Settle().
  Result<std::vector<TaskRows>> StoreRows(const std::string& store);

  const topology::Plan& plan() const { return *plan_; }

 private:
  /// What TakeOutput() reads.
  struct OutputTopic {
    std::string name;
    int32_t partitions = 0;
  };
  /// Without a disk: the instance is gone for good.
  struct Slot {
    std::string name;
    std::unique_ptr<statestore::MemoryTaskStateFactory> disk;
    std::unique_ptr<tasks::Instance> instance;
  };

  EmbeddedApplication(const topology::Model& model, std::shared_ptr<const topology::Plan> plan,
                      EmbeddedOptions options);
  static std::vector<OutputTopic> OutputTopicsOf(const topology::Plan& plan);
  void MakeApplication(const topology::Model& model);
  Status MakeTopics();
  Status MakeFeeder();
  Status MakeReader();
  Status Stop(Slot& slot);
  void AddSlot();
  Status StartInstances();
  Status StartInstance(Slot& slot);
  void Step();
  bool Settled();
  Status Failure() const;

  std::shared_ptr<const topology::Plan> plan_;
  const EmbeddedOptions options_;
  std::vector<OutputTopic> outputs_;
  tasks::ApplicationSpec application_;
  ManualClock clock_;
  kafka::memory::Broker broker_;
  std::unique_ptr<kafka::Cluster> cluster_;
  std::unique_ptr<kafka::Producer> feeder_;
  std::map<std::string, kafka::TopicHandle> feed_topics_;
  std::unique_ptr<kafka::LogReader> reader_;
  std::vector<Slot> slots_;
  // Slots in the order of their turns.
  std::vector<size_t> turns_;
  Random random_;
  uint64_t starts_ = 0;
};

}  // namespace sidestream::harness
