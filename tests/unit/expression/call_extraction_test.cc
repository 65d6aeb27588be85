// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "expression/call_extraction.h"

#include <gtest/gtest.h>

#include "tests/unit/expression/test_scope.h"

namespace sidestream::expression {
namespace {

using serde::Value;

class CallExtractionTest : public testing::Test {
 protected:
  CallExtractionTest() {
    result_scope_.Set("key", Value::String("k"));
    record_scope_.Set("value", Value::Null());
  }

  std::string Errors(const std::string& text) {
    const CompileResult result = extractor_.Extract(text);
    EXPECT_EQ(result.program == nullptr, !result.errors.empty());
    std::string errors;
    for (const CompileError& e : result.errors) {
      errors += std::to_string(e.position.line) + ":" + std::to_string(e.position.column) + " " +
                e.message + ";";
    }
    return errors;
  }

  TestScope result_scope_;
  TestScope record_scope_;
  static AggregateFunction Function(const std::string& name, const std::string& signature) {
    return {name, ParseSignature(signature), name + "(...)"};
  }

  CallExtractor extractor_{
      {Function("count", "-> int"), Function("sum", "int -> int | double -> double"),
       Function("min", "A -> A"), Function("max", "A -> A"), Function("top", "A, int -> list<A>")},
      result_scope_,
      record_scope_};
};

TEST_F(CallExtractionTest, TakesEachCallOnceAcrossTexts) {
  EXPECT_EQ(Errors("sum(value.price) / count()"), "");
  EXPECT_EQ(Errors("count() + count( )"), "");
  EXPECT_EQ(Errors("sum(value.price).where(value.ok)"), "");
  EXPECT_EQ(Errors("[count()].map(value, value + 1)"), "");
  EXPECT_EQ(Errors("sum(value.price).where(value.ok) - sum(value . price)"), "");
  const std::vector<AggregateCall>& calls = extractor_.calls();
  ASSERT_EQ(calls.size(), 3u);
  EXPECT_EQ(calls[0].function, "sum");
  EXPECT_EQ(calls[0].text, "sum(value.price)");
  EXPECT_EQ(calls[0].arguments.size(), 1u);
  EXPECT_EQ(calls[0].where, nullptr);
  EXPECT_EQ(calls[1].function, "count");
  EXPECT_TRUE(calls[1].arguments.empty());
  EXPECT_NE(calls[2].where, nullptr);
  using Slots = std::vector<std::pair<std::string, TestScope::Path>>;
  EXPECT_EQ(result_scope_.slots(),
            (Slots{{"@aggregate", {"0"}}, {"@aggregate", {"1"}}, {"@aggregate", {"2"}}}));
  EXPECT_EQ(record_scope_.slots(), (Slots{{"value", {"price"}}, {"value", {"ok"}}}));
}

TEST_F(CallExtractionTest, ResultsHaveTypes) {
  const auto type_of = [&](const std::string& text) {
    const CompileResult result = extractor_.Extract(text);
    return result.program == nullptr ? "" : TypeText(result.program->type());
  };
  EXPECT_EQ(type_of("count()"), "int");
  EXPECT_EQ(type_of("count() + 1"), "int");
  EXPECT_EQ(type_of("sum(value.x)"), "dyn");
  EXPECT_EQ(type_of("sum(int(value.x)) + 1"), "int");
  EXPECT_EQ(type_of("min('a' + string(value.x))"), "string");
  EXPECT_EQ(type_of("min(optional.of(1))"), "int");
  EXPECT_EQ(type_of("top(string(value.x), 3)"), "list<string>");
  EXPECT_EQ(Errors("count() + 'a'"), "1:9 cannot compute int + string;");
}

TEST_F(CallExtractionTest, RefusesArgumentsThatTheFunctionDoesNotTake) {
  EXPECT_EQ(Errors("1 + sum()"), "1:5 sum() does not take 0 arguments;");
  EXPECT_EQ(Errors("count(value.x)"), "1:1 count() does not take 1 argument;");
  EXPECT_EQ(Errors("sum('a')"),
            "1:1 no such function: sum(string); there is sum(int), sum(double);");
  EXPECT_EQ(extractor_.Extract("sum()").errors.front().suggestion, "write sum(...)");
}

TEST_F(CallExtractionTest, EvaluatesTheRestOverTheResults) {
  const CompileResult result = extractor_.Extract(
      "key + ':' + string([1, 2].map(x, x * sum(value.n))[1]) + (count() > 1 ? '!' : '')");
  ASSERT_TRUE(result.program) << result.errors[0].message;
  ASSERT_EQ(extractor_.calls().size(), 2u);
  std::vector<Value> row(result_scope_.slots().size());
  row[static_cast<size_t>(result_scope_.Slot("key", {}))] = Value::String("k");
  row[static_cast<size_t>(extractor_.calls()[0].slot)] = Value::Int(21);
  row[static_cast<size_t>(extractor_.calls()[1].slot)] = Value::Int(2);
  Arena arena;
  TestEnvironment environment;
  const Result<Value> value = result.program->Evaluate(row, environment, arena);
  ASSERT_TRUE(value.ok()) << value.status();
  EXPECT_EQ(value->string_value(), "k:42!");
}

TEST_F(CallExtractionTest, KeepsTheScopesApart) {
  EXPECT_EQ(Errors("sum(key)"), "1:5 unknown variable: key (known are value);");
  EXPECT_EQ(Errors("value.x"), "1:1 unknown variable: value (known are key);");
  EXPECT_EQ(
      Errors("sum(valu.x) + kye"),
      "1:5 unknown variable: valu (known are value);1:15 unknown variable: kye (known are key);");
}

TEST_F(CallExtractionTest, RefusesAggregatesInAggregates) {
  EXPECT_EQ(Errors("sum(count())"),
            "1:5 count() inside of an aggregate: its arguments see one record;");
  EXPECT_EQ(Errors("count().where(value.x > max(value.y))"),
            "1:25 max() inside of an aggregate: its arguments see one record;");
  EXPECT_EQ(Errors("sum([value.x].map(v, v + min(v))[0])"),
            "1:26 min() inside of an aggregate: its arguments see one record;");
  EXPECT_EQ(Errors("[1].map(value, sum(value.x))"),
            "1:20 an aggregate cannot see 'value' of the macro around it;");
  EXPECT_EQ(Errors("count().where()"), "1:9 .where() takes one condition;");
  EXPECT_EQ(Errors("sum(1 +"), "1:8 syntax error: expected a value, found the end;");
  EXPECT_TRUE(extractor_.calls().empty());
}

}  // namespace
}  // namespace sidestream::expression
