// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/value.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

namespace sidestream::serde {
namespace {

constexpr int64_t kMaxInt = std::numeric_limits<int64_t>::max();
constexpr int64_t kMinInt = std::numeric_limits<int64_t>::min();

TEST(ValueTest, NumbersCompareByValueAcrossKindsWithoutRounding) {
  struct Case {
    Value a;
    Value b;
    std::partial_ordering order;
  };
  const auto less = std::partial_ordering::less;
  const auto same = std::partial_ordering::equivalent;
  const auto more = std::partial_ordering::greater;
  const std::array cases = {
      Case{Value::Int(1), Value::Uint(1), same},
      Case{Value::Int(1), Value::Double(1.0), same},
      Case{Value::Int(0), Value::Double(-0.0), same},
      Case{Value::Int(-1), Value::Uint(std::numeric_limits<uint64_t>::max()), less},
      Case{Value::Int(1), Value::Double(1.5), less},
      Case{Value::Int(-1), Value::Double(-1.5), more},
      // 2^53 + 1 is no double; a comparison by double would find them equal.
      Case{Value::Int(9007199254740993), Value::Double(9007199254740992.0), more},
      Case{Value::Int(kMaxInt), Value::Double(0x1p63), less},
      Case{Value::Int(kMinInt), Value::Double(-0x1p63), same},
      Case{Value::Uint(uint64_t{1} << 63), Value::Double(0x1p63), same},
      Case{Value::Uint(std::numeric_limits<uint64_t>::max()), Value::Double(0x1p64), less},
      Case{Value::Uint(0), Value::Double(-0.5), more},
      Case{Value::Int(kMaxInt), Value::Double(std::numeric_limits<double>::infinity()), less},
      Case{Value::Int(5), Value::Double(std::nan("")), std::partial_ordering::unordered},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(DebugString(c.a) + " and " + DebugString(c.b));
    EXPECT_EQ(Value::Compare(c.a, c.b), c.order);
    EXPECT_EQ(Value::Equal(c.a, c.b), c.order == same);
    EXPECT_EQ(Value::Equal(c.b, c.a), c.order == same);
    const auto reversed = c.order == less ? more : c.order == more ? less : c.order;
    EXPECT_EQ(Value::Compare(c.b, c.a), reversed);
  }
}

TEST(ValueTest, NanIsUnequalToItself) {
  const Value nan = Value::Double(std::nan(""));
  EXPECT_FALSE(Value::Equal(nan, nan));
  const std::array items = {nan};
  EXPECT_FALSE(Value::Equal(Value::List(items), Value::List(items)));
}

TEST(ValueTest, KindsThatAreNoNumbersAreNeverEqualToEachOther) {
  EXPECT_FALSE(Value::Equal(Value::String("1"), Value::Int(1)));
  EXPECT_FALSE(Value::Equal(Value::String("a"), Value::Bytes("a")));
  EXPECT_FALSE(Value::Equal(Value::Bool(true), Value::Int(1)));
  EXPECT_FALSE(Value::Equal(Value::Null(), Value::Int(0)));
  EXPECT_EQ(Value::Compare(Value::String("1"), Value::Int(1)), std::nullopt);
  EXPECT_EQ(Value::Compare(Value::Null(), Value::Null()), std::nullopt);
}

TEST(ValueTest, MapsAreEqualInAnyOrder) {
  const std::array ab = {MapEntry{Value::String("a"), Value::Int(1)},
                         MapEntry{Value::String("b"), Value::Int(2)}};
  const std::array ba = {MapEntry{Value::String("b"), Value::Double(2)},
                         MapEntry{Value::String("a"), Value::Uint(1)}};
  const std::array a = {ab[0]};
  EXPECT_TRUE(Value::Equal(Value::Map(ab), Value::Map(ba)));
  EXPECT_FALSE(Value::Equal(Value::Map(ab), Value::Map(a)));
}

TEST(ValueTest, CopyIntoTakesEverythingWithIt) {
  Arena longer;
  Value copy;
  {
    Arena shorter;
    std::string text = "abc";
    const std::array items = {Value::Bytes(text),
                              Value::TimestampOf({7, 8}, shorter),
                              Value::DurationOf({-1, 5}, shorter),
                              Value::OptionalOf(Value::String(text), shorter),
                              Value::OptionalNone(),
                              Value::Double(1.5)};
    const std::array entries = {MapEntry{Value::String(text), Value::List(items)}};
    copy = Value::Map(entries).CopyInto(longer);
    text = "xyz";
  }
  EXPECT_EQ(DebugString(copy),
            R"({"abc": [b"abc", timestamp(7s+8ns), duration(-1s+5ns), optional.of("abc"), )"
            R"(optional.none(), 1.5]})");
}

TEST(ValueTest, FieldIsMissingWhenNotThere) {
  const std::array entries = {MapEntry{Value::String("a"), Value::Null()}};
  EXPECT_TRUE(Value::Map(entries).Field("a").null());
  EXPECT_TRUE(Value::Map(entries).Field("b").missing());
}

TEST(ValueTest, DebugStringStaysWithinItsLimitAndUtf8) {
  EXPECT_EQ(DebugString(Value::String("ab\n\"")), "\"ab\\x0a\\\"\"");
  const std::string cut = DebugString(Value::String("ääääääääää"), 10);
  EXPECT_EQ(cut, "\"äää...");
  EXPECT_EQ(DebugString(Value::Null(), 0), "");
}

TEST(ValueDeathTest, AskingForAnotherKindEndsTheProcess) {
  EXPECT_DEATH((void)Value::String("a").int_value(), "string was asked for another");
}

}  // namespace
}  // namespace sidestream::serde
