// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "expression/checker.h"

#include "expression/tree_checker.h"

namespace sidestream::expression {

Type CheckTree(const Expr& tree, const Scope& scope, const FunctionTable& functions,
               std::vector<CompileError>& errors) {
  TreeChecker checker(scope, functions, errors);
  return checker.Final(checker.Check(tree));
}

}  // namespace sidestream::expression
