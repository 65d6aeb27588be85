// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The plan with everything found that keeps it from running: topology::BuildPlan() cannot read
// scripts, this folder can. What builds a plan for people or to run it calls this one.
//
// Threading: free function without state.

#pragma once

#include "topology/build_plan.h"

namespace sidestream::operators {

/// As topology::BuildPlan(); a script of `process` that does not load is a finding, too.
topology::PlanResult BuildCheckedPlan(const topology::Model& model,
                                      const topology::SourceFiles& files,
                                      const topology::PartitionCounts& counts);

}  // namespace sidestream::operators
