// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Several instances of the real engine, one in-process broker, one thread, virtual time, one
// seed.
//
// Fault model
//  - An instance dies at any boundary between steps, as by kill -9: nothing is closed, what
//    its stores had not flushed is lost (a random prefix of whole applies may survive).
//  - It comes back on the same disk, or on an empty one, or under another name; or never.
//  - Requests are delayed, lost, answered and the answer lost, or arrive a second time later,
//    also those of a dead process: one that its name is taken from so ends and is restarted.
//  - Sessions expire; partitions move at every join and leave.
//  - On demand threads of an instance, or all of it, stand still while the others go on: also
//    after each commit, as behind a slow disk.
//  - The wall clock of an instance is off, and jumps.
//  - Where images of states are looked for, what tests/support/memory_image_source.h says.
//  - The broker itself does not lose or reorder what it accepted.

#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "applications.h"
#include "base/clock.h"
#include "checkpoint/control_record.h"
#include "kafka/memory/memory_broker.h"
#include "kafka/memory/memory_cluster.h"
#include "statestore/memory_task_state.h"
#include "tasks/instance.h"
#include "tests/support/memory_cut_storage.h"
#include "tests/support/memory_image_source.h"

namespace sidestream::simulation {

struct ClusterOptions {
  uint64_t seed = 1;
  /// Its id, and what the names of its outputs begin with.
  std::string application = "sim";
  std::string outputs;
  /// Of repartition topics.
  int32_t hop_partitions = 3;
  bool exactly_once = true;
  bool stable_names = true;
  kafka::AssignmentStrategy strategy = kafka::AssignmentStrategy::kCooperativeSticky;
  size_t instances = 3;
  size_t workers = 2;
  tasks::Rules rules;
  bool atomic_flush = true;
  /// The client refuses a membership that is over, as ours do (BrokerOptions).
  bool refuse_unusable_membership = true;
  /// The client numbers its fetches, as ours does (BrokerOptions).
  bool drop_outdated_records = true;
  /// Threads of an instance lag behind each other at random, up to so many ticks; 0: never.
  int64_t lag_ticks_max = 0;
  /// A worker stands still after each commit, up to so many ticks: its disk is slow. 0: never.
  int64_t slow_disk_ticks_max = 0;
  /// Every commit of a counting task writes a row, also one that read nothing.
  bool row_at_each_commit = false;
  Milliseconds max_poll_interval{30'000};
  /// Tasks tell the next ones of their time; off, a topic gets nothing but records.
  bool marks = true;
  /// Of the counting application: orders come to the counts over two repartition topics.
  bool two_hops = false;
  /// In place of the counting and merging application, the one of windows.
  bool windows = false;
  Version version;
  /// Instances that end because another version runs are started again, as after exit 78.
  bool versions_end = false;
  int32_t standby_replicas = 0;
  /// Between periodic checkpoints; 0: none, but whoever asks gets one.
  Milliseconds checkpoint_interval{0};
  /// A restore with so many offsets to read looks for an image among the checkpoints; 0: none does.
  int64_t seek_images_from = 0;
  /// Periodic checkpoints whose images are not deleted yet.
  size_t images_retained = 2;
};

/// The cluster's clock as one machine has it: deadlines are those of all, the time of day its own.
class MachineClock final : public Clock {
 public:
  explicit MachineClock(const Clock& clock) : clock_(clock) {}
  MonotonicTime Now() const override { return clock_.Now(); }
  Timestamp WallTime() const override { return clock_.WallTime() + offset_.count(); }
  void SetOffset(Milliseconds offset) { offset_ = offset; }

 private:
  const Clock& clock_;
  Milliseconds offset_{0};
};

class SimulatedCluster {
 public:
  explicit SimulatedCluster(ClusterOptions options);
  ~SimulatedCluster();

  kafka::memory::Broker& broker() { return broker_; }
  ManualClock& clock() { return clock_; }
  Random& random() { return random_; }
  const tasks::ApplicationSpec& application() const { return application_; }
  const Version& version() const { return options_.version; }
  /// It runs the application of windows.
  bool windows() const { return options_.windows; }

  /// Appends the next id to a random partition of `topic`; "left" and "right" feed the merge.
  void Feed(const std::string& topic);
  /// Appends the next id to one partition, dated `timestamp`.
  void FeedAt(const std::string& topic, Partition partition, Timestamp timestamp);
  const std::set<int64_t>& fed(const std::string& topic) { return fed_[topic]; }
  /// The id was fed, to a topic that is not among these.
  bool FedToOtherThan(const std::set<std::string>& topics, int64_t id) const;

