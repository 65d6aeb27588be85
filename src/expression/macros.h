// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Expands a call that is a macro: has, all, exists, exists_one, map, filter, their forms
// with two variables, cel.bind, optMap, optFlatMap, proto.hasExt, proto.getExt.
//
// Threading: free function without state.

#pragma once

#include <string>
#include <vector>

#include "expression/ast.h"

namespace sidestream::expression {

enum class MacroOutcome { kNotAMacro, kExpanded, kMisused };

/// Puts the expansion of `call` in `out` and takes the call's children; leaves the call
/// alone when it is no macro. kMisused: `error` says how the macro is written. `height` is
/// that of the call's highest child, and is that of the expansion's afterwards.
MacroOutcome ExpandMacro(Call& call, decltype(Expr::node)& out, std::string& error, int& height);

}  // namespace sidestream::expression
