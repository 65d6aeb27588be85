// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What the operators of CEL take and give, for the checker; operators.h computes them.
//
// Threading: constant.

#pragma once

#include <span>

#include "expression/ast.h"
#include "expression/type.h"

namespace sidestream::expression {

/// `==`, `<`, `in` …: int, uint and double are one there.
bool IsComparison(BinaryOperator op);

std::span<const Overload> OverloadsOf(BinaryOperator op);
std::span<const Overload> OverloadsOf(UnaryOperator op);

}  // namespace sidestream::expression
