// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/writer.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "serde/json_text.h"

namespace sidestream::serde {
namespace {

using namespace std::string_literals;

std::string Write(FormatKind format, const Value& value) {
  std::string out = "before:";
  const Status status = Writer(format).Write(value, out);
  if (!status.ok()) {
    EXPECT_EQ(out, "before:");
    EXPECT_EQ(status.code(), StatusCode::kBadRecord);
    return "error: " + status.message();
  }
  return out.substr(7);
}

std::string Json(const Value& value) { return Write(FormatKind::kJson, value); }

TEST(WriterTest, WritesTheBytesOfKafkasSerializers) {
  EXPECT_EQ(Write(FormatKind::kString, Value::String("hé")), "hé");
  EXPECT_EQ(Write(FormatKind::kBytes, Value::Bytes("\xff\0"s)), "\xff\0"s);
  EXPECT_EQ(Write(FormatKind::kInt32, Value::Int(-2)), "\xff\xff\xff\xfe"s);
  EXPECT_EQ(Write(FormatKind::kInt64, Value::Int(258)), "\0\0\0\0\0\0\x01\x02"s);
  EXPECT_EQ(Write(FormatKind::kInt64, Value::Uint(1)), "\0\0\0\0\0\0\0\x01"s);
  EXPECT_EQ(Write(FormatKind::kFloat, Value::Double(1.5)), "\x3f\xc0\0\0"s);
  EXPECT_EQ(Write(FormatKind::kFloat, Value::Int(1)), "\x3f\x80\0\0"s);
  EXPECT_EQ(Write(FormatKind::kDouble, Value::Double(-2.5)), "\xc0\x04\0\0\0\0\0\0"s);
  EXPECT_EQ(Write(FormatKind::kDouble, Value::Double(INFINITY)), "\x7f\xf0\0\0\0\0\0\0"s);
  EXPECT_EQ(Write(FormatKind::kUuid, Value::String("123e4567-e89b-12d3-a456-426614174000")),
            "123e4567-e89b-12d3-a456-426614174000");
}

TEST(WriterTest, OptionalStandsForItsValue) {
  Arena arena;
  EXPECT_EQ(Write(FormatKind::kString, Value::OptionalOf(Value::String("a"), arena)), "a");
  EXPECT_EQ(Json(Value::OptionalOf(Value::Int(1), arena)), "1");
  EXPECT_TRUE(Write(FormatKind::kString, Value::OptionalNone()).starts_with("error"));
}

TEST(WriterTest, WhatIsNotOfTheFormatsTypeIsABadRecordWithAHint) {
  EXPECT_EQ(Write(FormatKind::kString, Value::Int(5)),
            "error: format string does not take int 5; convert it with string(...), or declare the "
            "format json");
  EXPECT_EQ(
      Write(FormatKind::kBytes, Value::String("a")),
      "error: format bytes does not take string \"a\"; convert it, or declare the format string");
  EXPECT_EQ(Write(FormatKind::kInt64, Value::Double(1.0)),
            "error: format int64 does not take double 1; convert it with int(...), or declare the "
            "format double");
  for (const FormatKind format :
       {FormatKind::kString, FormatKind::kBytes, FormatKind::kInt32, FormatKind::kInt64,
        FormatKind::kFloat, FormatKind::kDouble, FormatKind::kUuid}) {
    EXPECT_TRUE(Write(format, Value::Null()).starts_with("error")) << FormatName(format);
    EXPECT_TRUE(Write(format, Value()).starts_with("error: there is no value"));
    EXPECT_TRUE(Write(format, Value::Bool(true)).starts_with("error"));
    EXPECT_TRUE(Write(format, Value::List({})).starts_with("error"));
  }
}

TEST(WriterTest, NumbersOutOfRangeAreBadRecords) {
  EXPECT_EQ(Write(FormatKind::kInt32, Value::Int(2147483648)),
            "error: number out of range of format int32: 2147483648");
  EXPECT_TRUE(Write(FormatKind::kInt32, Value::Int(-2147483649)).starts_with("error"));
  EXPECT_TRUE(Write(FormatKind::kInt32, Value::Uint(UINT64_MAX)).starts_with("error"));
  EXPECT_TRUE(Write(FormatKind::kInt64, Value::Uint(uint64_t{1} << 63)).starts_with("error"));
  EXPECT_TRUE(Write(FormatKind::kFloat, Value::Double(1e39)).starts_with("error"));
  EXPECT_TRUE(Write(FormatKind::kUuid, Value::String("nope")).starts_with("error: not a uuid"));
}

TEST(JsonWriterTest, NumbersKeepTheirKind) {
  EXPECT_EQ(Json(Value::Int(std::numeric_limits<int64_t>::min())), "-9223372036854775808");
  EXPECT_EQ(Json(Value::Uint(std::numeric_limits<uint64_t>::max())), "18446744073709551615");
  EXPECT_EQ(Json(Value::Double(1)), "1.0");
  EXPECT_EQ(Json(Value::Double(-0.0)), "-0.0");
  EXPECT_EQ(Json(Value::Double(0.1)), "0.1");
  EXPECT_EQ(Json(Value::Double(1e22)), "1e+22");
  EXPECT_EQ(Json(Value::Double(5e-324)), "5e-324");
  EXPECT_EQ(Json(Value::Double(1.7976931348623157e308)), "1.7976931348623157e+308");
}

TEST(JsonWriterTest, WhatHasNoJsonFormIsABadRecord) {
  EXPECT_EQ(Json(Value::Double(NAN)), "error: JSON has no form for the double nan");
  EXPECT_EQ(Json(Value::Double(-INFINITY)), "error: JSON has no form for the double -inf");
  EXPECT_TRUE(Json(Value::Type("int")).starts_with("error: a type"));
  EXPECT_TRUE(Json(Value()).starts_with("error: there is no value"));
  const std::array items = {Value::Int(1), Value::Double(NAN)};
  EXPECT_TRUE(Json(Value::List(items)).starts_with("error"));
}

TEST(JsonWriterTest, StringsAreEscapedAsLittleAsPossible) {
  EXPECT_EQ(Json(Value::String("a\"\\/\b\f\n\r\t\x01\x1f\x7f é😀")),
            "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f é😀\"");
  EXPECT_EQ(Json(Value::String("\0x"s)), "\"\\u0000x\"");
}

TEST(JsonWriterTest, TimesAndBytesFollowProtobufsMapping) {
  Arena arena;
  EXPECT_EQ(Json(Value::TimestampOf({1767225600, 0}, arena)), "\"2026-01-01T00:00:00Z\"");
  EXPECT_EQ(Json(Value::TimestampOf({-1, 999'000'000}, arena)), "\"1969-12-31T23:59:59.999Z\"");
  EXPECT_EQ(Json(Value::DurationOf({-1, 500'000'000}, arena)), "\"-0.500s\"");
  EXPECT_EQ(Json(Value::Bytes("\xff\xfe")), "\"//4=\"");
  EXPECT_TRUE(
      Json(Value::TimestampOf({253'402'300'800, 0}, arena)).starts_with("error: timestamp"));
}

TEST(JsonWriterTest, MapsKeepTheirOrderAndLeaveNoneOut) {
  Arena arena;
  const std::array entries = {
      MapEntry{Value::String("z"), Value::OptionalNone()},
      MapEntry{Value::String("b"), Value::OptionalOf(Value::Null(), arena)},
      MapEntry{Value::Int(-1), Value::Bool(true)},
      MapEntry{Value::Uint(2), Value::OptionalNone()},
      MapEntry{Value::Bool(false), Value::List({})},
  };
  EXPECT_EQ(Json(Value::Map(entries)), R"({"b":null,"-1":true,"false":[]})");
  EXPECT_EQ(Json(Value::Map({})), "{}");
}

TEST(JsonWriterTest, KeysThatBecomeOneTextAreABadRecord) {
  const std::array entries = {MapEntry{Value::String("1"), Value::Int(1)},
                              MapEntry{Value::Int(1), Value::Int(2)}};
  EXPECT_EQ(Json(Value::Map(entries)), "error: two map keys have the same text: \"1\"");
  const std::array other = {MapEntry{Value::Double(1), Value::Int(2)}};
  EXPECT_TRUE(Json(Value::Map(other)).starts_with("error: a map key must be"));
}

TEST(JsonWriterTest, DepthIsBounded) {
  Arena arena;
  Value value = Value::Int(1);
  for (int depth = 1; depth <= 501; ++depth) {
    const std::array items = {value};
    value = Value::List(items).CopyInto(arena);
    if (depth == 500) {
      EXPECT_TRUE(Json(value).starts_with("[[["));
    }
  }
  EXPECT_TRUE(Json(value).starts_with("error: lists and maps are nested too deep"));
}

}  // namespace
}  // namespace sidestream::serde
