// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Random texts of CEL with random values for their variables: mostly well typed, at times with a
// part of another type.
//
// Threading: confined to one thread.

#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "expression/type.h"
#include "tests/unit/expression/naive_evaluator.h"

namespace sidestream::expression {

class RandomExpression {
 public:
  enum class Wanted { kInt, kDouble, kString, kBool, kList, kMap };

  explicit RandomExpression(Random& random) : random_(random) {}

  /// A new text. Its variables: i d s b l m of the types in Types(), o with typed fields, and u
  /// of no type.
  std::string Make();
  /// Whether the last text may be ill typed.
  bool ill_typed() const { return ill_typed_; }

  /// Values of the types, at times null; o.x may be missing.
  std::map<std::string, Datum> Values();
  static std::map<std::string, Type> Types();

 private:
  bool OneIn(int64_t n) { return random_.OneIn(n); }
  std::string Part(Wanted wanted, int depth);
  std::string Int(int depth);
  std::string Double(int depth);
  std::string String(int depth);
  std::string Bool(int depth);
  std::string List(int depth);
  std::string Map(int depth);
  std::string Leaf(Wanted wanted);
  std::string Condition(const std::string& macro, int depth);
  std::string Conditional(Wanted wanted, int depth);
  Datum Value(Wanted wanted);
  int64_t Number();

  Random& random_;
  bool ill_typed_ = false;
  std::vector<std::string> locals_;  // of macros, ints
};

}  // namespace sidestream::expression
