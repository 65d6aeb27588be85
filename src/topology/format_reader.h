// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Reading the format of a key or value: its name, and the options that go with it.
//
// Threading: free functions.

#pragma once

#include <string_view>

#include "serde/format.h"
#include "topology/finding.h"
#include "topology/yaml_node.h"

namespace sidestream::topology {

/// `node` is a format's name, a map with `format`, or nothing (the default of `path` in the field
/// table). Findings: options that are missing or do not go with the format, a schema or columns
/// that cannot be used. With a `registry` a schema may be left out, and a frame is the default.
serde::FormatSpec ReadFormat(const YamlNode& node, std::string_view path, bool registry,
                             Findings& findings);

}  // namespace sidestream::topology
