// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Finds out the type of a tree, and reports what cannot work: names that nothing has,
// functions that do not take what they get, operators between types that do not meet.
//
// Place in the flow: parser → checker → compiler. The checker changes nothing; a tree that is
// not checked compiles too, and fails where it is evaluated.
//
// Gradual (type.h): an error is reported only where no value could make the expression work.
//
// Threading: free function.

#pragma once

#include <unordered_map>
#include <vector>

#include "expression/ast.h"
#include "expression/function_table.h"
#include "expression/program.h"
#include "expression/type.h"

namespace sidestream::expression {

/// The kinds of the values of sub-expressions, where they have one beside null.
using ExprKinds = std::unordered_map<const Expr*, serde::Value::Kind>;

/// The type of `tree`; every mistake is added to `errors`, at its own sub-expression. `kinds`
/// may be null.
Type CheckTree(const Expr& tree, const Scope& scope, const FunctionTable& functions,
               std::vector<CompileError>& errors, ExprKinds* kinds = nullptr);

}  // namespace sidestream::expression
