// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What one evaluation of a typical expression costs: compiled with types, compiled without, and by
// the naive evaluator of the tests. The record is there already, as slots or as the evaluator's
// own values; reading it is not part of the figure.

#include <benchmark/benchmark.h>

#include <map>
#include <string>
#include <vector>

#include "expression/parser.h"
#include "expression/program.h"
#include "tests/unit/expression/naive_evaluator.h"
#include "tests/unit/expression/test_scope.h"

namespace sidestream::expression {
namespace {

using serde::Value;

// What a pipeline over bids would ask.
constexpr const char* kExpressions[] = {
    "value.price > 100",
    "value.city == 'Berlin'",
    "value.price > 100 && value.city == 'Berlin' && !value.test",
    "value.price * value.quantity - 1",
    "value.amount * 1.19 >= 50.0 ? 'large' : 'small'",
    "value.tags.exists(t, t == 'express')",
};

// The record as both see it.
struct Record {
  Record() {
    const auto field = [](const char* name) { return Datum::String(name); };
    const std::vector<Datum> tags = {field("fragile"), field("gift"), field("express")};
    value = Datum::Map({field("price"), Datum::Int(250), field("quantity"), Datum::Int(3),
                        field("city"), field("Berlin"), field("test"), Datum::Bool(false),
                        field("amount"), Datum::Double(99.5), field("tags"), Datum::List(tags)});
    static const Value kTags[] = {Value::String("fragile"), Value::String("gift"),
                                  Value::String("express")};
    static const serde::MapEntry kFields[] = {{Value::String("price"), Value::Int(250)},
                                              {Value::String("quantity"), Value::Int(3)},
                                              {Value::String("city"), Value::String("Berlin")},
                                              {Value::String("test"), Value::Bool(false)},
                                              {Value::String("amount"), Value::Double(99.5)},
                                              {Value::String("tags"), Value::List(kTags)}};
    scope.Set("value", Value::Map(kFields));
    Type type = Type::Of(TypeKind::kObject);
    type.fields = {"price", "quantity", "city", "test", "amount", "tags"};
    const Type text = Type::Of(TypeKind::kString);
    type.parameters = {Type::Of(TypeKind::kInt),  Type::Of(TypeKind::kInt),    text,
                       Type::Of(TypeKind::kBool), Type::Of(TypeKind::kDouble), Type::List(text)};
    scope.Declare("value", type);
  }

  TestScope scope;
  Datum value;
};

void Compiled(benchmark::State& state, Checking checking) {
  const char* text = kExpressions[state.range(0)];
  Record record;
  const CompileResult compiled = Compile(text, record.scope, checking);
  if (!compiled.program) {
    state.SkipWithError(compiled.errors[0].message.c_str());
    return;
  }
  const std::vector<Value> row = record.scope.Row();
  TestEnvironment environment;
  Arena arena;
  for (auto _ : state) {
    Result<Value> result = compiled.program->Evaluate(row, environment, arena);
    if (!result.ok()) state.SkipWithError(result.status().message().c_str());
    benchmark::DoNotOptimize(result);
    arena.Reset();
  }
  state.SetLabel(text);
}

void Typed(benchmark::State& state) { Compiled(state, Checking::kOn); }
void Dynamic(benchmark::State& state) { Compiled(state, Checking::kOff); }

void Naive(benchmark::State& state) {
  const char* text = kExpressions[state.range(0)];
  Record record;
  Arena arena;
  std::vector<CompileError> errors;
  const ExprPtr tree = Parse(text, arena, errors);
  const std::map<std::string, Datum> variables = {{"value", record.value}};
  for (auto _ : state) {
    Datum result = NaiveEvaluate(*tree, variables);
    if (result.error()) state.SkipWithError("the evaluator fails");
    benchmark::DoNotOptimize(result);
  }
  state.SetLabel(text);
}

BENCHMARK(Typed)->DenseRange(0, 5);
BENCHMARK(Dynamic)->DenseRange(0, 5);
BENCHMARK(Naive)->DenseRange(0, 5);

}  // namespace
}  // namespace sidestream::expression
