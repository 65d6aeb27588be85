// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Which steps and branches of a file the records of its tests came to.
//
// Threading: free function.

#pragma once

#include <string>
#include <vector>

#include "operators/step_visits.h"
#include "topology/finding.h"
#include "topology/model.h"

namespace sidestream::harness {

/// A step, or a branch, of the file.
struct CoveragePoint {
  std::string name;  // "orders.filter_1", "orders.domestic"
  std::string location;
  bool branch = false;
  bool reached = false;
};

/// All steps and branches in the order of the file.
std::vector<CoveragePoint> CoverageOf(const topology::Model& model,
                                      const topology::SourceFiles& files,
                                      const operators::StepVisits& visits);

}  // namespace sidestream::harness
