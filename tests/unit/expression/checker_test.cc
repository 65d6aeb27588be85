// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Types that the checker finds and mistakes that it reports, with their columns; and that
// the signatures of the function table say what the functions do.

#include "expression/checker.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "expression/parser.h"
#include "expression/type_inference.h"
#include "serde/decimal.h"
#include "tests/unit/expression/test_scope.h"

namespace sidestream::expression {
namespace {

using serde::MapEntry;
using serde::Value;

class CheckerTest : public testing::Test {
 protected:
  CheckerTest() {
    Type value = Type::Of(TypeKind::kObject);
    value.fields = {"id", "price", "name", "at", "tags"};
    value.parameters = {Type::Of(TypeKind::kInt), Type::Of(TypeKind::kDouble),
                        Type::Of(TypeKind::kString), Type::Of(TypeKind::kTimestamp),
                        Type::List(Type::Of(TypeKind::kString))};
    scope_.Declare("value", value);
    scope_.Declare("headers", Type::Map(Type::Of(TypeKind::kString), Type::Of(TypeKind::kBytes)));
    scope_.Declare("any", Type());
  }

  // The type, or the errors as "line:column message".
  std::string Check(const std::string& text) {
    Arena arena;
    std::vector<CompileError> errors;
    const ExprPtr tree = Parse(text, arena, errors);
    const Type type = tree ? CheckTree(*tree, scope_, FunctionTable::Standard(), errors) : Type();
    if (errors.empty()) return TypeText(type);
    std::string found;
    for (const CompileError& error : errors) {
      found += (found.empty() ? "" : "; ") + std::to_string(error.position.line) + ":" +
               std::to_string(error.position.column) + " " + error.message;
      if (!error.suggestion.empty()) found += " [" + error.suggestion + "]";
    }
    return found;
  }

