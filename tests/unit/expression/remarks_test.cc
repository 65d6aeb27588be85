// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "expression/remarks.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sidestream::expression {
namespace {

/// `value` is untyped, `n` an int, `u` a uint, `d` a double, `s` a string, `ds` doubles.
class TypedScope final : public Scope {
 public:
  bool HasVariable(std::string_view name) const override {
    return name == "value" || name == "n" || name == "u" || name == "d" || name == "s" ||
           name == "ds";
  }
  std::vector<std::string> VariableNames() const override {
    return {"value", "n", "u", "d", "s", "ds"};
  }
  Type VariableType(std::string_view name) const override {
    if (name == "n") return Type::Of(TypeKind::kInt);
    if (name == "u") return Type::Of(TypeKind::kUint);
    if (name == "d") return Type::Of(TypeKind::kDouble);
    if (name == "s") return Type::Of(TypeKind::kString);
    if (name == "ds") return Type::List(Type::Of(TypeKind::kDouble));
    return Type();
  }
  int32_t Slot(std::string_view /*variable*/, std::span<const std::string> /*path*/) override {
    return 0;
  }
};

/// The remarks as "kind@column", joined by blanks.
std::string RemarksOf(const std::string& text) {
  std::string joined;
  for (const Remark& remark : FindRemarks(text, TypedScope())) {
    std::string kind;
    switch (remark.kind) {
      case Remark::Kind::kOneOutcome:
        kind = "outcome";
        break;
      case Remark::Kind::kFloatEquality:
        kind = "float";
        break;
      case Remark::Kind::kUntypedDivision:
        kind = "division";
        break;
      case Remark::Kind::kImpure:
        kind = "impure";
        break;
      case Remark::Kind::kDate:
        kind = "date";
        break;
    }
    joined += (joined.empty() ? "" : " ") + kind + "@" + std::to_string(remark.position.column);
  }
  return joined;
}

TEST(RemarksTest, ComparisonsWithOneOutcome) {
  EXPECT_EQ(RemarksOf("value.a == value.a"), "outcome@9");
  EXPECT_EQ(RemarksOf("n < n"), "outcome@3");
  EXPECT_EQ(RemarksOf("1 == 2"), "outcome@3");
  EXPECT_EQ(RemarksOf("u < 0u"), "outcome@3");
  EXPECT_EQ(RemarksOf("0u > u"), "outcome@4");
  EXPECT_EQ(RemarksOf("size(value.x) >= 0"), "outcome@15");
  EXPECT_EQ(RemarksOf("value.x.size() < 0"), "outcome@16");
  EXPECT_EQ(RemarksOf("s.lowerAscii() == 'A'"), "outcome@16");
  EXPECT_EQ(RemarksOf("'a' != s.upperAscii()"), "outcome@5");
  EXPECT_EQ(RemarksOf("s == 'a' && value.ok && s == 'b'"), "outcome@27");
  EXPECT_EQ(RemarksOf("s != 'a' || 'b' != s"), "outcome@17");
}

TEST(RemarksTest, FloatsThatAreCompared) {
  EXPECT_EQ(RemarksOf("value.x == 0.1"), "float@9");
  EXPECT_EQ(RemarksOf("d != value.x"), "float@3");
  EXPECT_EQ(RemarksOf("d + 1.0 == d"), "float@9");
  EXPECT_EQ(RemarksOf("ds.exists(x, x == d)"), "float@16");
}

TEST(RemarksTest, DivisionsOfWhichTheRecordDecides) {
  EXPECT_EQ(RemarksOf("value.a / 100"), "division@9");
  EXPECT_EQ(RemarksOf("value.a / value.b"), "division@9");
  EXPECT_EQ(RemarksOf("n / value.b"), "division@3");
  EXPECT_EQ(RemarksOf("value.xs.map(x, x / 2)"), "division@19");
}

TEST(RemarksTest, CallsThatDifferFromRunToRun) {
  EXPECT_EQ(RemarksOf("now()"), "impure@1");
  EXPECT_EQ(RemarksOf("sum(value.x) + uuid().size()"), "impure@16");
  // Two of them may differ.
  EXPECT_EQ(RemarksOf("uuid() == uuid()"), "impure@1 impure@11");
}

TEST(RemarksTest, DatesThatAreSubtractions) {
  EXPECT_EQ(RemarksOf("value.day == 2026-01-31"), "date@14");
  EXPECT_EQ(RemarksOf("value.a - 1 - 1"), "");
  EXPECT_EQ(RemarksOf("2026 - 13 - 1"), "");
}

TEST(RemarksTest, NothingIsSaidOfWhatIsRight) {
  for (const char* text : {"value.a == value.b",
                           "n == 0",
                           "u > 0u",
                           "u <= 0u",
                           "size(value.x) > 0",
                           "n < 0",
                           "s == 'a' || s == 'b'",
                           "s != 'a' && s != 'b'",
                           "s == 'a' && s == 'a'",
                           "value.a == 'a' && value.b == 'b'",
                           "s.lowerAscii() == 'a'",
                           "s.upperAscii() != 'É'",
                           "d == 0.0",
                           "value.x == 1.0",
                           "d < 0.1",
                           "d == 1",
                           "n / 2",
                           "value.a / 2.0",
                           "d / value.b",
                           "double(value.a) / 100",
                           "sum(value.a) / count()",
                           "ds.map(x, x / 2)",
                           "value.a % 10",
                           "a syntax error",
                           "unknown == 1",
                           "has(value.a) == true"}) {
    EXPECT_EQ(RemarksOf(text), "") << text;
  }
}

}  // namespace
}  // namespace sidestream::expression
