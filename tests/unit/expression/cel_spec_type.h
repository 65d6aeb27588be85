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

/// A cel.expr.Type; protobuf's messages are dyn.
Type ReadType(const nlohmann::json& type);

/// Takes the `type_env` of a test into the scope and the table.
void Declare(const nlohmann::json& declarations, TestScope& scope, FunctionTable& functions);

}  // namespace sidestream::expression
