// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The buffers of an instance that grow with the load, each with the bound that it keeps.
//
// Threading: a pure function, save that a default may come from the cgroup's limit.

#pragma once

#include <vector>

#include "app/settings.h"
#include "topology/explain/explanation.h"
#include "topology/model.h"
#include "topology/plan.h"

namespace sidestream::app {

/// For an instance that runs alone and owns every task: the most that one can need.
std::vector<topology::explain::MemoryPart> EstimateMemory(const topology::Model& model,
                                                          const topology::Plan& plan,
                                                          const Settings& settings);

}  // namespace sidestream::app
