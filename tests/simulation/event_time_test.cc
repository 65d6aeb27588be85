// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Event time through a repartition topic, under the fault model of simulated_cluster.h: windows
// close once, with every record in them, and they close when traffic stops. SIDESTREAM_SEED=<n>
// runs one seed alone, SIDESTREAM_SEEDS=<n> runs more of them.

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>

#include "chaos.h"

namespace sidestream::simulation {
namespace {

using std::chrono::seconds;

constexpr Partition kPartitions = 4;

/// What came out: counts by window and task, and how often each came.
struct Windows {
  std::map<std::string, int> finals;
  int64_t counted = 0;
  int64_t late = 0;

  explicit Windows(SimulatedCluster& cluster) {
    for (const auto& [key, value] : cluster.Read("windows")) {
      ++finals[key];
      counted += std::stoll(value);
    }
    late = static_cast<int64_t>(cluster.Read("late").size());
  }
  bool EachOnce() const {
    for (const auto& [key, count] : finals) {
      if (count != 1) return false;
    }
    return true;
  }
};

/// Feeds the partitions that `fed` says for so long, out of order within the lateness; `each_tick`
/// may do what it likes.
void Drive(
    SimulatedCluster& cluster, Milliseconds time, const std::function<bool(Partition)>& fed,
    const std::function<void()>& each_tick = [] {}) {
  const MonotonicTime end = cluster.clock().Now() + time;
  while (cluster.clock().Now() < end && !cluster.failure()) {
    for (Partition p = 0; p < kPartitions; ++p) {
      if (!fed(p) || !cluster.random().OneIn(60)) continue;
      cluster.FeedAt(
          "clicks", p,
          cluster.clock().WallTime() - cluster.random().Below(kLateness.count() - 1'000));
    }
    each_tick();
    cluster.Tick();
  }
}

bool All(Partition) { return true; }
bool None(Partition) { return false; }

ClusterOptions Options(uint64_t seed = 1) {
  ClusterOptions options;
  options.seed = seed;
  options.windows = true;
  return options;
}

TEST(EventTimeTest, WindowsCloseAsTimeGoesOn) {
  SimulatedCluster cluster(Options());
  StartAll(cluster);
  Drive(cluster, seconds(60), All);
  ASSERT_FALSE(cluster.failure()) << *cluster.failure();
  const Windows windows(cluster);
  EXPECT_TRUE(windows.EachOnce());
  EXPECT_EQ(windows.late, 0);
  // Four windows of three tasks are over for good after a minute.
  EXPECT_GE(windows.finals.size(), 4u * 3u);
}

TEST(EventTimeTest, WindowsCloseOnTimeWhenTrafficStopsOnAll) {
  SimulatedCluster cluster(Options());
  StartAll(cluster);
  Drive(cluster, seconds(30), All);
  Drive(cluster, kIdle + kWindow + seconds(5), None);
  ASSERT_FALSE(cluster.failure()) << *cluster.failure();
  const Windows windows(cluster);
  EXPECT_TRUE(windows.EachOnce());
  EXPECT_EQ(windows.late, 0);
  EXPECT_EQ(windows.counted, static_cast<int64_t>(cluster.fed("clicks").size()));
}

TEST(EventTimeTest, WindowsCloseOnTimeWhenTrafficStopsOnSome) {
  for (const Partition silent : {1, 2, 3}) {
    SCOPED_TRACE(silent);
    SimulatedCluster cluster(Options());
    StartAll(cluster);
    Drive(cluster, seconds(30), All);
    const size_t before = cluster.fed("clicks").size();
    Drive(cluster, kIdle + kWindow + seconds(5), [&](Partition p) { return p >= silent; });
    ASSERT_FALSE(cluster.failure()) << *cluster.failure();
    const Windows windows(cluster);
    EXPECT_TRUE(windows.EachOnce());
    EXPECT_EQ(windows.late, 0);
    // All windows that the silent ones took part in, and most of those after.
    EXPECT_GE(windows.counted, static_cast<int64_t>(before));
    // They come back, and what they bring is in time again.
    Drive(cluster, seconds(30), All);
    Drive(cluster, kIdle + kWindow + seconds(5), None);
    const Windows end(cluster);
    EXPECT_TRUE(end.EachOnce());
    EXPECT_EQ(end.late, 0);
    EXPECT_EQ(end.counted, static_cast<int64_t>(cluster.fed("clicks").size()));
  }
}

TEST(EventTimeTest, WindowsCloseAfterAnInstanceDiedInSilence) {
  SimulatedCluster cluster(Options());
  StartAll(cluster);
  Drive(cluster, seconds(30), All);
  Drive(cluster, seconds(5), None);
  cluster.KillInstance(0);
  cluster.WipeDisk(0);
  // Its partitions move when the session is over; idleness is counted anew there.
  Drive(cluster, seconds(20) + kIdle + kWindow, None);
  ASSERT_FALSE(cluster.failure()) << *cluster.failure();
  const Windows windows(cluster);
  EXPECT_TRUE(windows.EachOnce());
  EXPECT_EQ(windows.late, 0);
  EXPECT_EQ(windows.counted, static_cast<int64_t>(cluster.fed("clicks").size()));
}

TEST(EventTimeTest, OneRecordOfTheFutureAndOneOf1970HarmNoOther) {
  ClusterOptions options = Options();
  SimulatedCluster cluster(options);
  StartAll(cluster);
  Drive(cluster, seconds(20), All);
  const Timestamp now = cluster.clock().WallTime();
  cluster.FeedAt("clicks", 1, now + 10LL * 365 * 86'400'000);
  cluster.FeedAt("clicks", 2, Timestamp(1'000));
  Drive(cluster, seconds(20), All);
  Drive(cluster, kIdle + kWindow + seconds(5), None);
  ASSERT_FALSE(cluster.failure()) << *cluster.failure();
  const Windows windows(cluster);
  EXPECT_TRUE(windows.EachOnce());
  EXPECT_EQ(windows.late, 1) << "the one of 1970";
  EXPECT_EQ(windows.counted, static_cast<int64_t>(cluster.fed("clicks").size()) - 2);
}

/// Kills, stops, evictions and network faults while the records come; at least once only kills,
/// because nothing fences the writes of an instance that was evicted without knowing it. No
/// partition is ever idle then, so no record may be late.
void ExpectSeedHolds(ClusterOptions options) {
  Chaos chaos;
  if (!options.exactly_once) {
    chaos.network_faults = false;
    chaos.expire_one_in = Chaos::kNever;
  }
  SimulatedCluster cluster(options);
  const Violations violations = RunWindowChaos(cluster, chaos, options.exactly_once);
  EXPECT_TRUE(violations.empty()) << "seed " << options.seed << "\n" << Text(violations);
}

TEST(EventTimeTest, WindowsAreExactUnderFaults) {
  const int64_t only = FromEnvironment("SIDESTREAM_SEED", 0);
  const int64_t seeds = only != 0 ? only : SeedCount(10);
  for (int64_t seed = only != 0 ? only : 1; seed <= seeds && !::testing::Test::HasFailure(); ++seed) {
    ExpectSeedHolds(Options(static_cast<uint64_t>(seed)));
  }
}

TEST(EventTimeTest, NothingIsLostAtLeastOnceUnderFaults) {
  for (uint64_t seed = 1; seed <= 10 && !::testing::Test::HasFailure(); ++seed) {
    ClusterOptions options = Options(seed);
    options.exactly_once = false;
    ExpectSeedHolds(options);
  }
}

}  // namespace
}  // namespace sidestream::simulation
