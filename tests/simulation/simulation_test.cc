// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Hundreds of seeds of three instances in one thread, in virtual time. A failing seed is
// printed; SIDESTREAM_SEED=<n> runs it alone, SIDESTREAM_SEEDS=<n> runs more of them.

#include <gtest/gtest.h>

#include <iostream>

#include "chaos.h"

namespace sidestream::simulation {
namespace {

using std::chrono::seconds;

void ExpectAllSeedsHold(ClusterOptions options, int64_t seeds, const Chaos& chaos = {}) {
  const int64_t only = FromEnvironment("SIDESTREAM_SEED", 0);
  const int64_t count = only != 0 ? 1 : SeedCount(seeds);
  int failed = 0;
  for (int64_t i = 1; i <= count; ++i) {
    options.seed = static_cast<uint64_t>(only != 0 ? only : i);
    SimulatedCluster cluster(options);
    const Violations violations = RunChaos(cluster, chaos, options.exactly_once);
    EXPECT_TRUE(violations.empty()) << "seed " << options.seed << "\n" << Text(violations);
    if (!violations.empty() && ++failed == 3) return;
  }
}

TEST(SimulationTest, RunsStraightWithoutFaults) {
  ClusterOptions options;
  SimulatedCluster cluster(options);
  Chaos calm;
  calm.kill_one_in = calm.expire_one_in = calm.stop_one_in = Chaos::kNever;
  calm.network_faults = false;
  const Violations violations = RunChaos(cluster, calm, true);
  EXPECT_TRUE(violations.empty()) << Text(violations);
}

TEST(SimulationTest, ExactlyOnceHoldsWithStaticMembersUnderCooperativeSticky) {
  ExpectAllSeedsHold({}, 40);
}

TEST(SimulationTest, ExactlyOnceHoldsWithDynamicMembersUnderCooperativeSticky) {
  ClusterOptions options;
  options.stable_names = false;
  ExpectAllSeedsHold(options, 40);
}

TEST(SimulationTest, ExactlyOnceHoldsUnderRange) {
  ClusterOptions options;
  options.strategy = kafka::AssignmentStrategy::kRange;
  ExpectAllSeedsHold(options, 20);
}

TEST(SimulationTest, AtLeastOnceLosesNoRecord) {
  ClusterOptions options;
  options.exactly_once = false;
  ExpectAllSeedsHold(options, 30);
}

TEST(SimulationTest, AtLeastOnceCountsNothingTooSmallWhenInstancesDie) {
  ClusterOptions options;
  options.exactly_once = false;
  Chaos deaths;
  deaths.network_faults = false;
  deaths.expire_one_in = Chaos::kNever;
  ExpectAllSeedsHold(options, 30, deaths);
}

Chaos LateMarkers() {
  Chaos chaos;
  chaos.marker_delay_max = seconds(4);
  chaos.kill_one_in = 150;
  return chaos;
}

TEST(SimulationTest, ExactlyOnceHoldsWhenMarkersAreLate) {
  ExpectAllSeedsHold({}, 20, LateMarkers());
}

TEST(SimulationTest, ExactlyOnceHoldsWhenThreadsLag) {
  ClusterOptions options;
  options.lag_ticks_max = 150;
  ExpectAllSeedsHold(options, 20);
}

Chaos ManyEvictions() {
  Chaos chaos;
  chaos.ids = 400;
  chaos.kill_one_in = chaos.stop_one_in = Chaos::kNever;
  chaos.expire_one_in = 150;
  return chaos;
}

/// Only the engine's own permits keep an evicted member from committing.
ClusterOptions ClientThatRefusesNoMembership() {
  ClusterOptions options;
  options.stable_names = false;
  options.lag_ticks_max = 600;
  options.refuse_unusable_membership = false;
  return options;
}

TEST(SimulationTest, ExactlyOnceHoldsOnAClientThatRefusesNoMembership) {
  ExpectAllSeedsHold(ClientThatRefusesNoMembership(), 20, ManyEvictions());
}

/// Only the worker itself drops what was fetched for an earlier life of a partition.
ClusterOptions ClientWithoutFetchNumbers() {
  ClusterOptions options;
  options.lag_ticks_max = 400;
  options.drop_outdated_records = false;
  return options;
}

TEST(SimulationTest, ExactlyOnceHoldsOnAClientThatDoesNotNumberItsFetches) {
  ExpectAllSeedsHold(ClientWithoutFetchNumbers(), 20, ManyEvictions());
}

/// An instance stands still for six hours and is evicted meanwhile; then its offsets are due again
/// (KIP-211) although it read nothing, and its worker is ahead of its member. What it writes is
/// fenced by the offsets that it sends, and by nothing else. Nothing new comes in: it would move
/// positions.
Violations WakeAfterSixHours(ClusterOptions options) {
  options.instances = 2;
  options.workers = 1;
  options.row_at_each_commit = true;
  options.max_poll_interval = std::chrono::hours(24);
  options.marks = false;
  SimulatedCluster cluster(options);
  cluster.StartInstance(0);
  for (int i = 0; i < 60; ++i) cluster.Feed("orders");
  if (!cluster.RunUntilCaughtUp(seconds(60))) return {"not caught up\n" + cluster.Lag()};
  const size_t parts = cluster.instance(0)->part_count();
  for (size_t part = 0; part < parts; ++part) cluster.Lag(0, part, Chaos::kNever);
  cluster.StartInstance(1);
  constexpr Milliseconds kJump{3'000};
  for (Milliseconds slept{0}; slept < std::chrono::hours(6); slept += kJump) {
    cluster.clock().Advance(kJump);
    cluster.Tick();
  }
  for (size_t part = 0; part < parts; ++part) cluster.Lag(0, part, 0);
  cluster.Lag(0, parts - 1, 200);
  for (int i = 0; i < 2'000; ++i) cluster.Tick();
  if (cluster.failure()) return {"failed: " + *cluster.failure()};
  return AllOracles(cluster, /*exactly=*/true, /*counts=*/true);
}

TEST(SimulationTest, AnInstanceThatWakesUpEvictedWritesNothing) {
  const Violations violations = WakeAfterSixHours({});
  EXPECT_TRUE(violations.empty()) << Text(violations);
}

/// Partitions whose counts the instance keeps.
std::vector<Partition> Counts(SimulatedCluster& cluster, size_t instance) {
  std::vector<Partition> partitions;
  cluster.instance(instance)->worker(0).ForEachTask([&](tasks::StreamTask& task) {
    if (task.state() != nullptr) partitions.push_back(task.id().partition);
  });
  return partitions;
}

/// An instance dies after a commit whose markers reach its changelogs late, while its offsets are
/// stable: another one restores with the commit's records still unreadable behind the last stable
/// offset.
Violations RestoreBeforeTheMarkers(ClusterOptions options) {
  using kafka::memory::ApiKey;
  options.instances = 2;
  options.workers = 1;
  SimulatedCluster cluster(options);
  for (size_t i = 0; i < 2; ++i) cluster.StartInstance(i);
  const auto feed_and_settle = [&] {
    for (int i = 0; i < 60; ++i) cluster.Feed("orders");
    return cluster.RunUntilCaughtUp(seconds(120));
  };
  if (!feed_and_settle()) return {"not caught up at first\n" + cluster.Lag()};
  const size_t victim = Counts(cluster, 0).empty() ? 1 : 0;
  kafka::memory::Fault late;
  late.request_delay = seconds(20);
  for (const Partition partition : Counts(cluster, victim)) {
    cluster.broker().faults().Script(ApiKey::kWriteTxnMarkers, late, 0,
                                     ToString(TopicPartition{"sim-counts-changelog", partition}));
  }
  for (int i = 0; i < 60; ++i) cluster.Feed("orders");
  for (int i = 0; i < 1'000 && cluster.broker().faults().scripted_left() > 0; ++i) cluster.Tick();
  if (cluster.broker().faults().scripted_left() > 0) return {"no commit met the fault"};
  cluster.KillInstanceLosingUnflushed(victim);
  cluster.ExpireSession(victim);
  if (!cluster.RunUntilCaughtUp(seconds(120)) || !feed_and_settle()) {
    return {"not caught up\n" + cluster.Lag()};
  }
  if (cluster.failure()) return {"failed: " + *cluster.failure()};
  return AllOracles(cluster, /*exactly=*/true, /*counts=*/true);
}

/// So many seeds of a scenario that is made for one rule.
constexpr uint64_t kAimedSeeds = 5;

TEST(SimulationTest, ARestoreWaitsForMarkersThatAreLate) {
  ClusterOptions options;
  for (options.seed = 1; options.seed <= kAimedSeeds; ++options.seed) {
    const Violations violations = RestoreBeforeTheMarkers(options);
    EXPECT_TRUE(violations.empty()) << "seed " << options.seed << "\n" << Text(violations);
  }
}

/// An instance takes its tasks over again and again while records come in and its worker lags.
Violations RestartsWhileRecordsFlow(ClusterOptions options) {
  options.instances = 1;
  options.workers = 1;
  SimulatedCluster cluster(options);
  constexpr size_t kWorkerPart = 1;
  const char* topics[] = {"orders", "left", "right"};
  for (int life = 0; life < 3; ++life) {
    cluster.KillInstance(0);
    cluster.StartInstance(0);
    for (int tick = 0; tick < 300; ++tick) {
      if (cluster.random().OneIn(2)) cluster.Feed(topics[cluster.random().Below(3)]);
      if (cluster.random().OneIn(40)) cluster.Lag(0, kWorkerPart, 40);
      cluster.Tick();
    }
  }
  const bool settled = cluster.RunUntilCaughtUp(seconds(60));
  if (cluster.failure()) return {"failed: " + *cluster.failure()};
  Violations violations = AllOracles(cluster, /*exactly=*/true, /*counts=*/true);
  if (!settled) violations.push_back("not caught up\n" + cluster.Lag());
  return violations;
}

TEST(SimulationTest, ExactlyOnceHoldsWhenTasksStartWhileRecordsFlow) {
  ClusterOptions options;
  for (options.seed = 1; options.seed <= kAimedSeeds; ++options.seed) {
    const Violations violations = RestartsWhileRecordsFlow(options);
    EXPECT_TRUE(violations.empty()) << "seed " << options.seed << "\n" << Text(violations);
  }
}

/// Runs seeds until an oracle notices a wrong result; a rule that none of them needs is not shown.
void ExpectSomeSeedCatches(ClusterOptions options, int64_t seeds, Chaos chaos = {}) {
  chaos.settle_max = seconds(20);
  for (int64_t seed = 1; seed <= seeds; ++seed) {
    options.seed = static_cast<uint64_t>(seed);
    SimulatedCluster cluster(options);
    const Violations violations = RunChaos(cluster, chaos, options.exactly_once);
    // A run that does not settle, or that a check of the engine ends, shows no oracle's worth.
    if (violations.empty() ||
        (violations[0].substr(0, 2) != "O1" && violations[0].substr(0, 2) != "O2")) {
      continue;
    }
    std::cout << "caught by seed " << seed << ": " << violations[0] << "\n";
    return;
  }
  FAIL() << "no seed of " << seeds << " noticed that the rule is off";
}

TEST(SwitchedOffRuleTest, TaintIsCaught) {
  ClusterOptions options;
  options.rules.writer.rebuild_tainted = false;
  ExpectSomeSeedCatches(options, 100);
}

TEST(SwitchedOffRuleTest, AtomicFlushIsCaught) {
  ClusterOptions options;
  options.atomic_flush = false;
  ExpectSomeSeedCatches(options, 100);
}

TEST(SwitchedOffRuleTest, PermitCheckIsCaught) {
  ClusterOptions options = ClientThatRefusesNoMembership();
  options.rules.member.check_permit = false;
  options.rules.worker.check_permit = false;
  ExpectSomeSeedCatches(options, 100, ManyEvictions());
}

TEST(SwitchedOffRuleTest, OffsetsAlsoWhenUnchangedIsCaught) {
  ClusterOptions options;
  options.rules.worker.offsets_when_unchanged = false;
  options.rules.writer.numeric_offset = false;
  // The changelogs are then ahead of the offsets' stamps, which stops the next owner (R2).
  const Violations violations = WakeAfterSixHours(options);
  ASSERT_FALSE(violations.empty());
  EXPECT_NE(violations[0].find("state is ahead"), std::string::npos) << Text(violations);
}

TEST(SwitchedOffRuleTest, StableOffsetsAreCaught) {
  ClusterOptions options;
  options.rules.registry.stable_offsets = false;
  ExpectSomeSeedCatches(options, 100, LateMarkers());
}

TEST(SwitchedOffRuleTest, LogEndRestoreIsCaught) {
  ClusterOptions options;
  options.rules.registry.restore.end = kafka::IsolationLevel::kReadCommitted;
  for (options.seed = 1; options.seed <= kAimedSeeds; ++options.seed) {
    const Violations violations = RestoreBeforeTheMarkers(options);
    ASSERT_FALSE(violations.empty()) << "seed " << options.seed;
    EXPECT_EQ(violations[0].substr(0, 12), "O2: count of") << violations[0];
  }
}

TEST(SwitchedOffRuleTest, FetchEpochIsCaught) {
  ClusterOptions options = ClientWithoutFetchNumbers();
  options.rules.worker.drop_stale_chunks = false;
  ExpectSomeSeedCatches(options, 100, ManyEvictions());
}

TEST(SwitchedOffRuleTest, OrderOfTheHandOverIsCaught) {
  ClusterOptions options;
  options.rules.member.hand_over_in_order = false;
  for (options.seed = 1; options.seed <= kAimedSeeds; ++options.seed) {
    const Violations violations = RestartsWhileRecordsFlow(options);
    ASSERT_FALSE(violations.empty()) << "seed " << options.seed;
    EXPECT_EQ(violations[0].substr(0, 6), "O1: id") << violations[0];
  }
}

}  // namespace
}  // namespace sidestream::simulation
