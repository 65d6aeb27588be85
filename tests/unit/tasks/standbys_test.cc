// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Standbys between whole instances, each with a disk of its own, in virtual time: following, taking
// over, leaving.

#include "tasks/standbys.h"

#include <gtest/gtest.h>

#include <map>

#include "keep_program.h"
#include "stepped_instance.h"

namespace sidestream::tasks {
namespace {

using std::chrono::seconds;
using Rows = std::map<std::string, std::string>;

class StandbysTest : public SteppedInstanceTest {
 protected:
  static constexpr Partition kPartitions = 2;

  StandbysTest() {
    AddTopic("in", kPartitions);
    AddTopic("t-presence", 1);
    AddTopic("t-rows-changelog", kPartitions, {{"cleanup.policy", "compact"}});
    SubTopologySpec spec;
    spec.name = "in";
    spec.inputs = {{.topic = "in", .partitions = kPartitions}};
    spec.stores = {{.name = "rows", .changelog_topic = "t-rows-changelog", .fingerprint = 1}};
    spec.programs = std::make_shared<KeepFactory>();
    application_.sub_topologies = {spec};
    application_.standby_replicas = 1;
    application_.presence_topic = "t-presence";
  }

  void Run(const std::string& name) {
    InstanceOptions options;
    options.name = name;
    options.consumer.session_timeout = seconds(10);
    auto& disk = disks_[name];
    if (!disk)
      disk = std::make_unique<statestore::MemoryTaskStateFactory>(
          statestore::MemoryTaskStateOptions{.application = "t"});
    auto made = Instance::Create(application_, {observed_, *disk, clock_}, options, seed_++);
    ASSERT_TRUE(made.ok()) << made.status();
    ASSERT_TRUE((*made)->Start().ok());
    running_[name] = std::move(made).value();
  }
  void Crash(const std::string& name, Random* random = nullptr) {
    running_.erase(name);
    disks_[name]->Crash(random);
  }
  void Stop(const std::string& name) {
    running_[name]->RequestStop();
    ASSERT_TRUE(StepAllUntil([&] { return running_[name]->stopped(); }));
    running_.erase(name);
  }

  bool StepAllUntil(const std::function<bool()>& done, Milliseconds limit = seconds(120)) {
    const MonotonicTime deadline = clock_.Now() + limit;
    while (!done() && clock_.Now() < deadline) {
      for (auto& [name, instance] : running_) instance->Step();
      clock_.Advance(Milliseconds(10));
    }
    return done();
  }
  bool AllRun() {
    size_t tasks = 0;
    for (const auto& [name, instance] : running_) {
      if (!instance->ready()) return false;
      tasks += instance->member().running_tasks();
    }
    return tasks == kPartitions;
  }
  /// Every task has a standby that stands at its changelog's end.
  bool AllFollowed() {
    size_t standbys = 0;
    for (const auto& [name, instance] : running_) {
      standbys += static_cast<size_t>(instance->standbys()->counters().standbys.load());
      if (instance->standbys()->Progress().remaining_records > 0) return false;
    }
    return standbys == kPartitions;
  }

  void Put(Partition partition, const std::string& key, const std::string& value) {
    if (!feeder_) {
      feeder_ = cluster_->NewProducer({.client_id = "feeder"}).value();
      in_ = feeder_->RegisterTopic("in");
      feeder_->StartInit();
      while (!feeder_->Poll(Milliseconds(0))) clock_.Advance(Milliseconds(1));
    }
    ASSERT_TRUE(
        feeder_->Produce({.topic = in_, .partition = partition, .key = key, .value = value}).ok());
    model_[partition][key] = value;
    feeder_->StartFlush();
    while (!feeder_->Poll(Milliseconds(0))) clock_.Advance(Milliseconds(1));
  }
  bool AllCommitted() {
    for (Partition p = 0; p < kPartitions; ++p) {
      if (Committed({"in", p}) != broker_.LogEnd({"in", p})) return false;
    }
    return true;
  }

  /// What the disk of `name` holds of a task that is not open.
  Rows RowsOf(const std::string& name, Partition partition) {
    Rows rows;
    auto state =
        disks_[name]->Open({"in", partition}, application_.sub_topologies[0].stores).value();
    EXPECT_TRUE(state
                    ->Scan(0, [&](std::string_view key,
                                  std::string_view value) { rows.emplace(key, value); })
                    .ok());
    EXPECT_TRUE(state->Close(/*dirty=*/false, clock_.WallTime()).ok());
    return rows;
  }

