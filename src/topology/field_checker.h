// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Checks a tree against the field table: unknown keys with the nearest name, wrong types,
// bounds, missing fields; and resolves ${...} in scalars that are no expressions.
//
// Threading: free function.

#pragma once

#include "topology/finding.h"
#include "topology/scalars.h"
#include "topology/yaml_node.h"

namespace sidestream::topology {

/// Checks all of `root` and changes it in place: references are resolved, keys with `x-` are
/// taken out, and so is everything that does not fit, so that who reads the tree afterwards
/// finds only fields of the right shape. Files that take the place of their names join `files`.
/// False: words that this version does not know yet have their findings; what depends on them is
/// then not worth reading.
bool CheckFields(YamlNode& root, const Surroundings& surroundings, SourceFiles& files,
                 Findings& findings);

}  // namespace sidestream::topology
