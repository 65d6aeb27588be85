// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Reads what an aggregate says of time: `window`, `allowed_lateness`, `emit`, `output_key`, and
// finds what does not go together. Internal to this folder.
//
// Threading: free functions.

#pragma once

#include "topology/finding.h"
#include "topology/model.h"
#include "topology/yaml_node.h"

namespace sidestream::topology {

/// Sets these fields of `aggregate` from its map, which the field checker has seen.
void ReadWindow(const YamlNode& node, AggregateModel& aggregate, Findings& findings);

}  // namespace sidestream::topology
