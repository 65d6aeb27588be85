// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What tests of checkpoints share: many seeds, and what has to hold once all has come to rest.

#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "chaos.h"

namespace sidestream::simulation {

/// Runs `body` for each seed; prints what it finds with the seed. SIDESTREAM_SEED and
/// SIDESTREAM_SEEDS as in simulation_test.cc.
inline void ForSeeds(int64_t usual, const std::function<Violations(uint64_t)>& body) {
  const int64_t only = FromEnvironment("SIDESTREAM_SEED", 0);
  const int64_t first = only != 0 ? only : 1;
  const int64_t count = only != 0 ? 1 : SeedCount(usual);
  for (int64_t seed = first; seed < first + count; ++seed) {
    const Violations violations = body(static_cast<uint64_t>(seed));
    EXPECT_TRUE(violations.empty()) << "seed " << seed << "\n" << Text(violations);
    if (!violations.empty()) return;
  }
}

/// What is wrong once all has come to rest, checkpoints included.
inline Violations Settle(SimulatedCluster& cluster, bool exactly, bool counts) {
  const bool settled = SettleDown(cluster, std::chrono::seconds(300));
  if (cluster.failure()) return {"failed: " + *cluster.failure()};
  Violations violations = AllOracles(cluster, exactly, counts);
  for (std::string& text : CheckpointsAreCuts(cluster, exactly)) {
    violations.push_back(std::move(text));
  }
  if (!settled) violations.insert(violations.begin(), "not caught up in time\n" + cluster.Lag());
  return violations;
}

}  // namespace sidestream::simulation
