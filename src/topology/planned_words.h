// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Words of the language, version 1, that this version of the program cannot do yet. Who writes one
// is told so, and not that it is unknown. A word leaves this table when its field enters
// fields.cc.
//
// Threading: immutable static data.

#pragma once

#include <string_view>

namespace sidestream::topology {

/// Whether `key` belongs into the section `path` ("pipelines.<name>.steps[]").
bool IsPlannedKey(std::string_view path, std::string_view key);

}  // namespace sidestream::topology
