// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// One instance is killed at every named point of the commit cycle and of restore, the first,
// second … time that it gets there. Exactly-once gives the same results; at-least-once every id
// at least once and no count too small.

#include <gtest/gtest.h>

#include "crash_points.h"
#include "oracles.h"
#include "programs.h"
#include "simulated_cluster.h"

namespace sidestream::simulation {
namespace {

using std::chrono::seconds;

/// Requests take a while, so that every state is seen between two steps.
void SlowNetwork(SimulatedCluster& cluster) {
  kafka::memory::FaultRates rates;
  rates.delay_one_in = 1;
  rates.delay_max = Milliseconds(15);
  cluster.broker().faults().SetRatesOfAll(rates);
}

constexpr int kFirstDeath = 400;

/// Kills instance 0 the `nth` time it reaches the point; says whether it did.
bool RunWithKill(SimulatedCluster& cluster, CrashPoint point, int nth) {
  SlowNetwork(cluster);
  for (size_t i = 0; i < cluster.size(); ++i) cluster.StartInstance(i);
  bool killed = false;
  bool inside = false;
  int64_t fed = 0;
  for (int tick = 0; tick < 4'000 && !(killed && fed == 120); ++tick) {
    if (fed < 120 && cluster.random().OneIn(5)) {
      cluster.Feed(cluster.random().OneIn(3) ? "left" : "orders");
      ++fed;
    }
    cluster.Tick();
    if (tick == kFirstDeath) {
      // So that there is something to restore.
      cluster.KillInstance(0);
      cluster.WipeDisk(0);
      cluster.StartInstance(0);
    }
    // A late request of the dead life may have taken the name; the process is started again.
    if (cluster.instance(0) == nullptr) cluster.StartInstance(0);
    if (killed) continue;
    // The moment of arrival counts, not how long it stays.
    const bool now = point.reached(*cluster.instance(0));
    if (now && !inside && --nth <= 0) {
      if (point.lose_unflushed) {
        cluster.KillInstanceLosingUnflushed(0);
      } else {
        cluster.KillInstance(0);
      }
      cluster.WipeDisk(0);
      cluster.StartInstance(0);
      killed = true;
    }
    inside = now;
  }
  return killed;
}

void ExpectEveryPointHolds(bool exactly_once, size_t instances) {
  for (const CrashPoint& point : CommitPoints(exactly_once)) {
    int reached = 0;
    for (int nth = 1; nth <= 4; ++nth) {
      ClusterOptions options;
      options.seed = static_cast<uint64_t>(nth);
      options.exactly_once = exactly_once;
      options.instances = instances;
      SimulatedCluster cluster(options);
      if (RunWithKill(cluster, point, nth)) ++reached;
      cluster.broker().faults().Clear();
      for (int tick = 0; tick < 300; ++tick) {
        for (size_t i = 0; i < instances; ++i) {
          if (cluster.instance(i) == nullptr) cluster.StartInstance(i);
        }
        cluster.Tick();
      }
      EXPECT_TRUE(cluster.RunUntilCaughtUp(seconds(120))) << point.name << " " << cluster.Lag();
      ASSERT_FALSE(cluster.failure()) << point.name << ": " << *cluster.failure();
      const Violations violations = AllOracles(cluster, exactly_once, /*counts=*/true);
      EXPECT_TRUE(violations.empty()) << point.name << ", time " << nth << ": " << violations[0];
    }
    EXPECT_GT(reached, 0) << point.name << " was never reached";
  }
}

TEST(CrashPointTest, ExactlyOnceGivesTheSameResultsAloneAndWithTwo) {
  ExpectEveryPointHolds(true, 1);
  ExpectEveryPointHolds(true, 2);
}

TEST(CrashPointTest, AtLeastOnceLosesNothingAloneAndCountsNothingTooSmall) {
  ExpectEveryPointHolds(false, 1);
}

/// Full life on the same disk: only the tail is restored; on an empty disk, everything.
TEST(RestartTest, LocalStateIsKeptAndOnlyTheTailIsRestored) {
  ClusterOptions options;
  options.instances = 1;
  options.workers = 1;
  SimulatedCluster cluster(options);
  cluster.StartInstance(0);
  for (int i = 0; i < 50; ++i) cluster.Feed("orders");
  ASSERT_TRUE(cluster.RunUntilCaughtUp(seconds(30)));
  cluster.StopInstance(0);
  for (int i = 0; i < 5'000 && cluster.instance(0) != nullptr; ++i) cluster.Tick();
  ASSERT_EQ(cluster.instance(0), nullptr) << "an orderly stop ends";
  EXPECT_TRUE(NoOpenTransaction(cluster).empty());

  cluster.StartInstance(0);
  ASSERT_TRUE(cluster.RunUntilCaughtUp(seconds(30)));
  for (int i = 0; i < 500; ++i) cluster.Tick();
  EXPECT_EQ(cluster.instance(0)->registry().counters().restored_records, 0);

  cluster.KillInstance(0);
  cluster.WipeDisk(0);
  cluster.StartInstance(0);
  for (int i = 0; i < 3'000 && !cluster.instance(0)->ready(); ++i) cluster.Tick();
  EXPECT_GE(cluster.instance(0)->registry().counters().restored_records, kKeys);
  EXPECT_TRUE(AllOracles(cluster, true, true).empty());
}

}  // namespace
}  // namespace sidestream::simulation
