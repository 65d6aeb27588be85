// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "expression/checker.h"

#include "expression/tree_checker.h"

namespace sidestream::expression {

Type CheckTree(const Expr& tree, const Scope& scope, const FunctionTable& functions,
               std::vector<CompileError>& errors, ExprKinds* kinds) {
  TreeChecker checker(scope, functions, errors);
  const Type type = checker.Check(tree);
  if (kinds != nullptr) {
    // Only now is known what the variables of all types stand for.
    for (const auto& [expr, each] : checker.types()) {
      if (const auto kind = KindOfType(checker.Final(each))) kinds->emplace(expr, *kind);
    }
  }
  return checker.Final(type);
}

}  // namespace sidestream::expression
