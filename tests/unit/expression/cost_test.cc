// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What an expression may cost: estimated before, and bounded while it runs.

#include "expression/cost.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/expression/test_scope.h"

namespace sidestream::expression {
namespace {

using serde::MapEntry;
using serde::Value;

class CostTest : public testing::Test {
 protected:
  Cost CostOf(const std::string& text) {
    TestScope scope;
    Type type = Type::Of(TypeKind::kObject);
    type.fields = {"n", "l"};
    type.parameters = {Type::Of(TypeKind::kInt), Type::List(Type::Of(TypeKind::kInt))};
    scope.Declare("value", type);
    const CompileResult compiled = Compile(text, scope);
    EXPECT_TRUE(compiled.program) << text << ": " << compiled.errors[0].message;
    return compiled.program ? compiled.program->cost() : Cost{};
  }

  // The error, or the result.
  std::string Run(const std::string& text) {
    const CompileResult compiled = Compile(text, scope_);
    if (!compiled.program) return "compile: " + compiled.errors[0].message;
    TestEnvironment environment;
    const std::vector<Value> row = scope_.Row();
    const Result<Value> result = compiled.program->Evaluate(row, environment, arena_);
    return result.ok() ? serde::DebugString(*result) : result.status().message();
  }

  Arena arena_;
  TestScope scope_;
};

TEST_F(CostTest, CountsOperationsAndRanges) {
  EXPECT_EQ(CostOf("1 + 2"), (Cost{0, 0}));
  EXPECT_EQ(CostOf("value.n"), (Cost{1, 1}));
  EXPECT_EQ(CostOf("value.n + value.n * 2"), (Cost{4, 4}));
  EXPECT_EQ(CostOf("value.n > 1 && value.n < 5"), (Cost{3, 5}));
  EXPECT_EQ(CostOf("value.n > 1 ? value.n : 7"), (Cost{3, 4}));
  // The list, the macro, and at least one round of 4 of three.
  EXPECT_EQ(CostOf("[1, 2, 3].all(x, x > value.n)"), (Cost{6, 14}));
  EXPECT_EQ(CostOf("[1, 2, 3].map(x, x + value.n)"), (Cost{14, 14}));
  EXPECT_EQ(CostOf("value.l.map(x, x + 1)"), (Cost{2, 3'002}));
  EXPECT_EQ(CostOf("value.l.filter(x, x > 1).map(x, x + 1)").most, 6'003U);
  // A text that is gone through by its tenth.
  EXPECT_EQ(CostOf("value.s.contains('ab')"), (Cost{2, 102}));
  EXPECT_EQ(CostOf("cel.bind(a, [value.n, 2], a.map(x, a.map(y, x + y)))").most, 26U);
}

TEST_F(CostTest, MultipliesMacrosInMacros) {
  const std::string two = "value.l.all(x, value.l.all(y, x < y))";
  const std::string three = "value.l.all(x, value.l.all(y, value.l.all(z, x < y + z)))";
  EXPECT_LT(CostOf(two).most, static_cast<uint64_t>(kMaxSteps));
  EXPECT_GT(CostOf(three).most, static_cast<uint64_t>(kMaxSteps));
  EXPECT_EQ(CostOf(three).least, 2U);
  std::string many = "true";
  for (int i = 0; i < 9; ++i) many = "value.l.all(x, " + many + " || x > 1)";
  EXPECT_EQ(CostOf(many).most, UINT64_MAX);
  EXPECT_GT(CostOf("lists.range(2000000).map(x, x + value.n)").most, 8'000'000U);
}

// Each of these would take from minutes to days.
TEST_F(CostTest, NoExpressionHangs) {
  const std::string text(1 << 20, 'a');
  scope_.Set("text", Value::String(text));
  std::vector<Value> items(100'000, Value::Int(7));
  scope_.Set("items", Value::List(items));
  std::vector<std::string> names;
  for (int i = 0; i < 50'000; ++i) names.push_back("k" + std::to_string(i));
  std::vector<MapEntry> entries;
  for (const std::string& name : names) entries.push_back({Value::String(name), Value::Int(1)});
  scope_.Set("fields", Value::Map(entries));
  std::vector<MapEntry> backwards(entries.rbegin(), entries.rend());
  scope_.Set("backwards", Value::Map(backwards));
  const std::string ever = "lists.range(2000000).all(i, ";
  for (const std::string body :
       {"!text.contains('b')", "!text.matches('b+c')", "items == items", "!(8 in items)",
        "items.all(x, x == 7)", "!sets.contains(items, [8])", "fields == backwards",
        "fields['k49999'] == 1", "text.substring(9) != ''",
        "!text.substring(0, 1).matches('(' + string(i) + ')')"}) {
    EXPECT_TRUE(Run(ever + body + ")").starts_with("the expression "))
        << body << ": " << Run(ever + body + ")");
  }
  EXPECT_EQ(Run("fields.all(k, fields[k] == 1)"),
            "the expression visits too many elements for one record");
  // What is not too much goes through.
  EXPECT_EQ(Run("fields == backwards && items == items && text == text"), "true");
  EXPECT_EQ(Run("lists.range(100000).all(i, text.startsWith('aa'))"), "true");
}

}  // namespace
}  // namespace sidestream::expression
