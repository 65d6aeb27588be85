// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Types and declarations of the conformance suites, read from protobuf's JSON mapping.
//
// Threading: free functions.

#pragma once

#include <nlohmann/json.hpp>

#include "expression/function_table.h"
#include "expression/type.h"
#include "tests/unit/expression/test_scope.h"

namespace sidestream::expression {

/// A cel.expr.Type. A message that `types` (null: none) does not know is dyn; a wrapper is what it
/// wraps, since every type has null.
Type ReadType(const nlohmann::json& type, const serde::MessageTypes* types);

/// Takes the `type_env` of a test into the scope, which has the message types, and the table.
void Declare(const nlohmann::json& declarations, TestScope& scope, FunctionTable& functions);

}  // namespace sidestream::expression
