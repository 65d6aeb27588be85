// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A second application that starts from a checkpoint of the first, as `run --from-savepoint` makes
// one (app/savepoint_start.h): rows to changelogs, records in flight to repartition topics, positions
// to the group. It reads the same sources on, so all it comes to must be what it would be without the
// first one's end: whatever is missing in the checkpoint, or there twice, shows.
//
// What the code in app/ does with files, stamps and rows has its own tests; here the cut is judged,
// and the engine that goes on from it, with another number of tasks behind repartition topics too.

#pragma once

#include <cstdint>
#include <map>

#include "oracles.h"
#include "simulated_cluster.h"
#include "tests/support/memory_cut_storage.h"

namespace sidestream::simulation {

struct SecondStart {
  /// Of repartition topics; of an application of windows as many as before, for its rows have no keys
  /// to spread them by.
  int32_t hop_partitions = 3;
  /// Totals of the version count all that it reads.
  bool totals = false;
};

/// O9: ends what runs, starts the second application from `kept` as the cluster's version, lets it come
/// to rest; what is wrong with its results. Requires: no faults any more. Empty too where such a start
/// is refused.
Violations StartsFrom(SimulatedCluster& cluster, const testing::KeptCheckpoint& kept,
                      const SecondStart& start, bool exactly, bool counts);

/// Sources by how far the cut has read them.
std::map<TopicPartition, Offset> PositionsOf(const testing::KeptCheckpoint& kept);

}  // namespace sidestream::simulation
