// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The cases of `tests:`, read into the model.
//
// Threading: free function.

#pragma once

#include <vector>

#include "topology/finding.h"
#include "topology/model.h"
#include "topology/yaml_node.h"

namespace sidestream::topology {

/// Requires the streams and pipelines of `model` to be there: their names are checked, unless
/// `names_lost`. Values are made in model.constants.
std::vector<TestModel> ReadTests(const YamlNode& list, Model& model, bool names_lost,
                                 Findings& findings);

/// `at:` of a record: a duration since the start of the test clock, HH:MM[:SS[.mmm]] of that
/// day, or RFC 3339. Expected timestamps are written alike, or in epoch milliseconds.
std::optional<Timestamp> ParseAt(std::string_view text);

}  // namespace sidestream::topology
