// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What must hold of a finished run, one function each. Every one returns the violations that it
// found, for people; empty means that it holds.

#pragma once

#include <string>
#include <vector>

#include "simulated_cluster.h"

namespace sidestream::simulation {

using Violations = std::vector<std::string>;

/// O1. Each id that was fed to one of the inputs is in the output exactly once (at-least-once: at least
/// once). One of a topic that only an earlier version read may be there, not twice.
Violations EachIdOnce(SimulatedCluster& cluster, const std::vector<std::string>& inputs,
                      const std::string& output, bool exactly);
/// O2. The last count of every key equals a recount of the input (at-least-once: is not too small).
Violations CountsAreRight(SimulatedCluster& cluster, bool exactly);
/// O2, by the rows of all tasks: also of keys that nothing new came for.
Violations StoredCountsAreRight(SimulatedCluster& cluster, bool exactly);
/// O2, of the totals of a version with the same inputs as those before it, or more.
Violations TotalsAreRight(SimulatedCluster& cluster, bool exactly);
/// O3. Every store that a live instance holds equals its compacted changelog.
Violations StoresEqualChangelogs(SimulatedCluster& cluster);
/// O4. No transaction is left open.
Violations NoOpenTransaction(SimulatedCluster& cluster);

/// O5. At rest every task runs on one instance.
Violations OneOwnerPerTask(SimulatedCluster& cluster);

/// O9. Every complete checkpoint is one cut: the counts of all tasks, and the records between them,
/// are those of the input below its positions (at-least-once: not too small). Of one that drains
/// there is none between them.
Violations CheckpointsAreCuts(SimulatedCluster& cluster, bool exactly);

/// All of them. `counts`: O2 too. Under at-least-once nothing fences the writes of an instance that
/// does not know yet that it was evicted, so its old counts may come last.
Violations AllOracles(SimulatedCluster& cluster, bool exactly, bool counts);

}  // namespace sidestream::simulation
