// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Random expressions: what a program gives with types, without types, and what the naive
// evaluator gives are the same. $SIDESTREAM_CASES sets how many, $SIDESTREAM_SEED where to begin;
// the seed and the text are in every message.

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "expression/parser.h"
#include "expression/program.h"
#include "tests/unit/expression/naive_evaluator.h"
#include "tests/unit/expression/random_expression.h"
#include "tests/unit/expression/test_scope.h"

namespace sidestream::expression {
namespace {

using serde::Value;

uint64_t Setting(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

Value ToValue(const Datum& datum, Arena& arena) {
  switch (datum.kind) {
    case Datum::Kind::kError:
    case Datum::Kind::kOptional:
      return {};
    case Datum::Kind::kNull:
      return Value::Null();
    case Datum::Kind::kBool:
      return Value::Bool(datum.truth);
    case Datum::Kind::kInt:
      return Value::Int(datum.integer);
    case Datum::Kind::kUint:
      return Value::Uint(datum.natural);
    case Datum::Kind::kDouble:
      return Value::Double(datum.real);
    case Datum::Kind::kString:
      return Value::String(arena.Copy(datum.text));
    case Datum::Kind::kList: {
      const std::span<Value> items = arena.NewArray<Value>(datum.items.size());
      for (size_t i = 0; i < items.size(); ++i) items[i] = ToValue(datum.items[i], arena);
      return Value::List(items);
    }
    case Datum::Kind::kMap:
      break;
  }
  const std::span<serde::MapEntry> entries =
      arena.NewArray<serde::MapEntry>(datum.items.size() / 2);
  for (size_t i = 0; i < entries.size(); ++i) {
    entries[i] = {ToValue(datum.items[2 * i], arena), ToValue(datum.items[2 * i + 1], arena)};
  }
  return Value::Map(entries);
}

Datum ToDatum(const Value& value) {
  std::vector<Datum> items;
  switch (value.kind()) {
    case Value::Kind::kNull:
      return Datum::Null();
    case Value::Kind::kBool:
      return Datum::Bool(value.bool_value());
    case Value::Kind::kInt:
      return Datum::Int(value.int_value());
    case Value::Kind::kUint:
      return Datum::Uint(value.uint_value());
    case Value::Kind::kDouble:
      return Datum::Double(value.double_value());
    case Value::Kind::kString:
      return Datum::String(std::string(value.string_value()));
    case Value::Kind::kList:
      for (const Value& item : value.list()) items.push_back(ToDatum(item));
      return Datum::List(std::move(items));
    case Value::Kind::kMap:
      for (const serde::MapEntry& entry : value.map()) {
        items.push_back(ToDatum(entry.key));
        items.push_back(ToDatum(entry.value));
      }
      return Datum::Map(std::move(items));
    default:
      return Datum::Error();
  }
}

struct Outcome {
  bool compiled = false;
  std::string message;  // why not
  Datum result;
};

Outcome Compute(const std::string& text, const std::map<std::string, Datum>& values,
                Checking checking, Arena& arena) {
  TestScope scope;
  for (const auto& [name, value] : values) scope.Set(name, ToValue(value, arena));
  if (checking == Checking::kOn) {
    for (const auto& [name, type] : RandomExpression::Types()) scope.Declare(name, type);
  }
  const CompileResult compiled = Compile(text, scope, checking);
  if (!compiled.program) return {false, compiled.errors[0].message, Datum::Error()};
  TestEnvironment environment;
  const std::vector<Value> row = scope.Row();
  const Result<Value> result = compiled.program->Evaluate(row, environment, arena);
  return {true, "", result.ok() ? ToDatum(*result) : Datum::Error()};
}

TEST(ExpressionPropertyTest, TypedDynamicAndNaiveAgree) {
  const uint64_t seed = Setting("SIDESTREAM_SEED", 20'261'121);
  const uint64_t cases = Setting("SIDESTREAM_CASES", 5'000);
  std::cout << "seed " << seed << ", " << cases << " cases\n";
  Random random(seed);
  RandomExpression expressions(random);
  Arena arena;
  uint64_t errors = 0;
  uint64_t refused = 0;
  for (uint64_t round = 0; round < cases; ++round) {
    arena.Reset();
    const std::string text = expressions.Make();
    const std::map<std::string, Datum> values = expressions.Values();
    std::vector<CompileError> mistakes;
    const ExprPtr tree = Parse(text, arena, mistakes);
    ASSERT_TRUE(tree) << text << ": " << mistakes[0].message;
    const Datum naive = NaiveEvaluate(*tree, values);
    errors += naive.error() ? 1 : 0;
    const Outcome dynamic = Compute(text, values, Checking::kOff, arena);
    const Outcome typed = Compute(text, values, Checking::kOn, arena);
    SCOPED_TRACE(text);
    // Only a constant that can only fail is refused where types are not looked at.
    ASSERT_TRUE(SameDatum(dynamic.result, naive))
        << "seed " << seed << " round " << round << ": dynamic " << DatumText(dynamic.result)
        << dynamic.message << ", naive " << DatumText(naive);
    if (!typed.compiled) {
      ++refused;
      // An element of [] or {} takes the type of what it first meets, which what it meets next
      // may not take.
      const bool empty = text.find("[]") != text.npos || text.find("{}") != text.npos;
      ASSERT_TRUE(!dynamic.compiled || expressions.ill_typed() || empty)
          << "seed " << seed << " round " << round << ": " << typed.message;
      continue;
    }
    ASSERT_TRUE(SameDatum(typed.result, naive))
        << "seed " << seed << " round " << round << ": typed " << DatumText(typed.result)
        << ", naive " << DatumText(naive);
  }
  std::cout << errors << " errors, " << refused << " refused\n";
  // Each outcome is frequent, or the test shows little.
  EXPECT_GT(errors, cases / 20);
  EXPECT_LT(errors, cases - cases / 4);
  EXPECT_LT(refused, cases / 3);
}

}  // namespace
}  // namespace sidestream::expression
