// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Two versions of a topology with different inputs in one group: each record is processed once,
// whether the versions may run side by side or the new one has to wait until the old one is gone.
// SIDESTREAM_SEED=<n> runs one seed alone, SIDESTREAM_SEEDS=<n> runs more of them.

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "chaos.h"

namespace sidestream::simulation {
namespace {

using std::chrono::seconds;

const std::vector<std::string> kTopics = {"orders", "clicks", "right"};

struct Rollout {
  Version before;
  Version after;
  /// Both may be members of the group at the same time.
  bool side_by_side = false;
};

/// Nothing but a step that merges.
Version Merging(std::vector<std::vector<std::string>> merged) {
  return {.counted = {}, .merged = std::move(merged)};
}
const Version kOrdersFirst = Merging({{"orders", "clicks"}});
const Version kClicksFirst = Merging({{"clicks", "orders"}});
const Version kClicksWithRight = Merging({{"clicks", "orders", "right"}});
const Version kApart = Merging({{"orders"}, {"clicks"}});

/// A rolling update under kills: instance by instance, the old one goes, the new one is started until
/// it is let in.
class Update {
 public:
  Update(SimulatedCluster& cluster, const Rollout& rollout)
      : cluster_(cluster), rollout_(rollout), is_new_(cluster.size(), false) {}

  void Work(Milliseconds time) {
    const MonotonicTime end = cluster_.clock().Now() + time;
    while (cluster_.clock().Now() < end && !cluster_.failure()) {
      if (cluster_.random().OneIn(10)) Feed();
      if (cluster_.random().OneIn(700)) {
        cluster_.KillInstance(static_cast<size_t>(
            cluster_.random().Below(static_cast<int64_t>(cluster_.size()))));
      }
      if (cluster_.random().OneIn(40)) StartMissing();
      cluster_.Tick();
    }
  }

  void Replace(size_t index) {
    is_new_[index] = true;
    if (cluster_.random().OneIn(2)) {
      cluster_.KillInstance(index);
    } else {
      cluster_.StopInstance(index);
    }
  }

  void StartMissing() {
    for (size_t i = 0; i < cluster_.size(); ++i) {
      if (cluster_.instance(i) != nullptr) continue;
      const Status started =
          cluster_.StartVersion(i, is_new_[i] ? rollout_.after : rollout_.before);
      if (started.ok()) continue;
      EXPECT_EQ(started.code(), StatusCode::kInvalidConfig) << started;
      ++refused_;
    }
  }

  int refused() const { return refused_; }

 private:
  void Feed() {
    // Nobody reads the third one before the new version.
    const int64_t topics = rollout_.after == kClicksWithRight && is_new_[0] ? 3 : 2;
    cluster_.Feed(kTopics[static_cast<size_t>(cluster_.random().Below(topics))]);
  }

