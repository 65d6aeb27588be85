// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The bytes of docs/formats/value.md, literally.

#include "serde/value_codec.h"

#include <gtest/gtest.h>

#include <array>

#include "serde/decimal.h"
#include "serde/reader.h"

namespace sidestream::serde {
namespace {

using namespace std::string_literals;

std::string Encode(const Value& value) {
  std::string out;
  return EncodeValue(value, out).ok() ? out : "error";
}

TEST(ValueCodecTest, HasTheBytesOfThePage) {
  Arena arena;
  const std::array items = {Value::Int(-1), Value::OptionalOf(Value::Null(), arena)};
  const std::array entries = {MapEntry{Value::String("k"), Value::List(items)}};
  const std::pair<Value, std::string> cases[] = {
      {Value::Null(), "\x00"s},
      {Value::Bool(false), "\x01"s},
      {Value::Bool(true), "\x02"s},
      {Value::Int(-1), "\x03\x01"s},
      {Value::Int(150), "\x03\xac\x02"s},
      {Value::Uint(300), "\x04\xac\x02"s},
      {Value::Double(1.5), "\x05\x3f\xf8\0\0\0\0\0\0"s},
      {Value::String("hi"), "\x06\x02hi"s},
      {Value::Bytes("\xff"), "\x07\x01\xff"s},
      {Value::TimestampOf({-1, 5}, arena), "\x08\x01\x05"s},
      {Value::DurationOf({1, 0}, arena), "\x09\x02\0"s},
      {Value::Map(entries), "\x0b\x01\x06\x01k\x0a\x02\x03\x01\x0e\0"s},
      {Value::Type("int"), "\x0c\x03int"s},
      {Value::OptionalNone(), "\x0d"s},
      {Value(), "\x0f"s},
      {Value::Ip("::1"), "\x10\x03::1"s},
      {Value::Cidr("::/0"), "\x11\x04::/0"s},
      {Value::DecimalOf(*Decimal::Parse("-1.50"), arena),
       "\x12\x02"s + std::string(15, '\xff') + "\x6a"s},
  };
  for (const auto& [value, bytes] : cases) {
    EXPECT_EQ(Encode(value), bytes) << DebugString(value);
    const Result<Value> decoded = DecodeValue(bytes, arena);
    ASSERT_TRUE(decoded.ok()) << DebugString(value);
    EXPECT_EQ(DebugString(*decoded), DebugString(value));
  }
}

TEST(ValueCodecTest, DamagedBytesAreCorruption) {
  Arena arena;
  for (const std::string& bytes :
       {""s, "\x13"s, "\x12\x01"s, "\x12\x80"s + std::string(16, '\0'),
        "\x12\x01"s + std::string(16, '\x7f'), "\x03"s, "\x05\0\0"s, "\x06\x05hi"s, "\0\0"s,
        "\x0a\xff\xff\xff\xff\x0f"s, "\x0b\x01\0"s, "\x0e"s, "\x08\x01\xff\xff\xff\xff\x0f"s,
        std::string(501, '\x0e') + "\0"s}) {
    const Result<Value> decoded = DecodeValue(bytes, arena);
    ASSERT_FALSE(decoded.ok());
    EXPECT_EQ(decoded.status().code(), StatusCode::kTaskCorrupted);
  }
}

TEST(ValueCodecTest, DepthIsBounded) {
  Arena arena;
  Value value = Value::Int(1);
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    const std::array items = {value};
    value = Value::List(items).CopyInto(arena);
  }
  ASSERT_TRUE(DecodeValue(Encode(value), arena).ok());
  const std::array items = {value};
  EXPECT_EQ(Encode(Value::List(items)), "error");
}

}  // namespace
}  // namespace sidestream::serde
