// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Names of a model: unique, not reserved, and every reference leads somewhere; no cycles.
//
// Threading: free functions.

#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "topology/finding.h"
#include "topology/model.h"

namespace sidestream::topology {

/// With `names_lost` (the checker dropped entries) unknown references are not reported.
void CheckReferences(const Model& model, bool names_lost, const SourceFiles& files,
                     Findings& findings);

/// "orders.paid" is {"orders", "paid"}; a plain name has an empty second part.
std::pair<std::string_view, std::string_view> SplitReference(std::string_view reference);

/// Indices of the pipelines such that each comes after those it reads. Requires no cycle.
std::vector<size_t> PipelineOrder(const Model& model);

/// All branches of the steps, nested ones too, in the file's order.
std::vector<const BranchModel::Entry*> BranchesOf(const std::vector<StepModel>& steps);

}  // namespace sidestream::topology