  std::map<std::string, std::unique_ptr<statestore::MemoryTaskStateFactory>> disks_;
  std::map<std::string, std::unique_ptr<Instance>> running_;
  std::unique_ptr<kafka::Producer> feeder_;
  kafka::TopicHandle in_;
  std::map<Partition, Rows> model_;
  uint64_t seed_ = 1;
};

TEST_F(StandbysTest, ASuccessorWithAStandbyReadsOnlyTheTail) {
  Run("a");
  ASSERT_TRUE(StepAllUntil([&] { return AllRun(); }));
  for (int i = 0; i < 400; ++i) Put(i % 2, "k" + std::to_string(i), "1");
  ASSERT_TRUE(StepAllUntil([&] { return AllCommitted(); }));
  Run("b");
  ASSERT_TRUE(StepAllUntil([&] { return running_.size() == 2 && AllRun() && AllFollowed(); }));
  // Long enough for what was read to be flushed.
  StepAllUntil([] { return false; }, seconds(70));
  const int64_t before = running_["b"]->registry().counters().restored_records.load();
  Put(0, "late", "1");
  Put(1, "late", "1");
  ASSERT_TRUE(StepAllUntil([&] { return AllCommitted(); }));

  Crash("a");
  ASSERT_TRUE(StepAllUntil([&] { return AllRun(); }));
  const int64_t read = running_["b"]->registry().counters().restored_records.load() - before;
  EXPECT_LE(read, 2) << "of more than 200 in each changelog";
  Stop("b");
  for (Partition p = 0; p < kPartitions; ++p) EXPECT_EQ(RowsOf("b", p), model_[p]) << p;
}

TEST_F(StandbysTest, WhoLeavesInOrderLetsGoOfHisStandbysFirst) {
  for (const char* name : {"a", "b"}) Run(name);
  ASSERT_TRUE(StepAllUntil([&] { return AllRun() && AllFollowed(); }));
  for (int i = 0; i < 20; ++i) Put(i % 2, "k" + std::to_string(i), "1");
  ASSERT_TRUE(StepAllUntil([&] { return AllCommitted() && AllFollowed(); }));
  Stop("a");
  ASSERT_TRUE(StepAllUntil([&] { return AllRun(); }));
  ASSERT_TRUE(
      StepAllUntil([&] { return running_["b"]->standbys()->counters().standbys.load() == 0; }));
  Stop("b");
  for (Partition p = 0; p < kPartitions; ++p) EXPECT_EQ(RowsOf("b", p), model_[p]) << p;
}

// Y1.
TEST_F(StandbysTest, AThirdInstanceTakesNoCopyAwayBeforeItHasItsOwn) {
  for (const char* name : {"a", "b"}) Run(name);
  ASSERT_TRUE(StepAllUntil([&] { return AllRun() && AllFollowed(); }));
  for (int i = 0; i < 20; ++i) Put(i % 2, "k" + std::to_string(i), "1");
  ASSERT_TRUE(StepAllUntil([&] { return AllCommitted() && AllFollowed(); }));
  Run("c");
  // One task may be on its way to `c` for a moment; then each is followed again, once.
  EXPECT_TRUE(StepAllUntil([&] { return running_["c"]->ready() && AllRun() && AllFollowed(); }));
  StepAllUntil([] { return false; }, seconds(30));
  EXPECT_TRUE(AllFollowed());
}

TEST_F(StandbysTest, CrashesNeverShowInTheStores) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const std::vector<std::string> names{"a", "b", "c"};
    for (const std::string& name : names) {
      if (!running_.contains(name)) Run(name);
    }
    for (int round = 0; round < 6; ++round) {
      for (int64_t n = random.Below(20); n > 0; --n) {
        Put(static_cast<Partition>(random.Below(kPartitions)),
            "k" + std::to_string(random.Below(15)), std::to_string(random.Next()));
      }
      StepAllUntil([] { return false; }, Milliseconds(random.Below(20'000)));
      const std::string& victim = names[static_cast<size_t>(random.Below(3))];
      Crash(victim, &random);
      StepAllUntil([] { return false; }, Milliseconds(random.Below(15'000)));
      Run(victim);
    }
    ASSERT_TRUE(StepAllUntil([&] { return AllRun() && AllCommitted(); }));
    for (const auto& [name, instance] : running_) EXPECT_TRUE(instance->failure().ok()) << name;
    std::map<Partition, std::string> owners;
    for (const auto& [name, instance] : running_) {
      for (const TaskId& task : instance->member().HeldTasks()) owners[task.partition] = name;
    }
    // All at once, so that nobody takes over what another leaves.
    for (const auto& [name, instance] : running_) instance->RequestStop();
    ASSERT_TRUE(StepAllUntil([&] {
      return std::all_of(running_.begin(), running_.end(),
                         [](const auto& entry) { return entry.second->stopped(); });
    }));
    running_.clear();
    for (const auto& [partition, owner] : owners) {
      EXPECT_EQ(RowsOf(owner, partition), model_[partition]) << owner << " " << partition;
    }
  }
}

}  // namespace
}  // namespace sidestream::tasks
