// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// In which order the sub-topologies of an application are cut when a savepoint drains it: who
// writes before who reads.
//
// Threading: free functions.

#pragma once

#include <vector>

#include "checkpoint/drain.h"
#include "tasks/sub_topology.h"

namespace sidestream::tasks {

/// Requires that no sub-topology reads what comes of its own output, as in every plan.
checkpoint::Drain DrainOf(const std::vector<SubTopologySpec>& parts);

}  // namespace sidestream::tasks
