// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// From a checked tree to the model. Shapes are right here already (CheckFields); what is
// checked is what one field cannot say alone: one verb per step, names, choices that
// exclude each other.
//
// Threading: free function.

#pragma once

#include "topology/finding.h"
#include "topology/model.h"
#include "topology/yaml_node.h"

namespace sidestream::topology {

/// Requires a tree that CheckFields has seen. The model is whole only without errors. `names_lost`:
/// a name that is not there may have been taken out with what was wrong.
Model ReadModel(const YamlNode& root, bool names_lost, Findings& findings);

}  // namespace sidestream::topology
