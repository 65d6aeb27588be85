// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "expression/program.h"

#include "expression/ast.h"
#include "expression/compiler.h"
#include "expression/parser.h"

namespace sidestream::expression {

CompileResult Compile(std::string_view text, Scope& scope, Checking checking) {
  CompileResult result;
  const auto arena = std::make_shared<Arena>();
  const ExprPtr tree = Parse(text, *arena, result.errors);
  if (tree) result.program = CompileTree(*tree, arena, scope, result.errors, checking);
  return result;
}

std::string CanonicalText(std::string_view text) {
  Arena arena;
  std::vector<CompileError> errors;
  const ExprPtr tree = Parse(text, arena, errors);
  return tree ? ToText(*tree) : std::string(text);
}

}  // namespace sidestream::expression
