// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "expression/function.h"

#include <algorithm>

namespace sidestream::expression {
namespace {

template <typename Visit>
void ForEachFunction(bool member, Visit visit) {
  for (const auto table : {ConversionFunctions(), StringFunctions(), RegexFunctions(),
                           MathFunctions(), TimeFunctions(), CollectionFunctions(),
                           EncodingFunctions(), FormatFunctions(), ListFunctions()}) {
    for (const Function& function : table) {
      if (member ? function.CalledAsMember() : function.CalledAsGlobal()) visit(function);
    }
  }
}

}  // namespace

std::vector<const Function*> FindFunctions(std::string_view name, bool member) {
  std::vector<const Function*> found;
  ForEachFunction(member, [&](const Function& function) {
    if (function.name == name) found.push_back(&function);
  });
  return found;
}

std::vector<std::string> FunctionNames(bool member) {
  std::vector<std::string> names;
  ForEachFunction(member, [&](const Function& function) { names.emplace_back(function.name); });
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace sidestream::expression
