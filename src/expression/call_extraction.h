// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Takes the aggregate calls out of result expressions: `sum(value.price) / count()` has
// two calls, whose arguments see the record, and a rest that sees their results.
//
// Place in the flow: topology feeds all expressions of one aggregate step to one
// extractor; the operator folds calls() per record and evaluates the rest per result.
// Equal calls (`count()` in two fields) are one.
//
// Threading: confined to one thread; the programs are immutable.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "expression/program.h"
#include "expression/type.h"

namespace sidestream::expression {

struct Expr;

/// The name under which the result scope is asked for the slot of call i: the question is
/// Slot(kAggregateVariable, {"<i>"}). No text can write this name, so HasVariable is not
/// asked.
inline constexpr std::string_view kAggregateVariable = "@aggregate";

/// A function that may be called.
struct AggregateFunction {
  std::string name;
  std::vector<Overload> overloads;
  std::string usage;  // for people: "sum(x)"
};

struct AggregateCall {
  std::string function;
  std::vector<std::unique_ptr<Program>> arguments;  // in the record scope
  std::unique_ptr<Program> where;                   // of `.where(condition)`, or null
  int32_t slot = 0;                                 // in the result scope
  Type type;                                        // of the result
  std::string text;                                 // canonical: equal calls have equal texts
};

class CallExtractor {
 public:
  /// The scopes are borrowed and must outlive the extractor.
  CallExtractor(std::vector<AggregateFunction> functions, Scope& result_scope,
                Scope& record_scope);

  /// Compiles `text` with each aggregate call replaced by its slot. An aggregate inside
  /// of an aggregate is an error, as is an argument that names a variable of a macro around
  /// the call, arguments that the function does not take, and `.where` that does not take one
  /// condition.
  CompileResult Extract(std::string_view text);

  /// The calls of all texts so far, in the order in which they were met.
  const std::vector<AggregateCall>& calls() const { return calls_; }
  std::vector<AggregateCall> TakeCalls() { return std::move(calls_); }

 private:
  const AggregateFunction* FunctionOf(const Expr& expr) const;
  bool IsAggregate(const Expr& expr) const { return FunctionOf(expr) != nullptr; }
  bool IsFiltered(const Expr& expr) const;
  void Replace(Expr& expr, const std::shared_ptr<Arena>& arena, std::vector<CompileError>& errors);
  void TakeCall(Expr& expr, const std::shared_ptr<Arena>& arena, std::vector<CompileError>& errors);
  /// Sets the type of `call`, or says why its arguments do not fit.
  static void CheckArguments(const AggregateFunction& function, SourcePosition position,
                             AggregateCall& call, std::vector<CompileError>& errors);
  void RefuseNested(Expr& expr, std::vector<CompileError>& errors) const;
  void RefuseHidden(Expr& expr, std::vector<CompileError>& errors) const;

  std::vector<AggregateFunction> functions_;
  Scope& result_scope_;
  Scope& record_scope_;
  std::vector<AggregateCall> calls_;
  std::vector<std::string> macro_variables_;  // of the macros around the call that is taken
};

}  // namespace sidestream::expression