  SimulatedCluster& cluster_;
  const Rollout rollout_;
  std::vector<bool> is_new_;
  int refused_ = 0;
};

Violations Run(SimulatedCluster& cluster, const Rollout& rollout, int& refused) {
  Update update(cluster, rollout);
  update.StartMissing();
  update.Work(seconds(8));
  for (size_t i = 0; i < cluster.size(); ++i) {
    update.Replace(i);
    update.Work(seconds(5));
  }
  const MonotonicTime deadline = cluster.clock().Now() + seconds(120);
  const auto at_rest = [&] {
    for (size_t i = 0; i < cluster.size(); ++i) {
      if (cluster.instance(i) == nullptr) return false;
    }
    return cluster.CaughtUp() && OneOwnerPerTask(cluster).empty();
  };
  while (!at_rest() && cluster.clock().Now() < deadline && !cluster.failure()) {
    if (cluster.random().OneIn(40)) update.StartMissing();
    cluster.Tick();
  }
  refused += update.refused();
  if (cluster.failure()) return {"failed: " + *cluster.failure()};
  if (!at_rest()) return {"not caught up in time\n" + cluster.Lag()};
  Violations violations = NoOpenTransaction(cluster);
  std::map<int64_t, int> merged;
  for (const auto& [key, value] : cluster.Read("merged")) ++merged[std::stoll(value)];
  for (const std::string& topic : kTopics) {
    for (const int64_t id : cluster.fed(topic)) {
      if (merged[id] == 1) continue;
      violations.push_back(topic + ": id " + std::to_string(id) + " came " +
                           std::to_string(merged[id]) + " times");
    }
  }
  return violations;
}

void ExpectSeedsHold(const Rollout& rollout) {
  const int64_t only = FromEnvironment("SIDESTREAM_SEED", 0);
  const int64_t count = only != 0 ? 1 : SeedCount(20);
  int refused = 0;
  for (int64_t i = 1; i <= count; ++i) {
    ClusterOptions options;
    options.seed = static_cast<uint64_t>(only != 0 ? only : i);
    options.version = rollout.after;
    options.stable_names = options.seed % 2 == 0;
    if (options.seed % 3 == 0) options.strategy = kafka::AssignmentStrategy::kRange;
    SimulatedCluster cluster(options);
    const Violations violations = Run(cluster, rollout, refused);
    ASSERT_TRUE(violations.empty()) << "seed " << options.seed << "\n" << Text(violations);
  }
  if (only == 0) {
    EXPECT_EQ(refused == 0, rollout.side_by_side);
  }
}

TEST(TwoVersionsTest, InputsInAnotherOrderKeepTheirAnchor) {
  ExpectSeedsHold({kOrdersFirst, kClicksFirst, /*side_by_side=*/true});
}

TEST(TwoVersionsTest, AnInputMoreKeepsTheAnchor) {
  ExpectSeedsHold({kOrdersFirst, kClicksWithRight, /*side_by_side=*/true});
}

TEST(TwoVersionsTest, TasksThatAreSplitWaitForTheOldVersionToGo) {
  ExpectSeedsHold({kOrdersFirst, kApart});
}

TEST(TwoVersionsTest, TasksThatAreJoinedWaitForTheOldVersionToGo) {
  ExpectSeedsHold({kApart, kClicksFirst});
}

// L6: of what two versions cut nothing is kept, and when one is left checkpoints complete again (O10).
TEST(TwoVersionsTest, CheckpointsOfBothComeToNothing) {
  Version with_totals;
  with_totals.totals = true;
  int64_t aborted = 0;
  for (int64_t seed = 1; seed <= SeedCount(10); ++seed) {
    ClusterOptions options;
    options.seed = static_cast<uint64_t>(seed);
    options.checkpoint_interval = Milliseconds(700);
    Chaos chaos;
    chaos.versions = {{Version(), with_totals}};
    chaos.ids = 400;
    chaos.kill_one_in = 200;
    chaos.network_faults = false;
    chaos.pace = Milliseconds(40);
    SimulatedCluster cluster(options);
    const Violations violations = RunChaos(cluster, chaos, options.exactly_once);
    EXPECT_TRUE(violations.empty()) << "seed " << seed << "\n" << Text(violations);
    for (const auto& [key, value] : cluster.Read("sim-control")) {
      if (value.find("in another version of the topology") != std::string::npos) ++aborted;
    }
  }
  EXPECT_GT(aborted, 0);
}

/// All instances are of this version from now on, and read so many records of each topic.
void RunAs(SimulatedCluster& cluster, const Version& version,
           const std::vector<std::string>& topics) {
  cluster.AimAt(version);
  for (size_t i = 0; i < cluster.size(); ++i) cluster.StopInstance(i);
  for (size_t i = 0; i < cluster.size(); ++i) {
    while (cluster.instance(i) != nullptr) cluster.Tick();
    const Status started = cluster.StartVersion(i, version);
    ASSERT_TRUE(started.ok()) << started;
  }
  for (int tick = 0; tick < 2'000; ++tick) {
    if (cluster.random().OneIn(10)) {
      for (const std::string& topic : topics) cluster.Feed(topic);
    }
    cluster.Tick();
  }
  EXPECT_TRUE(cluster.RunUntilCaughtUp(seconds(60))) << cluster.Lag();
}

// L7: what a version with an input more had counted is in the states, so its position is in the cut,
// whoever leads; a start from there would count it twice.
TEST(TwoVersionsTest, ACheckpointOfTheOldVersionKnowsHowFarTheNewOneHadRead) {
  for (const bool exactly : {true, false}) {
    Version counts_clicks;
    counts_clicks.counted = {"clicks", "orders"};
    ClusterOptions options;
    options.exactly_once = exactly;
    options.checkpoint_interval = Milliseconds(700);
    SimulatedCluster cluster(options);
    RunAs(cluster, Version(), {"orders"});
    RunAs(cluster, counts_clicks, {"orders", "clicks"});
    const size_t before = cluster.location().completed.size();
    RunAs(cluster, Version(), {"orders"});
    EXPECT_GT(cluster.location().completed.size(), before);
    cluster.AimAt(counts_clicks);
    const Violations violations = CheckpointsAreCuts(cluster, /*exactly=*/true);
    EXPECT_TRUE(violations.empty()) << Text(violations);
  }
}

}  // namespace
}  // namespace sidestream::simulation
