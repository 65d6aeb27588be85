// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The bytes of docs/formats/keys.md, literally. They partition user data on Kafka and
// address rows in stores: a change here loses both.

#include "serde/key_codec.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "serde/decimal.h"

namespace sidestream::serde {
namespace {

using namespace std::string_literals;

std::string Encode(const Value& key, KeyOrder order = KeyOrder::kSorted) {
  std::string out = "before:";
  const Result<KeyKind> kind = EncodeKey(key, out, order);
  if (kind.ok()) return std::to_string(static_cast<int>(*kind)) + ":" + out.substr(7);
  EXPECT_EQ(out, "before:");
  EXPECT_EQ(kind.status().code(), StatusCode::kBadRecord);
  return "error: " + kind.status().message();
}

TEST(KeyCodecTest, ScalarsHaveTheBytesOfThePage) {
  Arena arena;
  EXPECT_EQ(Encode(Value::String("")), "1:");
  EXPECT_EQ(Encode(Value::String("héllo")), "1:h\xc3\xa9llo");
  EXPECT_EQ(Encode(Value::Int(1)), "2:\0\0\0\0\0\0\0\x01"s);
  EXPECT_EQ(Encode(Value::Int(-1)), "2:\xff\xff\xff\xff\xff\xff\xff\xff"s);
  EXPECT_EQ(Encode(Value::Uint(258)), "2:\0\0\0\0\0\0\x01\x02"s);
  EXPECT_EQ(Encode(Value::Double(258.0)), "2:\0\0\0\0\0\0\x01\x02"s);
  EXPECT_EQ(Encode(Value::Double(-0.0)), "2:\0\0\0\0\0\0\0\0"s);
  EXPECT_EQ(Encode(Value::Double(-0x1p63)), "2:\x80\0\0\0\0\0\0\0"s);
  EXPECT_EQ(Encode(Value::Double(1.5)), "3:\x3f\xf8\0\0\0\0\0\0"s);
  EXPECT_EQ(Encode(Value::Double(0x1p63)), "3:\x43\xe0\0\0\0\0\0\0"s);
  EXPECT_EQ(Encode(Value::Bool(true)), "4:\x01"s);
  EXPECT_EQ(Encode(Value::Bool(false)), "4:\0"s);
  EXPECT_EQ(Encode(Value::Bytes("\xff\0a"s)), "5:\xff\0a"s);
  EXPECT_EQ(Encode(Value::TimestampOf({1'767'225'600, 5'000'000}, arena)),
            "7:2026-01-01T00:00:00.005Z");
  EXPECT_EQ(Encode(Value::DurationOf({90, 0}, arena)), "8:90s");
  EXPECT_EQ(Encode(Value::OptionalOf(Value::Int(1), arena)), "2:\0\0\0\0\0\0\0\x01"s);
}

TEST(KeyCodecTest, ListsAndMapsAreJsonWithoutSpaces) {
  const std::array inner = {MapEntry{Value::String("y"), Value::Double(2.0)},
                            MapEntry{Value::String("x"), Value::Null()}};
  const std::array list = {Value::Int(1),  Value::Double(-0.0), Value::Double(0.5),
                           Value::Uint(7), Value::Bytes("a"),   Value::Bool(true)};
  const std::array entries = {MapEntry{Value::String("b"), Value::Map(inner)},
                              MapEntry{Value::String("a!"), Value::String("é\"")},
                              MapEntry{Value::String("a"), Value::List(list)}};
  EXPECT_EQ(Encode(Value::List(list)), R"(6:[1,0,0.5,7,"YQ==",true])");
  EXPECT_EQ(Encode(Value::Map(entries)),
            R"(6:{"a":[1,0,0.5,7,"YQ==",true],"a!":"é\"","b":{"x":null,"y":2}})");
  EXPECT_EQ(Encode(Value::Map(entries), KeyOrder::kAsGiven),
            R"(6:{"b":{"x":null,"y":2},"a!":"é\"","a":[1,0,0.5,7,"YQ==",true]})");
  EXPECT_EQ(Encode(Value::Map({})), "6:{}");
  const std::array large = {Value::Double(1e18), Value::Double(0x1p63), Value::Double(1e20)};
  EXPECT_EQ(Encode(Value::List(large)), "6:[1000000000000000000,9223372036854775808,1e+20]");
}

TEST(KeyCodecTest, WhatHasNoBytesIsABadRecord) {
  Arena arena;
  EXPECT_TRUE(Encode(Value::Double(NAN)).starts_with("error: NaN"));
  EXPECT_TRUE(Encode(Value::Uint(uint64_t{1} << 63)).starts_with("error: a uint above"));
  EXPECT_TRUE(Encode(Value()).starts_with("error: this cannot be a key: missing"));
  EXPECT_TRUE(Encode(Value::Type("int")).starts_with("error"));
  EXPECT_TRUE(Encode(Value::OptionalNone()).starts_with("error"));
  const std::array decimal = {Value::DecimalOf(Decimal::Of(int64_t{1}), arena)};
  EXPECT_TRUE(Encode(decimal[0]).starts_with("error: a decimal cannot be a key"));
  EXPECT_TRUE(Encode(Value::List(decimal)).starts_with("error: a decimal cannot be a key"));
  EXPECT_TRUE(Encode(Value::OptionalOf(Value::Null(), arena)).starts_with("error"));
  const std::array nan = {Value::Double(NAN)};
  EXPECT_TRUE(Encode(Value::List(nan)).starts_with("error"));
}

TEST(KeyCodecTest, KeysComeBack) {
  Arena arena;
  JsonParser parser;
  const std::array items = {Value::Int(1), Value::String("a")};
  for (const Value& key :
       {Value::String("é"), Value::Int(-5), Value::Double(1.5), Value::Double(1e300),
        Value::Bool(true), Value::Bytes("\xff"), Value::List(items),
        Value::TimestampOf({-5, 1}, arena), Value::DurationOf({-5, 1}, arena)}) {
    std::string bytes;
    const Result<KeyKind> kind = EncodeKey(key, bytes);
    ASSERT_TRUE(kind.ok());
    const Result<Value> decoded = DecodeKey(*kind, bytes, parser, arena);
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_TRUE(Value::Equal(*decoded, key)) << DebugString(*decoded) << DebugString(key);
    EXPECT_EQ(decoded->kind(), key.kind());
  }
}

TEST(KeyCodecTest, BytesOfAnotherKindAreABadRecord) {
  Arena arena;
  JsonParser parser;
  const std::pair<KeyKind, std::string> cases[] = {
      {KeyKind::kString, "\xff"},
      {KeyKind::kInt, "1234567"},
      {KeyKind::kDouble, "123456789"},
      {KeyKind::kBool, "\x02"},
      {KeyKind::kBool, ""},
      {KeyKind::kJson, "{"},
      {KeyKind::kTimestamp, "midnight"},
      {KeyKind::kDuration, "long"},
  };
  for (const auto& [kind, bytes] : cases) {
    const Result<Value> decoded = DecodeKey(kind, bytes, parser, arena);
    ASSERT_FALSE(decoded.ok()) << bytes;
    EXPECT_EQ(decoded.status().code(), StatusCode::kBadRecord);
  }
  EXPECT_TRUE(ParseKeyKind(8).ok());
  EXPECT_FALSE(ParseKeyKind(9).ok());
}

}  // namespace
}  // namespace sidestream::serde
