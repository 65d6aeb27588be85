// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The function library as tables: name, how it is called, what it takes and gives, and the
// code. The checker reads the signatures, the compiler takes the code: there is no second list.
// A function dispatches on the kinds of its arguments itself and says kNoOverload when none
// fits; the caller words the error.
//
// Namespaced functions have their namespace in the name ("math.abs"). A receiver counts
// as the first argument.
//
// Threading: tables are constant; functions keep no state between calls.

#pragma once

#include <span>
#include <string_view>

#include "expression/evaluation.h"

namespace sidestream::expression {

class Regex;

enum class Outcome : uint8_t {
  kOk,
  kFailed,      // the error is in the evaluation
  kNoOverload,  // these kinds of arguments do not fit
};

enum class CallStyle : uint8_t {
  kGlobal,  // size(x), math.abs(x)
  kMember,  // x.trim()
  kEither,
};

using Arguments = std::span<const serde::Value>;

struct Function {
  std::string_view name;
  CallStyle style;
  std::string_view signature;  // see ParseSignature
  /// Null for or() and orValue(), which may skip their argument: the compiler makes nodes.
  Outcome (*run)(Evaluation&, Arguments, serde::Value&) = nullptr;
  /// Whether equal arguments give equal results: such a call of constants is a constant.
  bool pure = true;
  /// For functions of a regular expression, in place of `run`: which argument is the
  /// pattern. A constant one is compiled once.
  int pattern = -1;
  Outcome (*run_regex)(Evaluation&, const Regex&, Arguments, serde::Value&) = nullptr;
  /// Whether the function counts its work, or has the same whatever the size of its arguments.
  /// Of the others each call counts texts and lists as gone through.
  bool counted = false;
};

constexpr Function Counted(Function function) {
  function.counted = true;
  return function;
}

std::span<const Function> ConversionFunctions();
std::span<const Function> StringFunctions();
std::span<const Function> RegexFunctions();
std::span<const Function> MathFunctions();
std::span<const Function> TimeFunctions();
std::span<const Function> CollectionFunctions();
std::span<const Function> EncodingFunctions();
std::span<const Function> FormatFunctions();
std::span<const Function> ListFunctions();
std::span<const Function> NetworkFunctions();

}  // namespace sidestream::expression
