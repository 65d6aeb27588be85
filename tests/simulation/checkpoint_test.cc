// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Checkpoints of whole clusters in virtual time: every complete one is a cut (O9), whatever dies,
// moves or comes late at whichever point of the protocol, and results are as without checkpoints.
// Each protective rule switched off is caught. A failing seed is printed; SIDESTREAM_SEED and
// SIDESTREAM_SEEDS as in simulation_test.cc.

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>

#include "chaos.h"
#include "for_seeds.h"

namespace sidestream::simulation {
namespace {

using std::chrono::seconds;

constexpr Milliseconds kInterval{700};

/// Feeds at random for so many ticks; `disturb` runs before each.
void Work(SimulatedCluster& cluster, int ticks, const std::function<void()>& disturb = [] {}) {
  for (int tick = 0; tick < ticks && !cluster.failure(); ++tick) {
    if (cluster.random().OneIn(3)) cluster.Feed(cluster.random().OneIn(5) ? "left" : "orders");
    disturb();
    cluster.Tick();
  }
}

TEST(CheckpointSimulationTest, PeriodicOnesAreCutsAndBothGuaranteesGoOn) {
  for (const bool exactly : {true, false}) {
    ForSeeds(6, [&](uint64_t seed) {
      ClusterOptions options;
      options.seed = seed;
      options.exactly_once = exactly;
      options.checkpoint_interval = kInterval;
      SimulatedCluster cluster(options);
      StartAll(cluster);
      Work(cluster, 3'000);
      Violations violations = Settle(cluster, exactly, true);
      if (cluster.location().completed.size() < 8) violations.push_back("few are complete");
      return violations;
    });
  }
}

/// Deaths, evictions, stops, lost and late requests, with a checkpoint nearly always under way.
Chaos ChaosAllTheTime() {
  Chaos chaos;
  chaos.ids = 375;
  chaos.kill_one_in = 1'500;
  chaos.stop_one_in = 2'500;
  chaos.expire_one_in = 2'000;
  chaos.slow_location = true;
  return chaos;
}

Violations RunWithCheckpoints(ClusterOptions options, const Chaos& chaos, size_t& completed) {
  options.checkpoint_interval = kInterval;
  options.lag_ticks_max = 20;
  SimulatedCluster cluster(options);
  Violations violations = RunChaos(cluster, chaos, options.exactly_once);
  if (!options.exactly_once) {
    for (std::string& text : CheckpointsAreCuts(cluster, false)) {
      violations.push_back(std::move(text));
    }
  }
  completed += cluster.location().completed.size();
  return violations;
}

void ExpectSeedsHold(int64_t seeds, const ClusterOptions& options, const Chaos& chaos,
                     size_t completed_min) {
  size_t completed = 0;
  ForSeeds(seeds, [&](uint64_t seed) {
    ClusterOptions of_seed = options;
    of_seed.seed = seed;
    return RunWithCheckpoints(of_seed, chaos, completed);
  });
  EXPECT_GT(completed, completed_min);
}

TEST(CheckpointSimulationTest, ExactlyOnceUnderChaos) {
  ExpectSeedsHold(30, {}, ChaosAllTheTime(), 20);
}

TEST(CheckpointSimulationTest, ExactlyOnceUnderChaosWithLateMarkers) {
  Chaos chaos = ChaosAllTheTime();
  chaos.marker_delay_max = Milliseconds(1'500);
  ExpectSeedsHold(20, {}, chaos, 5);
}

TEST(CheckpointSimulationTest, AtLeastOnceUnderChaos) {
  ClusterOptions options;
  options.exactly_once = false;
  ExpectSeedsHold(20, options, ChaosAllTheTime(), 10);
}

struct Blow {
  const char* name;
  std::function<void(SimulatedCluster&, size_t leader)> strike;
};

std::vector<Blow> Blows() {
  const auto other = [](size_t leader) { return leader == 0 ? size_t{1} : size_t{0}; };
  return {
      {"the leader dies", [](SimulatedCluster& c, size_t leader) { c.KillInstance(leader); }},
      {"another dies", [=](SimulatedCluster& c, size_t leader) { c.KillInstance(other(leader)); }},
      {"the leader is evicted", [](SimulatedCluster& c, size_t leader) { c.ExpireSession(leader); }},
      {"another is evicted",
       [=](SimulatedCluster& c, size_t leader) { c.ExpireSession(other(leader)); }},
      {"the leader stops", [](SimulatedCluster& c, size_t leader) { c.StopInstance(leader); }},
      {"another stops", [=](SimulatedCluster& c, size_t leader) { c.StopInstance(other(leader)); }},
      {"one more joins", [](SimulatedCluster& c, size_t) { c.StartInstance(2); }},
      {"the leader lags", [](SimulatedCluster& c, size_t leader) { c.Lag(leader, 0, 1'500); }},
  };
}

/// Waits for the point, strikes, and lets the application go on.
Violations Strike(CrashPoint point, const Blow& blow, uint64_t seed, bool exactly, bool& struck) {
  ClusterOptions options;
  options.seed = seed;
  options.exactly_once = exactly;
  options.checkpoint_interval = Milliseconds(2'000);
  SimulatedCluster cluster(options);
  kafka::memory::FaultRates slow;
  slow.delay_one_in = 1;
  slow.delay_max = Milliseconds(25);
  cluster.broker().faults().SetRatesOfAll(slow);
  cluster.StartInstance(0);
  cluster.StartInstance(1);
  bool done = false;
  const auto look = [&] {
    bool reached = false;
    for (size_t i = 0; i < 2; ++i) {
      if (cluster.instance(i) == nullptr || !point.reached(*cluster.instance(i))) continue;
      reached = true;
    }
    for (size_t i = 0; reached && i < 2; ++i) {
      if (cluster.instance(i) == nullptr || !cluster.instance(i)->leader().leading()) continue;
      blow.strike(cluster, i);
      done = struck = true;
      return;
    }
  };
  for (int tick = 0; tick < 3'000 && !done; ++tick) Work(cluster, 1, look);
  Work(cluster, 2'500);
  Violations violations = Settle(cluster, exactly, exactly);
  if (cluster.location().completed.empty()) violations.push_back("none is complete in the end");
  return violations;
}

TEST(CheckpointSimulationTest, HoldsWhateverHappensAtEveryPoint) {
  for (const bool exactly : {true, false}) {
    for (const CrashPoint& point : CheckpointPoints()) {
      bool struck = false;
      for (const Blow& blow : Blows()) {
        ForSeeds(1, [&](uint64_t seed) {
          Violations violations = Strike(point, blow, seed, exactly, struck);
          if (!violations.empty()) {
            violations.insert(violations.begin(),
                              std::string(point.name) + ", " + blow.name + (exactly ? "" : ", at least once"));
          }
          return violations;
        });
      }
      EXPECT_TRUE(struck) << point.name << " was never seen";
    }
  }
}

/// Whether some seed shows that a rule is off.
bool Caught(ClusterOptions options, int64_t seeds) {
  for (int64_t seed = 1; seed <= seeds; ++seed) {
    options.seed = static_cast<uint64_t>(seed);
    size_t completed = 0;
    for (const std::string& text : RunWithCheckpoints(options, ChaosAllTheTime(), completed)) {
      if (text.starts_with("O9")) return true;
    }
  }
  return false;
}

TEST(CheckpointNegativeTest, ATaskThatDoesNotPauseIsCaught) {
  ClusterOptions options;
  options.rules.worker.pause = false;
  EXPECT_TRUE(Caught(options, 10));
}

/// All tasks are cut, and the leader cannot find out where the repartition topics end until tasks have
/// waited too long and go on.
Violations RunLateDecision(const ClusterOptions& given) {
  ClusterOptions options = given;
  options.instances = 2;
  options.checkpoint_interval = seconds(2);
  SimulatedCluster cluster(options);
  StartAll(cluster);
  if (!SettleDown(cluster, seconds(60))) return {"not caught up at first\n" + cluster.Lag()};
  cluster.SetPace(SimulatedCluster::kTick);
  kafka::memory::FaultRates lost;
  lost.drop_request_one_in = 1;
  std::optional<MonotonicTime> all_cut;
  Work(cluster, 4'000, [&] {
    const auto latest = cluster.LatestCheckpoint();
    if (!all_cut && latest && latest->undecided() && !latest->cuts.empty()) {
      // Not before: the leader reads its own BEGIN first.
      cluster.broker().faults().SetRates(kafka::memory::ApiKey::kListOffsets, lost);
      if (!latest->Uncut()) all_cut = cluster.clock().Now();
    }
    if (all_cut && cluster.clock().Now() > *all_cut + seconds(6)) cluster.broker().faults().Clear();
  });
  Violations violations = Settle(cluster, true, true);
  if (!all_cut) violations.push_back("no checkpoint was ever cut");
  return violations;
}

TEST(CheckpointSimulationTest, ATaskThatWaitedTooLongRevokesBeforeItGoesOn) {
  ForSeeds(5, [](uint64_t seed) {
    ClusterOptions options;
    options.seed = seed;
    return RunLateDecision(options);
  });
}

TEST(CheckpointNegativeTest, GoingOnWithoutARevokeIsCaught) {
  ClusterOptions options;
  options.rules.worker.revoke_first = false;
  EXPECT_NE(Text(RunLateDecision(options)).find("O9"), std::string::npos);
}

/// Storing lasts over several purges.
Violations RunPurge(bool keep) {
  ClusterOptions options;
  options.checkpoint_interval = seconds(2);
  options.rules.member.keep_for_checkpoints = keep;
  SimulatedCluster cluster(options);
  StartAll(cluster);
  Work(cluster, 200);
  cluster.location().linger = true;
  Work(cluster, 20'000);
  return Settle(cluster, true, true);
}

TEST(CheckpointSimulationTest, NothingIsPurgedThatAPendingCheckpointNeeds) {
  const Violations kept = RunPurge(true);
  EXPECT_TRUE(kept.empty()) << Text(kept);
  EXPECT_NE(Text(RunPurge(false)).find("O9"), std::string::npos) << "the rule is needed";
}

TEST(CheckpointSimulationTest, AFailingPartFailsTheCheckpointAndTheNextOneSucceeds) {
  ClusterOptions options;
  options.checkpoint_interval = kInterval;
  SimulatedCluster cluster(options);
  StartAll(cluster);
  cluster.location().failing = {{"orders", 1}};
  Work(cluster, 1'000);
  EXPECT_TRUE(cluster.location().completed.empty());
  cluster.location().failing.clear();
  Work(cluster, 1'000);
  EXPECT_FALSE(cluster.location().completed.empty());
  const Violations violations = Settle(cluster, true, true);
  EXPECT_TRUE(violations.empty()) << Text(violations);
}

TEST(CheckpointSimulationTest, ASavepointIsMadeWhenAskedForWithoutAnInterval) {
  SimulatedCluster cluster{ClusterOptions()};
  StartAll(cluster);
  Work(cluster, 1'000);
  EXPECT_EQ(cluster.LatestCheckpoint(), nullptr) << "nobody asked";
  cluster.RequestSavepoint("before-release");
  Work(cluster, 1'000);
  ASSERT_EQ(cluster.location().completed.size(), 1U);
  const testing::KeptCheckpoint& kept = cluster.location().completed.begin()->second;
  EXPECT_TRUE(kept.cut.begin.savepoint);
  EXPECT_EQ(kept.cut.begin.name, "before-release");
  const Violations violations = Settle(cluster, true, true);
  EXPECT_TRUE(violations.empty()) << Text(violations);
}

/// Nothing is committed behind the savepoint, and a later start goes on from there.
TEST(CheckpointSimulationTest, TheApplicationStopsAtTheSavepoint) {
  ForSeeds(5, [](uint64_t seed) {
    ClusterOptions options;
    options.seed = seed;
    SimulatedCluster cluster(options);
    StartAll(cluster);
    Work(cluster, 1'000);
    cluster.RequestSavepoint("last", /*stop=*/true);
    Work(cluster, 1'500, [&] {
      for (size_t i = 0; i < cluster.size(); ++i) {
        if (cluster.instance(i) != nullptr && cluster.instance(i)->stops_at_savepoint()) {
          cluster.StopInstance(i);
        }
      }
    });
    Violations violations;
    for (size_t i = 0; i < cluster.size(); ++i) {
      if (cluster.instance(i) != nullptr) violations.push_back("an instance goes on");
    }
    if (cluster.location().completed.size() != 1) return Violations{"it is not complete"};
    std::map<TopicPartition, Offset> committed;
    for (const kafka::CommittedOffset& offset : cluster.broker().CommittedOffsets("sim")) {
      if (offset.offset) committed[offset.partition] = *offset.offset;
    }
    for (const checkpoint::CutRecord& cut : cluster.location().completed.begin()->second.cut.cuts) {
      for (const checkpoint::CutInput& input : cut.inputs) {
        if (committed[input.partition] == input.position) continue;
        violations.push_back(ToString(input.partition) + " was committed behind the savepoint");
      }
    }
    for (std::string& text : Settle(cluster, true, true)) violations.push_back(std::move(text));
    return violations;
  });
}

}  // namespace
}  // namespace sidestream::simulation
