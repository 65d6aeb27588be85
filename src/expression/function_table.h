// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Finds functions by name, with their signatures read.
//
// Threading: Standard() is constant; a table under construction is confined to one thread.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expression/function.h"
#include "expression/type.h"

namespace sidestream::expression {

class FunctionTable {
 public:
  struct Entry {
    std::string name;
    CallStyle style = CallStyle::kGlobal;
    std::vector<Overload> overloads;
    const Function* function = nullptr;  // null: declared, and known to the checker only

    bool Takes(size_t arguments) const;
    bool CalledAs(bool member) const {
      return style != (member ? CallStyle::kGlobal : CallStyle::kMember);
    }
  };

  /// Every function of the library.
  static const FunctionTable& Standard();

  void Add(std::span<const Function> functions);
  void Declare(Entry entry) { entries_.push_back(std::move(entry)); }

  /// Functions of this name in this style, whatever the count of arguments.
  std::vector<const Entry*> Find(std::string_view name, bool member) const;
  /// All names of one style, sorted, for suggestions.
  std::vector<std::string> Names(bool member) const;
  /// Whether global functions have names that begin so ("math.").
  bool HasNamespace(std::string_view prefix) const;

 private:
  std::vector<Entry> entries_;
};

}  // namespace sidestream::expression
