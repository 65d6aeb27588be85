// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Savepoints that drain, over two repartition topics: whatever dies, moves or comes late while
// tasks drain, a complete one is a cut with nothing in flight (O9), and results are as without it.
// A failing seed is printed; SIDESTREAM_SEED and SIDESTREAM_SEEDS as in simulation_test.cc.

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "chaos.h"
#include "for_seeds.h"
#include "time/commit_stamp.h"

namespace sidestream::simulation {
namespace {

using checkpoint::Checkpoint;
using std::chrono::seconds;

ClusterOptions TwoHops(uint64_t seed, bool exactly) {
  ClusterOptions options;
  options.seed = seed;
  options.exactly_once = exactly;
  options.two_hops = true;
  return options;
}

/// Bursts of orders for so many ticks; `look` runs before each.
void Work(
    SimulatedCluster& cluster, int ticks, const std::function<void()>& look = [] {}) {
  for (int tick = 0; tick < ticks && !cluster.failure(); ++tick) {
    for (int64_t burst = cluster.random().OneIn(30) ? 20 : 0; burst > 0; --burst) {
      cluster.Feed("orders");
    }
    look();
    cluster.Tick();
  }
}

size_t Drained(SimulatedCluster& cluster) {
  size_t drained = 0;
  for (const auto& [number, kept] : cluster.location().completed) drained += kept.cut.begin.drain;
  return drained;
}

/// Records that wait between the tasks, as the group's offsets say.
int64_t InChannels(SimulatedCluster& cluster) {
  int64_t records = 0;
  for (const kafka::CommittedOffset& committed : cluster.broker().CommittedOffsets("sim")) {
    if (!committed.partition.topic.ends_with("-repartition") || !committed.offset) continue;
    records += cluster.broker().LogEnd(committed.partition) - *committed.offset;
  }
  return records;
}

TEST(DrainSimulationTest, NothingIsInFlightAlthoughMuchWasWhenItBegan) {
  for (const bool exactly : {true, false}) {
    int64_t in_channels = 0;
    ForSeeds(8, [&](uint64_t seed) {
      ClusterOptions options = TwoHops(seed, exactly);
      options.slow_disk_ticks_max = 40;
      SimulatedCluster cluster(options);
      StartAll(cluster);
      checkpoint::CheckpointNumber seen;
      const auto look = [&] {
        const auto latest = cluster.LatestCheckpoint();
        if (latest == nullptr || latest->number() == seen) return;
        seen = latest->number();
        in_channels += InChannels(cluster);
      };
      for (int round = 0; round < 4; ++round) {
        Work(cluster, 400, look);
        cluster.RequestSavepoint("s" + std::to_string(round), /*stop=*/false, /*drain=*/true);
      }
      Work(cluster, 1'500, look);
      Violations violations = Settle(cluster, exactly, true);
      if (Drained(cluster) != 4) violations.push_back("not all are complete");
      return violations;
    });
    EXPECT_GT(in_channels, 100) << "there is to be something to drain";
  }
}

/// How far a drain is, as an instance has read of it.
struct Point {
  const char* name;
  std::function<bool(const Checkpoint&)> reached;
};

std::vector<Point> Points() {
  const auto at = [](const Checkpoint& c, int32_t levels, size_t cuts_min) {
    return c.undecided() && c.levels == levels && c.cuts.size() >= cuts_min && c.Uncut();
  };
  // "orders" has four tasks, "left" and "right" together four: eight read sources only.
  return {
      {"the first level is being cut", [=](const Checkpoint& c) { return at(c, 0, 1); }},
      {"the second level drains", [=](const Checkpoint& c) { return at(c, 1, 8); }},
      {"the third level drains", [=](const Checkpoint& c) { return at(c, 2, 10); }},
      {"some of the third level are cut", [=](const Checkpoint& c) { return at(c, 2, 11); }},
      {"all are cut", [](const Checkpoint& c) { return c.undecided() && !c.Uncut(); }},
  };
}

struct Blow {
  const char* name;
  std::function<void(SimulatedCluster&, size_t instance)> strike;
};

std::vector<Blow> Blows() {
  return {
      {"dies", [](SimulatedCluster& c, size_t i) { c.KillInstance(i); }},
      {"is evicted", [](SimulatedCluster& c, size_t i) { c.ExpireSession(i); }},
      {"stops", [](SimulatedCluster& c, size_t i) { c.StopInstance(i); }},
      {"comes late",
       [](SimulatedCluster& c, size_t i) {
         for (size_t part = 0; part < c.instance(i)->part_count(); ++part) c.Lag(i, part, 1'500);
       }},
  };
}

/// Waits for the point and strikes the leader, or another one.
Violations Strike(const Point& point, const Blow& blow, bool leader, const ClusterOptions& options,
                  bool& struck) {
  SimulatedCluster cluster(options);
  kafka::memory::FaultRates slow;
  slow.delay_one_in = 1;
  slow.delay_max = Milliseconds(25);
  cluster.broker().faults().SetRatesOfAll(slow);
  StartAll(cluster);
  Work(cluster, 600);
  cluster.RequestSavepoint("first", /*stop=*/false, /*drain=*/true);
  bool done = false;
  Work(cluster, 5'000, [&] {
    const auto latest = cluster.LatestCheckpoint();
    if (done || latest == nullptr || !point.reached(*latest)) return;
    for (size_t i = 0; i < cluster.size(); ++i) {
      if (cluster.instance(i) == nullptr) continue;
      if (cluster.instance(i)->leader().leading() != leader) continue;
      blow.strike(cluster, i);
      done = struck = true;
      return;
    }
  });
  Violations violations = Settle(cluster, options.exactly_once, options.exactly_once);
  const size_t before = Drained(cluster);
  cluster.RequestSavepoint("last", /*stop=*/false, /*drain=*/true);
  Work(cluster, 1'000);
  if (Drained(cluster) <= before) violations.push_back("the last one is not complete");
  for (std::string& text : CheckpointsAreCuts(cluster, options.exactly_once)) {
    violations.push_back(std::move(text));
  }
  return violations;
}

TEST(DrainSimulationTest, HoldsWhoeverFailsAtWhicheverPoint) {
  for (const bool exactly : {true, false}) {
    for (const Point& point : Points()) {
      bool struck = false;
      for (const Blow& blow : Blows()) {
        for (const bool leader : {true, false}) {
          ForSeeds(1, [&](uint64_t seed) {
            ClusterOptions options = TwoHops(seed, exactly);
            options.instances = 2;
            Violations violations = Strike(point, blow, leader, options, struck);
            if (violations.empty()) return violations;
            violations.insert(violations.begin(), std::string(point.name) + ", " +
                                                      (leader ? "the leader " : "another ") +
                                                      blow.name +
                                                      (exactly ? "" : ", at least once"));
            return violations;
          });
        }
      }
      EXPECT_TRUE(struck) << point.name << " was never seen";
    }
  }
}

TEST(DrainSimulationTest, HoldsUnderChaos) {
  size_t drained = 0;
  ForSeeds(30, [&](uint64_t seed) {
    ClusterOptions options = TwoHops(seed, true);
    options.lag_ticks_max = 20;
    Chaos chaos;
    chaos.ids = 300;
    chaos.kill_one_in = 1'500;
    chaos.stop_one_in = 2'500;
    chaos.expire_one_in = 2'000;
    chaos.savepoint_one_in = 300;
    chaos.slow_location = true;
    SimulatedCluster cluster(options);
    Violations violations = RunChaos(cluster, chaos, true);
    drained += Drained(cluster);
    return violations;
  });
  // Shorter runs take fewer seeds.
  EXPECT_GT(drained, 0U);
}

/// As releases do it that take BEGIN for any other: the leader sees that tasks were cut too early.
TEST(DrainSimulationTest, InstancesThatCannotDrainMakeNoSavepointAndLoseNothing) {
  ClusterOptions options = TwoHops(1, true);
  options.rules.worker.drain_first = false;
  SimulatedCluster cluster(options);
  StartAll(cluster);
  Work(cluster, 500);
  cluster.RequestSavepoint("s", /*stop=*/false, /*drain=*/true);
  Work(cluster, 4'000);
  EXPECT_EQ(Drained(cluster), 0U);
  ASSERT_NE(cluster.LatestCheckpoint(), nullptr);
  EXPECT_NE(cluster.LatestCheckpoint()->why.find("an instance of another release"),
            std::string::npos)
      << cluster.LatestCheckpoint()->why;
  const Violations violations = Settle(cluster, true, true);
  EXPECT_TRUE(violations.empty()) << Text(violations);
}

/// Nothing comes behind the last words of the first level, so all of the second stand at one event
/// time: its windows are as far in each task, and may go to other tasks.
TEST(DrainSimulationTest, TasksOfALevelStandAtTheSameEventTime) {
  size_t apart_plain = 0;
  for (const bool drain : {true, false}) {
    ForSeeds(10, [&](uint64_t seed) {
      ClusterOptions options;
      options.seed = seed;
      options.windows = true;
      SimulatedCluster cluster(options);
      StartAll(cluster);
      const auto feed = [&] {
        for (Partition p = 0; p < cluster.broker().PartitionCount("clicks"); ++p) {
          if (cluster.random().OneIn(4)) cluster.FeedAt("clicks", p, cluster.clock().WallTime());
        }
        cluster.Tick();
      };
      for (int tick = 0; tick < 1'000; ++tick) feed();
      cluster.RequestSavepoint("s", /*stop=*/false, drain);
      for (int tick = 0; tick < 500; ++tick) feed();
      if (cluster.location().completed.size() != 1) return Violations{"it is not complete"};
      std::set<Timestamp> times;
      for (const auto& cut : cluster.location().completed.begin()->second.cut.cuts) {
        if (cut.task.anchor_topic != "sim-windows-repartition") continue;
        times.insert(time::DecodeCommitStamp(cut.inputs[0].stamp).value()->task_watermark);
      }
      if (!drain) apart_plain += times.size() > 1 ? 1 : 0;
      return drain && times.size() != 1 ? Violations{"event times differ"} : Violations{};
    });
  }
  EXPECT_GT(apart_plain, 0U) << "without draining they differ";
}

}  // namespace
}  // namespace sidestream::simulation
