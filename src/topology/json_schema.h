// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The JSON Schema of topology files (draft-07), made from the field table: for editors and for
// checks in other tools. What the checker accepts, the schema accepts; what needs more than one
// field to be judged (names, references, expressions) is for `sidestream validate`.
//
// Threading: free functions.

#pragma once

#include <cstdint>
#include <string>

namespace sidestream::topology {

/// kPart: a file that is merged with others, so nothing is required that may stand in another.
enum class SchemaFor : uint8_t { kWholeFile, kPart };

/// Indented JSON with a line end.
std::string JsonSchema(SchemaFor file = SchemaFor::kWholeFile);

}  // namespace sidestream::topology
