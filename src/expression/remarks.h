// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What is doubtful in an expression that compiles: comparisons that have one outcome only,
// equality of floating-point numbers, divisions that depend on how a number was printed, calls
// that differ from run to run.
//
// Place in the flow: topology asks when an expression has compiled, and makes warnings of it.
//
// Threading: free function.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "expression/program.h"

namespace sidestream::expression {

struct Remark {
  enum class Kind {
    kOneOutcome,       // always true or always false
    kFloatEquality,    // == or != of doubles
    kUntypedDivision,  // `/` of which only a record can tell whether it cuts
    kImpure,           // now(), uuid()
    kDate,             // 2026-01-01, which computes 2024
  };
  Kind kind;
  SourcePosition position;
  std::string message;
  std::string suggestion;  // may be empty
};

/// In the order of the text. Empty for a text that does not parse; functions that the library
/// does not have (aggregates) are taken for any. Types are those of `scope`.
std::vector<Remark> FindRemarks(std::string_view text, const Scope& scope);

}  // namespace sidestream::expression
