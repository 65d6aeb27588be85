// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What must hold of the application of windows, of which oracles.h knows nothing: its results are made
// by event time.

#pragma once

#include "oracles.h"
#include "simulated_cluster.h"
#include "tests/support/memory_cut_storage.h"

namespace sidestream::simulation {

/// O1 and O2: no window comes twice, and all records are in one, or late (exactly once: none is, what
/// is fed is late within what is allowed).
Violations WindowsAreRight(SimulatedCluster& cluster, bool exactly);

/// O9, of an application that started from a checkpoint, with as many partitions behind its hop: by the
/// records of the input each of its windows has those behind the cut, and those before the cut whose
/// window had not ended there; no other comes, none twice, and none is late. At-least-once: no more are
/// missing than are late.
Violations WindowsBehindTheCut(SimulatedCluster& cluster, const testing::KeptCheckpoint& kept,
                               bool exactly);

}  // namespace sidestream::simulation
