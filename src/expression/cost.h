// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What an expression costs per record, from its tree alone, before a record is there.
//
// The model is CEL's in outline: reading a variable or a field, an operator and a call are 1 each,
// literals nothing; a function or operator that goes through texts or lists adds a tenth of their
// size; a macro multiplies what it does by the size of its range. Sizes that the text does not say
// are 0 to kAssumedSize.
//
// Threading: free function.

#pragma once

#include "expression/ast.h"
#include "expression/checker.h"
#include "expression/program.h"

namespace sidestream::expression {

/// `kinds` may be empty: then everything has a size.
Cost EstimateCost(const Expr& tree, const Scope& scope, const ExprKinds& kinds);

}  // namespace sidestream::expression