  void StartInstance(size_t index);
  /// As `run` does: what earlier versions recorded decides. kInvalidConfig: refused, not started.
  Status StartVersion(size_t index, const Version& version);
  /// From now on the oracles, and CaughtUp(), go by this version; only StartVersion() starts any.
  void AimAt(const Version& version);
  /// Ends all instances in order. Those that are started from now on are of a new application: of the
  /// same version or of windows too, with topics of its own beside the same sources, on empty disks.
  void BecomeAnother(const std::string& id, int32_t hop_partitions);
  void KillInstance(size_t index);
  /// As KillInstance(), and nothing unflushed survives.
  void KillInstanceLosingUnflushed(size_t index);
  void WipeDisk(size_t index);
  void StopInstance(size_t index);
  /// Whether some instance was told to stop and has not ended yet.
  bool AnyStops() const;
  /// Ends every lag and slow disk.
  void EndLags();
  /// A tick takes so long at most; kTick at first. The longer, the fewer interleavings.
  void SetPace(Milliseconds tick_max) { tick_max_ = tick_max; }
  /// The wall clock of the instance, in this life and the next ones, is so far off from now on.
  void SetClockOff(size_t index, Milliseconds offset) { slots_[index].clock->SetOffset(offset); }
  /// Asks for a savepoint, as the command does. Returns the id of the request.
  uint64_t RequestSavepoint(const std::string& name, bool stop = false, bool drain = false);
  /// Where checkpoints are stored.
  testing::MemoryCutLocation& location() { return location_; }
  /// Null: nobody looks for images.
  testing::MemoryImagePlace* images() { return images_.get(); }
  /// Tasks with stores that were opened so far.
  int64_t Restores(tasks::RestoreSource from) const;
  /// The newest checkpoint, as some instance has read it; null: there is none.
  std::shared_ptr<const checkpoint::Checkpoint> LatestCheckpoint();
  /// The group evicts the instance, which hears of it later.
  void ExpireSession(size_t index);
  tasks::Instance* instance(size_t index) { return slots_[index].instance.get(); }
  /// A part of an instance (Instance::StepSome()) stands still for so many ticks from now on.
  void Lag(size_t index, size_t part, int64_t ticks) { slots_[index].lag[part] = ticks; }
  size_t size() const { return slots_.size(); }
  const std::string& outputs() const { return options_.outputs; }

  static constexpr Milliseconds kTick{10};
  /// One step of every live instance in random order, then some virtual milliseconds.
  void Tick();
  /// Ticks until every input is committed to its log end, or the limit; says which.
  bool RunUntilCaughtUp(Milliseconds limit);
  bool CaughtUp();
  /// What is behind and who holds it, for the message of a run that does not settle.
  std::string Lag();
  /// The first failure of an instance, once there is one.
  const std::optional<std::string>& failure() const { return failure_; }

  /// Values of a topic as a read_committed reader sees them, with their keys, partition by partition.
  std::vector<std::pair<std::string, std::string>> Read(const std::string& topic);

 private:
  struct Slot {
    std::unique_ptr<statestore::MemoryTaskStateFactory> disk;
    std::unique_ptr<MachineClock> clock;
    std::unique_ptr<testing::MemoryCutStorage> cuts;
    std::unique_ptr<testing::MemoryImageSource> images;
    std::unique_ptr<tasks::Instance> instance;
    int lives = 0;
    std::string name;
    /// Of StartVersion(); else all have the same.
    std::unique_ptr<tasks::ApplicationSpec> application;
    bool stopping = false;
    std::map<size_t, int64_t> lag;  // ticks by part
    std::vector<int64_t> committed;  // transactions by worker, of this life
  };
  bool Runs(Slot& slot, size_t part);
  void WaitForDisk(Slot& slot);
  void MakeTopics(const std::vector<std::pair<std::string, int32_t>>& topics);
  void PutDisk(Slot& slot);
  void EndInstance(Slot& slot);

  ClusterOptions options_;
  Milliseconds tick_max_ = kTick;
  ManualClock clock_;
  Random random_;
  kafka::memory::Broker broker_;
  std::unique_ptr<kafka::Cluster> cluster_;
  std::unique_ptr<kafka::Producer> feeder_;
  std::map<std::string, kafka::TopicHandle> feed_topics_;
  std::map<std::string, std::set<int64_t>> fed_;
  testing::MemoryCutLocation location_;
  std::unique_ptr<testing::MemoryImagePlace> images_;
  int64_t next_id_ = 0;
  int64_t next_request_ = 0;
  tasks::ApplicationSpec application_;
  std::vector<Slot> slots_;
  /// By instances that have ended.
  std::array<int64_t, tasks::kRestoreSources> restores_{};
  std::optional<std::string> failure_;
};

/// A number in the environment.
int64_t FromEnvironment(const char* name, int64_t otherwise);
/// How many seeds a case runs: SIDESTREAM_SEEDS, else `usual`, and a fifth of that under the
/// sanitizers, which take ten times as long.
int64_t SeedCount(int64_t usual);

}  // namespace sidestream::simulation
