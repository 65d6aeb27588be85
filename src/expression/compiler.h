// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Checks a tree and makes its program: select chains become slots, constant parts are
// computed, constant patterns are compiled.
//
// A constant part that can only fail is an error of the text where it is always
// evaluated (`value.a + 1/0`), and stays a run-time error where it may be skipped
// (`false && 1/0 > 0`).
//
// Threading: free function; the program is immutable.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/arena.h"
#include "expression/ast.h"
#include "expression/program.h"

namespace sidestream::expression {

/// The program, or null with what is wrong in `errors`. `arena` holds the
/// literals of `tree`; the program keeps it alive and may share it with programs of
/// other parts of the same tree.
std::unique_ptr<Program> CompileTree(const Expr& tree, std::shared_ptr<Arena> arena, Scope& scope,
                                     std::vector<CompileError>& errors,
                                     Checking checking = Checking::kOn);

}  // namespace sidestream::expression
