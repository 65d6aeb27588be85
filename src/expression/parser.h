// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// CEL's whole grammar, by recursive descent; macros are expanded on the way. Message
// literals are parsed and refused. Depth of nesting and height of the tree are bounded,
// so that no text exhausts the stack here or in any later walk over the tree.
//
// Threading: free function without state.

#pragma once

#include <string_view>
#include <vector>

#include "base/arena.h"
#include "expression/ast.h"
#include "expression/program.h"

namespace sidestream::expression {

/// How deep parentheses, calls, literals and unary operators may nest.
inline constexpr int kMaxNesting = 100;
/// How high a tree may be: long chains of operators and selects count here.
inline constexpr int kMaxHeight = 500;

/// The tree, or null with the first syntax error added to `errors`. Literals live in
/// `arena`, which must outlive the tree.
ExprPtr Parse(std::string_view text, Arena& arena, std::vector<CompileError>& errors);

}  // namespace sidestream::expression
