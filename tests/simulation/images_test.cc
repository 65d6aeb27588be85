// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Instances that come back on empty disks take the images that checkpoints left, whatever is wrong
// with the place where they lie; and an image that is not what it says is noticed. SIDESTREAM_SEED and
// SIDESTREAM_SEEDS as in simulation_test.cc.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string>

#include "chaos.h"
#include "for_seeds.h"
#include "losses.h"
#include "programs.h"

namespace sidestream::simulation {
namespace {

using std::chrono::seconds;

ClusterOptions WithImages(uint64_t seed) {
  ClusterOptions options;
  options.seed = seed;
  options.checkpoint_interval = Milliseconds(700);
  options.seek_images_from = 1;
  return options;
}

/// Disks are lost all the time.
Chaos ManyEmptyDisks() {
  Chaos chaos;
  chaos.kill_one_in = 1'500;
  chaos.stop_one_in = 2'500;
  chaos.expire_one_in = 2'000;
  chaos.pace = Milliseconds(50);
  chaos.empty_disk_one_in = 1;
  chaos.lost_disks = 2;
  chaos.unreliable_images = true;
  return chaos;
}

TEST(ImagesTest, EmptyDisksComeBackFromImages) {
  for (const bool exactly : {true, false}) {
    int64_t from_images = 0;
    ForSeeds(15, [&](uint64_t seed) {
      ClusterOptions options = WithImages(seed);
      options.exactly_once = exactly;
      options.version.totals = seed % 2 == 0;
      SimulatedCluster cluster(options);
      const Violations violations = RunChaos(cluster, ManyEmptyDisks(), exactly);
      from_images += cluster.Restores(tasks::RestoreSource::kLocation);
      return violations;
    });
    EXPECT_GT(from_images, SeedCount(15)) << exactly;
  }
}

TEST(ImagesTest, CopiesAreBegunFromImages) {
  int64_t images = 0;
  int64_t from_images = 0;
  ForSeeds(10, [&](uint64_t seed) {
    ClusterOptions options = WithImages(seed);
    options.standby_replicas = 1;
    Chaos chaos = ManyEmptyDisks();
    chaos.copies_take_over = true;
    chaos.pace = Milliseconds(100);
    SimulatedCluster cluster(options);
    const Violations violations = RunChaos(cluster, chaos, /*exactly=*/true);
    images += cluster.images()->fetched;
    from_images += cluster.Restores(tasks::RestoreSource::kLocation);
    return violations;
  });
  EXPECT_GT(images, from_images);
}

using Spoil = std::function<void(const std::filesystem::path& image, const TaskId& task)>;

/// An instance counts; what it reads of `topic` after that is behind the newest checkpoint. Then it
/// comes back on an empty disk, from images that `spoil` has changed, and counts on.
Violations ComesBackFrom(SimulatedCluster& cluster, const std::string& topic, const Spoil& spoil) {
  cluster.StartInstance(0);
  for (int i = 0; i < 60; ++i) cluster.Feed("orders");
  if (!cluster.RunUntilCaughtUp(seconds(60))) return {"not caught up at first\n" + cluster.Lag()};
  // One that has begun since then has all of them.
  const size_t completed = cluster.location().completed.size();
  for (int i = 0; i < 2'000 && cluster.location().completed.size() < completed + 2; ++i) {
    cluster.Tick();
  }
  cluster.location().linger = true;
  for (int i = 0; i < 60; ++i) cluster.Feed(topic);
  if (!cluster.RunUntilCaughtUp(seconds(60))) return {"not caught up again\n" + cluster.Lag()};
  cluster.KillInstance(0);
  cluster.WipeDisk(0);
  cluster.images()->spoil = spoil;
  cluster.StartInstance(0);
  for (int i = 0; i < 60; ++i) cluster.Feed("orders");
  if (!SettleDown(cluster, seconds(60))) return {"not caught up at last\n" + cluster.Lag()};
  return AllOracles(cluster, /*exactly=*/true, /*counts=*/true);
}

ClusterOptions OneInstance() {
  ClusterOptions options = WithImages(1);
  options.instances = options.workers = 1;
  return options;
}

const statestore::StoreSpec& CountsOf(const SimulatedCluster& cluster) {
  const auto& specs = cluster.application().sub_topologies;
  return std::ranges::find(specs, "count", &tasks::SubTopologySpec::name)->stores.at(0);
}

/// Opens the image, lets `change` change it, and saves it where it was.
void ChangeImage(SimulatedCluster& cluster, const std::filesystem::path& folder, const TaskId& task,
                 const std::function<Status(statestore::TaskState&)>& change) {
  statestore::MemoryTaskStateFactory factory({.application = "sim"});
  const statestore::Identity owner{.application = "sim", .task = task};
  auto state = factory.OpenImage(folder, owner, {&CountsOf(cluster), 1});
  ASSERT_TRUE(state.ok()) << state.status();
  const Status changed = change(**state);
  ASSERT_TRUE(changed.ok()) << changed;
  const Status saved = (*state)->SaveImage(folder, cluster.clock().WallTime());
  ASSERT_TRUE(saved.ok()) << saved;
}

TEST(ImagesTest, AnImageIsTakenAsItIs) {
  SimulatedCluster cluster(OneInstance());
  EXPECT_EQ(Text(ComesBackFrom(cluster, "orders", nullptr)), "");
  EXPECT_EQ(cluster.Restores(tasks::RestoreSource::kLocation),
            cluster.broker().PartitionCount("sim-counts-changelog"));
}

// X1: its changelogs are other topics.
TEST(ImagesTest, ThoseOfAnotherApplicationAreNotTaken) {
  ClusterOptions options = WithImages(1);
  // No other takes its tasks over when it stops.
  options.instances = 1;
  options.version.totals = true;
  SimulatedCluster cluster(options);
  StartAll(cluster);
  for (int i = 0; i < 60; ++i) cluster.Feed("left");
  ASSERT_TRUE(cluster.RunUntilCaughtUp(seconds(60)));
  const VersionPath one_version;
  Rollout rollout(cluster, one_version);
  ASSERT_TRUE(ACheckpointCompletes(cluster, rollout));
  const testing::KeptCheckpoint kept = cluster.location().completed.rbegin()->second;
  const int64_t offered = cluster.images()->offered;
  const int64_t fetched = cluster.images()->fetched;
  EXPECT_EQ(Text(StartsFrom(cluster, kept, {.totals = true}, /*exactly=*/true, /*counts=*/true)), "");
  EXPECT_GT(cluster.images()->offered, offered);
  EXPECT_EQ(cluster.images()->fetched, fetched);
}

TEST(ImagesNegativeTest, APositionBehindItsRowsIsNoticed) {
  SimulatedCluster cluster(OneInstance());
  const Spoil too_far = [&](const std::filesystem::path& folder, const TaskId& task) {
    const Offset end = cluster.broker().LogEnd({CountsOf(cluster).changelog_topic, task.partition});
    ChangeImage(cluster, folder, task, [&](statestore::TaskState& state) {
      return state.ApplyRestored(0, {}, end, state.sequence());
    });
  };
  const Violations found = ComesBackFrom(cluster, "orders", too_far);
  EXPECT_NE(Text(found).find("O2"), std::string::npos) << Text(found);
}

TEST(ImagesNegativeTest, ARowThatIsMissingIsNoticed) {
  SimulatedCluster cluster(OneInstance());
  const Spoil without_one = [&](const std::filesystem::path& folder, const TaskId& task) {
    ChangeImage(cluster, folder, task, [&](statestore::TaskState& state) {
      const std::string key = KeyOfId(0);
      const statestore::Change gone{.key = key, .value = std::nullopt};
      return state.ApplyRestored(0, {&gone, 1}, *state.position(0).changelog_position,
                                 state.sequence());
    });
  };
  const Violations found = ComesBackFrom(cluster, "left", without_one);
  EXPECT_NE(Text(found).find("O2"), std::string::npos) << Text(found);
}

}  // namespace
}  // namespace sidestream::simulation
