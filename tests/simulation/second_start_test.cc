// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// O9 of starts from savepoints: a second application comes to what the first one does, with as many
// tasks behind repartition topics or not; and whatever is taken out of the savepoint is noticed.
// SIDESTREAM_SEED and SIDESTREAM_SEEDS as in simulation_test.cc.

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "for_seeds.h"
#include "time/commit_stamp.h"

namespace sidestream::simulation {
namespace {

using testing::KeptCheckpoint;

void Work(SimulatedCluster& cluster, int ticks) {
  const char* topics[] = {"orders", "orders", "left", "right"};
  for (int tick = 0; tick < ticks && !cluster.failure(); ++tick) {
    if (cluster.random().OneIn(3)) cluster.Feed(topics[cluster.random().Below(4)]);
    cluster.Tick();
  }
}

/// A savepoint is taken under load, and changed by `spoil` before the second application starts.
Violations StartedFrom(ClusterOptions options, int32_t hop_partitions,
               const std::function<void(KeptCheckpoint&)>& spoil = [](KeptCheckpoint&) {}) {
  options.version.totals = true;
  SimulatedCluster cluster(options);
  StartAll(cluster);
  Work(cluster, 800);
  cluster.RequestSavepoint("moved");
  Work(cluster, 800);
  if (!cluster.RunUntilCaughtUp(std::chrono::seconds(60))) return {"not caught up\n" + cluster.Lag()};
  if (cluster.location().completed.empty()) return {"no savepoint"};
  KeptCheckpoint kept = cluster.location().completed.begin()->second;
  spoil(kept);
  return StartsFrom(cluster, kept, {.hop_partitions = hop_partitions, .totals = true},
                    options.exactly_once, /*counts=*/true);
}

TEST(SecondStartTest, ComesToTheSameOverAnyNumberOfPartitions) {
  for (const bool exactly : {true, false}) {
    for (const int32_t partitions : {3, 2, 5}) {
      ForSeeds(4, [&](uint64_t seed) {
        ClusterOptions options;
        options.seed = seed;
        options.exactly_once = exactly;
        return StartedFrom(options, partitions);
      });
    }
  }
}

void DropPosition(KeptCheckpoint& kept, const std::string& topic) {
  for (checkpoint::CutRecord& cut : kept.cut.cuts) {
    std::erase_if(cut.inputs, [&](const auto& input) {
      return input.partition == TopicPartition{topic, 1};
    });
  }
}

/// Takes out the first row of the store that some task has.
void DropRow(KeptCheckpoint& kept, const std::string& store) {
  for (auto& [task, part] : kept.parts) {
    const auto rows = part.stores.find(store);
    if (rows == part.stores.end() || rows->second.empty()) continue;
    rows->second.erase(rows->second.begin());
    return;
  }
}

/// Puts one on its way that was not.
void AddRecordInFlight(KeptCheckpoint& kept) {
  for (auto& [task, part] : kept.parts) {
    for (auto& [partition, records] : part.in_flight) {
      if (records.empty()) continue;
      records.push_back(records.back());
      return;
    }
  }
}

TEST(SecondStartNegativeTest, APositionThatIsMissingIsNoticed) {
  for (const char* topic : {"orders", "left"}) {
    const Violations found = StartedFrom({}, 3, [&](KeptCheckpoint& kept) { DropPosition(kept, topic); });
    EXPECT_NE(Text(found).find("O2"), std::string::npos) << topic << "\n" << Text(found);
  }
}

TEST(SecondStartNegativeTest, ARowThatIsMissingIsNoticed) {
  for (const char* store : {"counts", "totals"}) {
    for (const int32_t partitions : {3, 5}) {
      const Violations found =
          StartedFrom({}, partitions, [&](KeptCheckpoint& kept) { DropRow(kept, store); });
      EXPECT_NE(Text(found).find("O2"), std::string::npos) << store << "\n" << Text(found);
    }
  }
}

TEST(SecondStartNegativeTest, ARecordInFlightTooMuchIsNoticed) {
  // Of some seed records were on their way.
  std::string found;
  for (uint64_t seed = 1; seed <= 20 && found.empty(); ++seed) {
    ClusterOptions options;
    options.seed = seed;
    found = Text(StartedFrom(options, 2, AddRecordInFlight));
  }
  EXPECT_NE(found.find("O2"), std::string::npos) << found;
}

void WorkOnWindows(SimulatedCluster& cluster, int ticks) {
  for (int tick = 0; tick < ticks && !cluster.failure(); ++tick) {
    if (cluster.random().OneIn(3)) cluster.Feed("clicks");
    cluster.Tick();
  }
}

/// The same, with windows: some have ended before the cut, some are open, and some begin behind it.
Violations WindowsStartedFrom(
    ClusterOptions options,
    const std::function<void(KeptCheckpoint&)>& spoil = [](KeptCheckpoint&) {}) {
  options.windows = true;
  SimulatedCluster cluster(options);
  StartAll(cluster);
  WorkOnWindows(cluster, 3'500);
  cluster.RequestSavepoint("moved", /*stop=*/false, /*drain=*/options.seed % 2 == 0);
  WorkOnWindows(cluster, 2'000);
  if (cluster.location().completed.empty()) return {"no savepoint"};
  KeptCheckpoint kept = cluster.location().completed.begin()->second;
  spoil(kept);
  return StartsFrom(cluster, kept, {}, options.exactly_once, /*counts=*/true);
}

TEST(SecondStartTest, WindowsGoOn) {
  for (const bool exactly : {true, false}) {
    ForSeeds(6, [&](uint64_t seed) {
      ClusterOptions options;
      options.seed = seed;
      options.exactly_once = exactly;
      return WindowsStartedFrom(options);
    });
  }
}

TEST(SecondStartNegativeTest, WindowsThatAreForgottenAreNoticed) {
  const std::string found =
      Text(WindowsStartedFrom({}, [](KeptCheckpoint& kept) { DropRow(kept, "windows"); }));
  EXPECT_NE(found.find("O9: window"), std::string::npos) << found;
}

TEST(SecondStartNegativeTest, AnEventTimeThatIsAheadIsNoticed) {
  const std::string found = Text(WindowsStartedFrom({}, [](KeptCheckpoint& kept) {
    for (checkpoint::CutRecord& cut : kept.cut.cuts) {
      for (checkpoint::CutInput& input : cut.inputs) {
        time::CommitStamp stamp = *time::DecodeCommitStamp(input.stamp).value();
        if (stamp.task_watermark != kNoWatermark) {
          stamp.task_watermark = stamp.task_watermark + 2 * kWindow.count();
        }
        input.stamp = time::EncodeCommitStamp(stamp);
      }
    }
  }));
  EXPECT_NE(found.find("O9: "), std::string::npos) << found;
}

}  // namespace
}  // namespace sidestream::simulation
