// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "expression/function_table.h"

#include <algorithm>

namespace sidestream::expression {

bool FunctionTable::Entry::Takes(size_t arguments) const {
  return std::any_of(overloads.begin(), overloads.end(),
                     [&](const Overload& overload) { return overload.Takes(arguments); });
}

const FunctionTable& FunctionTable::Standard() {
  static const FunctionTable* const table = [] {
    auto* made = new FunctionTable();  // lives as long as the process
    for (const auto functions :
         {ConversionFunctions(), StringFunctions(), RegexFunctions(), MathFunctions(),
          TimeFunctions(), CollectionFunctions(), EncodingFunctions(), FormatFunctions(),
          ListFunctions(), NetworkFunctions()}) {
      made->Add(functions);
    }
    return made;
  }();
  return *table;
}

void FunctionTable::Add(std::span<const Function> functions) {
  for (const Function& function : functions) {
    entries_.push_back({std::string(function.name), function.style,
                        ParseSignature(function.signature), &function});
  }
}

std::vector<const FunctionTable::Entry*> FunctionTable::Find(std::string_view name,
                                                             bool member) const {
  std::vector<const Entry*> found;
  for (const Entry& entry : entries_) {
    if (entry.name == name && entry.CalledAs(member)) found.push_back(&entry);
  }
  return found;
}

std::vector<std::string> FunctionTable::Names(bool member) const {
  std::vector<std::string> names;
  for (const Entry& entry : entries_) {
    if (entry.CalledAs(member)) names.push_back(entry.name);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

bool FunctionTable::HasNamespace(std::string_view prefix) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.CalledAs(false) && entry.name.starts_with(prefix);
  });
}

}  // namespace sidestream::expression
