// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/checked_plan.h"

#include "operators/process/script_text.h"

namespace sidestream::operators {

topology::PlanResult BuildCheckedPlan(const topology::Model& model,
                                      const topology::SourceFiles& files,
                                      const topology::PartitionCounts& counts) {
  return topology::BuildPlan(model, files, counts, LuaScripts());
}

}  // namespace sidestream::operators
