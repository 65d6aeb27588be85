// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Random expressions against an evaluator that is as naive as possible: it computes a
// result while it writes the text, with 128-bit integers and no folding, no slots and no
// parser. The seed is in every message.

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "base/clock.h"
#include "expression/program.h"
#include "tests/unit/expression/test_scope.h"

namespace sidestream::expression {
namespace {

using serde::Value;

// Empty means an error.
using Int = std::optional<int64_t>;
using Bool = std::optional<bool>;

__extension__ using Wide = __int128;

Int Fit(Wide wide) {
  if (wide > INT64_MAX || wide < INT64_MIN) return std::nullopt;
  return static_cast<int64_t>(wide);
}

class Generator {
 public:
  explicit Generator(Random& random) : random_(random) {}

  Int MakeInt(int depth, std::string& text) {
    if (depth == 0) return Leaf(text);
    switch (random_.Below(6)) {
      case 0: {
        std::string a, b, c;
        const Bool condition = MakeBool(depth - 1, a);
        const Int then = MakeInt(depth - 1, b);
        const Int otherwise = MakeInt(depth - 1, c);
        text = "(" + a + " ? " + b + " : " + c + ")";
        if (!condition) return std::nullopt;
        return *condition ? then : otherwise;
      }
      case 1: {
        // The list fails as a whole when one element does.
        std::string a, b;
        const Int first = MakeInt(depth - 1, a);
        const Int second = MakeInt(depth - 1, b);
        const bool take_first = random_.OneIn(2);
        text = "[" + a + ", " + b + "][" + (take_first ? "0" : "1") + "]";
        if (!first || !second) return std::nullopt;
        return take_first ? first : second;
      }
      case 2: {
        std::string a;
        const Int operand = MakeInt(depth - 1, a);
        text = "-(" + a + ")";
        return operand ? Fit(-static_cast<Wide>(*operand)) : std::nullopt;
      }
      default:
        return Arithmetic(depth, text);
    }
  }

  Bool MakeBool(int depth, std::string& text) {
    if (depth == 0) {
      const bool value = random_.OneIn(2);
      text = value ? "t" : "false";
      return value;
    }
    std::string a, b;
    switch (random_.Below(4)) {
      case 0: {
        const Bool left = MakeBool(depth - 1, a);
        const Bool right = MakeBool(depth - 1, b);
        text = "(" + a + " && " + b + ")";
        if (left == false || right == false) return false;
        return left && right ? Bool(true) : std::nullopt;
      }
      case 1: {
        const Bool left = MakeBool(depth - 1, a);
        const Bool right = MakeBool(depth - 1, b);
        text = a + " || " + b;
        text = "(" + text + ")";
        if (left == true || right == true) return true;
        return left && right ? Bool(false) : std::nullopt;
      }
      case 2: {
        const Bool operand = MakeBool(depth - 1, a);
        text = "!" + a;
        return operand ? Bool(!*operand) : std::nullopt;
      }
      default: {
        const Int left = MakeInt(depth - 1, a);
        const Int right = MakeInt(depth - 1, b);
        const int64_t op = random_.Below(3);
        text = "(" + a + (op == 0 ? " < " : op == 1 ? " == " : " >= ") + b + ")";
        if (!left || !right) return std::nullopt;
        return op == 0 ? *left < *right : op == 1 ? *left == *right : *left >= *right;
      }
    }
  }

 private:
  Int Leaf(std::string& text) {
    switch (random_.Below(8)) {
      case 0:
        text = "missing.field";
        return std::nullopt;
      case 1:
        text = "x.y";
        return 3;
      case 2:
        text = "9223372036854775807";
        return INT64_MAX;
      case 3:
        text = "-9223372036854775808";
        return INT64_MIN;
      default: {
        const int64_t value = random_.Below(7) - 3;
        text = std::to_string(value);
        return value;
      }
    }
  }

  Int Arithmetic(int depth, std::string& text) {
    static constexpr char kOps[] = "+-*/%";
    std::string a, b;
    const Int left = MakeInt(depth - 1, a);
    const Int right = MakeInt(depth - 1, b);
    const char op = kOps[random_.Below(5)];
    text = "(" + a + " " + op + " " + b + ")";
    if (!left || !right) return std::nullopt;
    const Wide l = *left;
    const Wide r = *right;
    if (op == '+') return Fit(l + r);
    if (op == '-') return Fit(l - r);
    if (op == '*') return Fit(l * r);
    // The smallest int modulo -1 overflows where the quotient does.
    if (r == 0 || !Fit(l / r)) return std::nullopt;
    return Fit(op == '/' ? l / r : l % r);
  }

  Random& random_;
};

TEST(ExpressionPropertyTest, AgreesWithTheNaiveEvaluator) {
  constexpr uint64_t kSeed = 20'260'703;
  Random random(kSeed);
  Generator generator(random);
  Arena arena;
  const std::span<serde::MapEntry> fields = arena.NewArray<serde::MapEntry>(1);
  fields[0] = {Value::String("y"), Value::Int(3)};
  TestEnvironment environment;
  int errors = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    const bool is_int = random.OneIn(2);
    const int depth = static_cast<int>(random.Below(5)) + 1;
    Int expected_int;
    Bool expected_bool;
    if (is_int) {
      expected_int = generator.MakeInt(depth, text);
    } else {
      expected_bool = generator.MakeBool(depth, text);
    }
    const bool fails = is_int ? !expected_int : !expected_bool;
    errors += fails ? 1 : 0;
    TestScope scope;
    scope.Set("x", Value::Map(fields));
    scope.Set("t", Value::Bool(true));
    scope.Set("missing", Value::Map({}));
    const CompileResult compiled = Compile(text, scope);
    if (!compiled.program) {
      // Only a constant that can only fail may be refused.
      ASSERT_TRUE(fails) << "seed " << kSeed << ": " << text << ": " << compiled.errors[0].message;
      continue;
    }
    const Result<Value> result = compiled.program->Evaluate(scope.Row(), environment, arena);
    ASSERT_EQ(result.ok(), !fails) << "seed " << kSeed << ": " << text << ": " << result.status();
    if (fails) continue;
    const Value expected = is_int ? Value::Int(*expected_int) : Value::Bool(*expected_bool);
    ASSERT_TRUE(result->kind() == expected.kind() && Value::Equal(*result, expected))
        << "seed " << kSeed << ": " << text << ": " << serde::DebugString(*result);
  }
  // Both outcomes are frequent, or the test shows little.
  EXPECT_GT(errors, 300);
  EXPECT_LT(errors, 2700);
}

}  // namespace
}  // namespace sidestream::expression