  TestScope scope_;
};

TEST_F(CheckerTest, FindsTypes) {
  const std::pair<std::string, std::string> cases[] = {
      {"value.id + 1", "int"},
      {"value.id * value.price", "double"},
      {"value.name + '!'", "string"},
      {"value.at - duration('1h')", "timestamp"},
      {"value.at - value.at", "duration"},
      {"value.other", "dyn"},
      {"value.other + 1", "dyn"},
      {"any.a.b > 3 && has(any.c)", "bool"},
      {"value.?name.orValue('x')", "string"},
      {"value.?name", "optional<string>"},
      {"value.tags.map(t, size(t))", "list<int>"},
      {"value.tags.transformMap(i, t, t)", "map<int, string>"},
      {"{'a': value.id, 'b': 2}", "map<string, int>"},
      {"{'a': value.id, 'b': 'x'}", "map<string, dyn>"},
      {"[1, null]", "list<int>"},
      {"[]", "list<dyn>"},
      {"[] + [1]", "list<int>"},
      {"[].map(x, x > x, optional.of(1).orValue(x))", "list<int>"},
      {"[].map(x, x + x)", "list<dyn>"},
      {"any ? value.id : null", "int"},
      {"any ? value.id : value.name", "dyn"},
      {"headers.source", "bytes"},
      {"size(any)", "int"},
      {"value.name.split(',').first()", "optional<string>"},
      {"math.greatest(1, 2)", "int"},
      {"math.greatest(1, 2.5)", "dyn"},
      {"cel.bind(n, value.id, n / 2)", "int"},
      {"ip('::1').isLoopback()", "bool"},
      {"type(value.id) == int", "bool"},
      {"value.id == 1.5 || value.price < value.id", "bool"},
      {"1 in [1.0]", "bool"},
      {"value.id == null", "bool"},
  };
  for (const auto& [text, type] : cases) EXPECT_EQ(Check(text), type) << text;
}

TEST_F(CheckerTest, ReportsMistakesAtTheirColumn) {
  const std::pair<std::string, std::string> cases[] = {
      {"value.id == '7'", "1:10 cannot compare int == string"},
      {"1 + (value.name - 2)", "1:17 cannot compute string - int"},
      {"any > 1 && value.name", "1:12 '&&' needs a bool, not string"},
      {"value.id ? 1 : 2", "1:1 the condition of '?' needs to be a bool, not int"},
      {"!value.id", "1:1 '!' needs a bool, not int"},
      {"value.id.x", "1:10 there is no field x in a value of type int"},
      {"value.id[0]", "1:9 a value of type int has no elements"},
      {"value.tags['x']", "1:12 a value of type list<string> is not indexed by a string"},
      {"value.id.trim()", "1:1 no such function: int.trim(); there is string.trim()"},
      {"value.name.contains(value.id)",
       "1:21 no such function: string.contains(int); there is string.contains(string)"},
      {"value.tags.all(t, size(t))", "1:19 all() needs a condition that is a bool, not int"},
      {"value.id.map(x, x)", "1:10 map() needs a list or a map, not int"},
      {"value.nam + valu.x", "1:13 unknown variable: valu (known are any, headers, value) [value]"},
      {"value.name.startWith('a')", "1:12 unknown function: startWith() [startsWith]"},
      {"{1.5: 2}", "1:2 a key of a map is a string, int, uint or bool, not double"},
      {"[?value.id]", "1:3 an element marked '?' needs an optional, not int"},
      {"headers.source == 'web'", "1:16 cannot compare bytes == string"},
      // One mistake is one error, whatever holds it.
      {"(value.id.x + 1).trim() == 'a'", "1:11 there is no field x in a value of type int"},
  };
  for (const auto& [text, error] : cases) EXPECT_EQ(Check(text), error) << text;
}

TEST_F(CheckerTest, UncheckedMistakesFailWhereTheyAreEvaluated) {
  const CompileResult compiled = Compile("nothing.x || gone(1) || true", scope_, Checking::kOff);
  ASSERT_TRUE(compiled.program);
  Arena arena;
  TestEnvironment environment;
  const Result<Value> result = compiled.program->Evaluate(scope_.Row(), environment, arena);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->bool_value());
}

// Calls every function with every combination of kinds: it finds an overload where the
// signature has one, and what it gives is of the type that the signature says.
TEST(FunctionTableTest, SignaturesSayWhatTheFunctionsDo) {
  Arena arena;
  const std::array texts = {Value::String("a")};
  const std::array entries = {MapEntry{Value::String("k"), Value::Int(1)}};
  const std::array samples = {Value::Bool(true),
                              Value::Int(1),
                              Value::Uint(1),
                              Value::Double(1),
                              Value::String("1"),
                              Value::Bytes("YQ"),
                              Value::TimestampOf({}, arena),
                              Value::DurationOf({}, arena),
                              Value::List(texts),
                              Value::Map(entries),
                              Value::Type("int"),
                              Value::OptionalOf(Value::Int(1), arena),
                              Value::Ip("::1"),
                              Value::Cidr("::/0"),
                              Value::DecimalOf(serde::Decimal::Of(int64_t{1}), arena)};
  TestEnvironment environment;
  int calls = 0;
  const auto check = [&](const Function& function, const std::vector<Overload>& overloads,
                         std::span<const Value> arguments) {
    std::vector<Type> types;
    for (const Value& argument : arguments) types.push_back(TypeOfKind(argument.kind()));
    TypeInference inference;
    const auto choice = inference.Resolve(overloads, types);
    Evaluation evaluation({}, {}, environment, arena);
    Value out;
    const Outcome outcome = function.run(evaluation, arguments, out);
    const std::string shown = CallText(function.name, false, types);
    EXPECT_EQ(outcome != Outcome::kNoOverload, choice.fits) << shown;
    if (outcome == Outcome::kOk) {
      const auto kind = KindOfType(inference.Final(choice.result));
      EXPECT_TRUE(!kind || *kind == out.kind()) << shown << " gives " << serde::DebugString(out);
    }
    ++calls;
  };
  for (const auto functions : {ConversionFunctions(), StringFunctions(), MathFunctions(),
                               TimeFunctions(), CollectionFunctions(), EncodingFunctions(),
                               FormatFunctions(), ListFunctions(), NetworkFunctions()}) {
    for (const Function& function : functions) {
      if (function.run == nullptr) continue;
      const std::vector<Overload> overloads = ParseSignature(function.signature);
      for (const Value& first : samples) {
        const std::array<Value, 1> one = {first};
        FunctionTable::Entry entry{"", function.style, overloads, &function};
        if (entry.Takes(1)) check(function, overloads, one);
        if (!entry.Takes(2)) continue;
        for (const Value& second : samples) {
          check(function, overloads, std::array<Value, 2>{first, second});
        }
      }
    }
  }
  EXPECT_GT(calls, 1000);
}

}  // namespace
}  // namespace sidestream::expression
