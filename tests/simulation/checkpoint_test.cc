// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Checkpoints of whole clusters in virtual time: every complete one is a cut (O9), whatever dies,
// moves or comes late at whichever point of the protocol, and results are as without checkpoints.
// Each protective rule switched off is caught. A failing seed is printed; SIDESTREAM_SEED and
// SIDESTREAM_SEEDS as in simulation_test.cc.

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "oracles.h"
#include "simulated_cluster.h"

namespace sidestream::simulation {
namespace {

using checkpoint::Checkpoint;
using checkpoint::CheckpointStage;
using std::chrono::seconds;

constexpr Milliseconds kInterval{700};

std::string Text(const Violations& violations) {
  std::string text;
  for (size_t i = 0; i < violations.size() && i < 10; ++i) text += violations[i] + "\n";
  return text;
}

kafka::memory::FaultRates Rates() {
  kafka::memory::FaultRates rates;
  rates.delay_one_in = 15;
  rates.duplicate_one_in = 60;
  rates.drop_request_one_in = 120;
  rates.drop_answer_one_in = 120;
  rates.delay_max = Milliseconds(300);
  return rates;
}

void StartAll(SimulatedCluster& cluster) {
  for (size_t i = 0; i < cluster.size(); ++i) {
    if (cluster.instance(i) == nullptr) cluster.StartInstance(i);
  }
}

/// Feeds at random for so many ticks; `disturb` runs before each.
void Work(SimulatedCluster& cluster, int ticks, const std::function<void()>& disturb = [] {}) {
  for (int tick = 0; tick < ticks && !cluster.failure(); ++tick) {
    if (cluster.random().OneIn(3)) cluster.Feed(cluster.random().OneIn(5) ? "left" : "orders");
    disturb();
    cluster.Tick();
  }
}

/// What is wrong once all has come to rest.
Violations Settle(SimulatedCluster& cluster, bool exactly, bool counts) {
  cluster.broker().faults().Clear();
  cluster.location().linger = false;
  for (int round = 0; round < 4; ++round) {
    StartAll(cluster);
    for (int i = 0; i < 100; ++i) cluster.Tick();
  }
  const bool settled = cluster.RunUntilCaughtUp(seconds(180));
  const MonotonicTime deadline = cluster.clock().Now() + seconds(60);
  const auto at_rest = [&] {
    return cluster.CaughtUp() && OneOwnerPerTask(cluster).empty() &&
           NoOpenTransaction(cluster).empty();
  };
  while (!at_rest() && cluster.clock().Now() < deadline) cluster.Tick();
  if (cluster.failure()) return {"failed: " + *cluster.failure()};
  Violations violations = AllOracles(cluster, exactly, counts);
  for (std::string& text : CheckpointsAreCuts(cluster, exactly)) {
    violations.push_back(std::move(text));
  }
  if (!settled) violations.insert(violations.begin(), "not caught up in time\n" + cluster.Lag());
  return violations;
}

/// Runs `body` for each seed; prints what it finds with the seed.
void ForSeeds(int64_t usual, const std::function<Violations(uint64_t)>& body) {
  const int64_t only = FromEnvironment("SIDESTREAM_SEED", 0);
  const int64_t first = only != 0 ? only : 1;
  const int64_t count = only != 0 ? 1 : SeedCount(usual);
  for (int64_t seed = first; seed < first + count; ++seed) {
    const Violations violations = body(static_cast<uint64_t>(seed));
    EXPECT_TRUE(violations.empty()) << "seed " << seed << "\n" << Text(violations);
    if (!violations.empty()) return;
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

struct Chaos {
  bool exactly = true;
  tasks::Rules rules;
  Milliseconds marker_delay_max{0};
};

/// Deaths, evictions, stops, lost and late requests, with a checkpoint nearly always under way.
Violations RunChaos(uint64_t seed, const Chaos& chaos, size_t& completed) {
  ClusterOptions options;
  options.seed = seed;
  options.exactly_once = chaos.exactly;
  options.checkpoint_interval = kInterval;
  options.rules = chaos.rules;
  options.lag_ticks_max = 20;
  SimulatedCluster cluster(options);
  StartAll(cluster);
  cluster.broker().faults().SetRatesOfAll(Rates());
  if (chaos.marker_delay_max > Milliseconds(0)) {
    kafka::memory::FaultRates late;
    late.delay_one_in = 3;
    late.delay_max = chaos.marker_delay_max;
    cluster.broker().faults().SetRates(kafka::memory::ApiKey::kWriteTxnMarkers, late);
  }
  Random& random = cluster.random();
  Work(cluster, 3'000, [&] {
    cluster.location().linger = random.OneIn(4);
    for (size_t i = 0; i < cluster.size(); ++i) {
      if (cluster.instance(i) == nullptr) {
        if (!random.OneIn(60)) continue;
        if (random.OneIn(4)) cluster.WipeDisk(i);
        cluster.StartInstance(i);
      } else if (random.OneIn(1'500)) {
        cluster.KillInstance(i);
      } else if (random.OneIn(2'500)) {
        cluster.StopInstance(i);
      } else if (random.OneIn(2'000)) {
        cluster.ExpireSession(i);
      }
    }
  });
  // At least once an instance that does not know of its eviction may write old counts last.
  Violations violations = Settle(cluster, chaos.exactly, chaos.exactly);
  completed += cluster.location().completed.size();
  return violations;
}

TEST(CheckpointSimulationTest, ExactlyOnceUnderChaos) {
  size_t completed = 0;
  ForSeeds(30, [&](uint64_t seed) { return RunChaos(seed, {}, completed); });
  EXPECT_GT(completed, 20U);
}

TEST(CheckpointSimulationTest, ExactlyOnceUnderChaosWithLateMarkers) {
  size_t completed = 0;
  Chaos chaos;
  chaos.marker_delay_max = Milliseconds(1'500);
  ForSeeds(20, [&](uint64_t seed) { return RunChaos(seed, chaos, completed); });
  EXPECT_GT(completed, 5U);
}

TEST(CheckpointSimulationTest, AtLeastOnceUnderChaos) {
  size_t completed = 0;
  Chaos chaos;
  chaos.exactly = false;
  ForSeeds(20, [&](uint64_t seed) { return RunChaos(seed, chaos, completed); });
  EXPECT_GT(completed, 10U);
}

/// A point of the protocol, as some instance sees it.
struct Point {
  const char* name;
  std::function<bool(const Checkpoint&)> reached;
};

std::vector<Point> Points() {
  const auto undecided = [](const Checkpoint& c) { return c.undecided(); };
  const auto cut = [](const Checkpoint& c) { return c.stage == CheckpointStage::kCut; };
  return {
      {"begun", [=](const Checkpoint& c) { return undecided(c) && c.cuts.empty(); }},
      {"some are cut", [=](const Checkpoint& c) { return undecided(c) && !c.cuts.empty() && c.Uncut(); }},
      {"all are cut", [=](const Checkpoint& c) { return undecided(c) && !c.Uncut(); }},
      {"decided", [=](const Checkpoint& c) { return cut(c) && c.stored.empty(); }},
      {"some are stored",
       [=](const Checkpoint& c) {
         return cut(c) && !c.stored.empty() && c.stored.size() < c.cuts.size();
       }},
      {"all are stored", [=](const Checkpoint& c) { return cut(c) && c.stored.size() == c.cuts.size(); }},
  };
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
Violations Strike(const Point& point, const Blow& blow, uint64_t seed, bool exactly, bool& struck) {
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
  Work(cluster, 5'000, [&] {
    if (done) return;
    const auto latest = cluster.LatestCheckpoint();
    if (!latest || !point.reached(*latest)) return;
    for (size_t i = 0; i < 2; ++i) {
      if (cluster.instance(i) == nullptr || !cluster.instance(i)->leader().leading()) continue;
      blow.strike(cluster, i);
      done = struck = true;
      return;
    }
  });
  Violations violations = Settle(cluster, exactly, exactly);
  if (cluster.location().completed.empty()) violations.push_back("none is complete in the end");
  return violations;
}

TEST(CheckpointSimulationTest, HoldsWhateverHappensAtEveryPoint) {
  for (const bool exactly : {true, false}) {
    for (const Point& point : Points()) {
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
bool Caught(const Chaos& chaos, int64_t seeds) {
  for (int64_t seed = 1; seed <= seeds; ++seed) {
    size_t completed = 0;
    for (const std::string& text : RunChaos(static_cast<uint64_t>(seed), chaos, completed)) {
      if (text.find("O9") != std::string::npos) return true;
    }
  }
  return false;
}

TEST(CheckpointNegativeTest, ATaskThatDoesNotPauseIsCaught) {
  Chaos chaos;
  chaos.rules.worker.pause = false;
  EXPECT_TRUE(Caught(chaos, 10));
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
