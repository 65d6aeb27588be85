// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Instances that keep copies of each other's states: whoever is lost for good, another one goes on from
// its copy. SIDESTREAM_SEEDS=<n> runs more of the seeds.

#include <gtest/gtest.h>

#include "chaos.h"

namespace sidestream::simulation {
namespace {

int64_t TasksFromCopies(SimulatedCluster& cluster) {
  int64_t tasks = 0;
  for (size_t i = 0; i < cluster.size(); ++i) {
    if (cluster.instance(i) == nullptr) continue;
    const auto source = static_cast<size_t>(tasks::RestoreSource::kCopy);
    tasks += cluster.instance(i)->registry().counters().restores.at(source);
  }
  return tasks;
}

TEST(CopiesTest, TakeOverFromInstancesThatAreLost) {
  int64_t from_copies = 0;
  for (int64_t seed = 1; seed <= SeedCount(20); ++seed) {
    ClusterOptions options;
    options.seed = static_cast<uint64_t>(seed);
    options.stable_names = seed % 2 == 0;
    options.standby_replicas = seed % 3 == 0 ? 2 : 1;
    Chaos chaos;
    chaos.copies_take_over = true;
    chaos.pace = Milliseconds(100);
    SimulatedCluster cluster(options);
    const Violations violations = RunChaos(cluster, chaos, options.exactly_once);
    EXPECT_TRUE(violations.empty()) << "seed " << seed << "\n" << Text(violations);
    from_copies += TasksFromCopies(cluster);
  }
  EXPECT_GT(from_copies, 0);
}

}  // namespace
}  // namespace sidestream::simulation
