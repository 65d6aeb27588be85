// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/avro/encoder.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "serde/avro/decimal.h"
#include "serde/json_text.h"
#include "tests/unit/serde_avro/avro_case.h"

namespace sidestream::serde::avro {
namespace {

class EncoderTest : public ::testing::Test {
 protected:
  Value Json(std::string_view text) {
    const Result<Value> value = parser_.Parse(arena_.Copy(Quoted(text)), arena_);
    EXPECT_TRUE(value.ok()) << value.status();
    return value.ok() ? *value : Value();
  }
  std::string WriteJson(std::string_view schema, std::string_view text) {
    return Write(schema, Json(text));
  }

  Arena arena_;
  JsonParser parser_;
};

constexpr std::string_view kRecord =
    "{'type':'record','name':'R','fields':[{'name':'a','type':'int'},"
    "{'name':'b','type':'string','default':'x'},{'name':'c','type':['null','long'],"
    "'default':null}]}";

TEST_F(EncoderTest, FieldsAreWrittenInTheSchemasOrder) {
  EXPECT_EQ(WriteJson(kRecord, "{'c':5,'b':'y','a':1}"), "02 02 79 02 0a");
  EXPECT_EQ(WriteJson(kRecord, "{'a':1}"), "02 02 78 00");
  EXPECT_EQ(WriteJson(kRecord, "{'b':'y'}"),
            "cannot be written as Avro: a: there is no value, and the schema has no default");
  EXPECT_EQ(
      WriteJson(kRecord, "{'a':1,'d':2}"),
      "cannot be written as Avro: record R has no field \"d\"; leave it out (`unset`), or add "
      "it to the schema");
  const MapEntry none[] = {{Value::String("a"), Value::OptionalOf(Value::Int(3), arena_)},
                           {Value::String("b"), Value::OptionalNone()}};
  EXPECT_EQ(Write(kRecord, Value::Map(none)), "06 02 78 00");
}

TEST_F(EncoderTest, RangesAreChecked) {
  EXPECT_EQ(WriteJson("'int'", "2147483648"),
            "cannot be written as Avro: out of the range of int: 2147483648");
  EXPECT_EQ(Write("'long'", Value::Uint(uint64_t{1} << 63)),
            "cannot be written as Avro: out of the range of long: 9223372036854775808u");
  EXPECT_EQ(WriteJson("'float'", "1e39"),
            "cannot be written as Avro: out of the range of float: 1e+39");
  EXPECT_EQ(Write("'float'", Value::Double(std::numeric_limits<double>::infinity())),
            "00 00 80 7f");
  EXPECT_EQ(WriteJson("'int'", "1.0"), "cannot be written as Avro: int does not take double 1");
  EXPECT_EQ(WriteJson("{'type':'array','items':'string'}", "['a',1]"),
            "cannot be written as Avro: [1]: string does not take int 1");
  EXPECT_EQ(Write("{'type':'fixed','name':'F','size':2}", Value::Bytes("abc")),
            "cannot be written as Avro: fixed F takes 2 bytes, not 3");
  EXPECT_EQ(WriteJson("{'type':'enum','name':'E','symbols':['A']}", "'B'"),
            "cannot be written as Avro: not a symbol of enum E: \"B\"");
  EXPECT_EQ(Write("'null'", Value()), "cannot be written as Avro: there is no value to write");
}

TEST_F(EncoderTest, ABranchIsChosenByTheValue) {
  EXPECT_EQ(WriteJson("['null','float','double','long']", "1"), "06 02");
  EXPECT_EQ(WriteJson("['null','float','double']", "1"), "04 00 00 00 00 00 00 f0 3f");
  EXPECT_EQ(WriteJson("['null','float']", "1.5"), "02 00 00 c0 3f");
  EXPECT_EQ(WriteJson("['int','long']", "3000000000"), "02 80 f8 82 ad 16");
  EXPECT_EQ(WriteJson("[{'type':'enum','name':'E','symbols':['A']},'string']", "'A'"), "00 00");
  EXPECT_EQ(WriteJson("[{'type':'enum','name':'E','symbols':['A']},'string']", "'B'"), "02 02 42");
  EXPECT_EQ(WriteJson("['null','int']", "'x'"),
            "cannot be written as Avro: none of null, int takes string \"x\"");
  EXPECT_EQ(Write("['int','null']", Value::OptionalNone()), "02");
  constexpr std::string_view kRecords =
      "[{'type':'map','values':'int'},{'type':'record','name':'A','fields':[{'name':'x','type':"
      "'int'}]},{'type':'record','name':'B','fields':[{'name':'x','type':'int'},{'name':'y',"
      "'type':'int','default':1}]}]";
  EXPECT_EQ(WriteJson(kRecords, "{'x':1}"), "02 02");
  EXPECT_EQ(WriteJson(kRecords, "{'x':1,'y':2}"), "04 02 04");
  EXPECT_EQ(WriteJson(kRecords, "{'z':1}"), "00 02 02 7a 02 00");
  // The reason is the record's, where only one could be meant.
  EXPECT_EQ(WriteJson("['null',{'type':'record','name':'A','fields':[{'name':'x','type':"
                      "'int'}]}]",
                      "{'x':'y'}"),
            "cannot be written as Avro: x: int does not take string \"y\"");
}

TEST_F(EncoderTest, TimesAreWrittenInTheirUnit) {
  const Value time = Value::TimestampOf({-1, 999'999'999}, arena_);
  EXPECT_EQ(Write("{'type':'long','logicalType':'timestamp-millis'}", time), "01");
  EXPECT_EQ(Write("{'type':'long','logicalType':'timestamp-nanos'}", time), "01");
  EXPECT_EQ(WriteJson("{'type':'long','logicalType':'timestamp-micros'}", "1"), "d0 0f");
  EXPECT_EQ(
      WriteJson("{'type':'long','logicalType':'timestamp-micros'}", "'1970-01-01T00:00:00.001Z'"),
      "d0 0f");
  EXPECT_EQ(Write("{'type':'int','logicalType':'date'}", Value::TimestampOf({-86'400, 0}, arena_)),
            "01");
  EXPECT_NE(Write("{'type':'int','logicalType':'date'}", Value::TimestampOf({1, 0}, arena_))
                .find("out of the range of date"),
            std::string::npos);
  EXPECT_EQ(Write("{'type':'int','logicalType':'time-millis'}", Value::DurationOf({1, 0}, arena_)),
            "d0 0f");
  EXPECT_NE(
      Write("{'type':'int','logicalType':'time-millis'}", Value::DurationOf({86'400, 0}, arena_))
          .find("out of the range of time-millis"),
      std::string::npos);
  EXPECT_NE(Write("{'type':'long','logicalType':'timestamp-nanos'}",
                  Value::TimestampOf({10'000'000'000, 0}, arena_))
                .find("out of the range of timestamp-nanos"),
            std::string::npos);
  EXPECT_EQ(Write("{'type':'fixed','name':'D','size':12,'logicalType':'duration'}",
                  Value::DurationOf({1, 0}, arena_)),
            "00 00 00 00 00 00 00 00 e8 03 00 00");
}

TEST_F(EncoderTest, DecimalsAreExactOrRefused) {
  constexpr std::string_view kDecimal =
      "{'type':'bytes','logicalType':'decimal','precision':5,'scale':2}";
  EXPECT_EQ(WriteJson(kDecimal, "'1.5'"), "04 00 96");
  EXPECT_EQ(WriteJson(kDecimal, "'-1.50000'"), "04 ff 6a");
  EXPECT_EQ(WriteJson(kDecimal, "0"), "02 00");
  EXPECT_EQ(WriteJson(kDecimal, "'-1.28'"), "02 80");
  EXPECT_EQ(WriteJson(kDecimal, "999"), "06 01 86 3c");
  for (const std::string_view bad : {"1000", "'1.555'", "'1e2'", "''", "'.'", "'-'", "'1.2.3'"}) {
    EXPECT_NE(WriteJson(kDecimal, bad).find("not a decimal(5,2)"), std::string::npos) << bad;
  }
  EXPECT_NE(WriteJson(kDecimal, "1.5").find("does not take double"), std::string::npos);
  EXPECT_EQ(WriteJson("{'type':'fixed','name':'F','size':4,'logicalType':'decimal',"
                      "'precision':9}",
                      "-2"),
            "ff ff ff fe");
  const std::string digits(kMaxDecimalPrecision, '7');
  const auto bytes = DecimalBytes("-" + digits, kMaxDecimalPrecision, 0);
  ASSERT_TRUE(bytes.has_value());
  EXPECT_FALSE(ReadDecimal(*bytes, kMaxDecimalPrecision, 0).has_value());
  EXPECT_FALSE(ReadDecimal(std::string(500, '\x7f'), kMaxDecimalPrecision, 0).has_value());
  // With zeros behind the point it may be longer than what is read.
  const auto zeros = DecimalBytes("-1.5", 200, 100);
  ASSERT_TRUE(zeros.has_value());
  EXPECT_EQ(ReadDecimal(*zeros, 200, 100), Decimal::Parse("-1.5"));
  const auto small = DecimalBytes("-12.30", 9, 2);
  ASSERT_TRUE(small.has_value());
  EXPECT_EQ(ReadDecimal(*small, 9, 2)->ToText(), "-12.30");
  EXPECT_EQ(Write(kDecimal, Value::DecimalOf(*Decimal::Parse("1.50"), arena_)), "04 00 96");
  EXPECT_NE(Write(kDecimal, Value::DecimalOf(*Decimal::Parse("1.505"), arena_)).find("not a dec"),
            std::string::npos);
}

TEST_F(EncoderTest, UuidsAreTextOrSixteenBytes) {
  constexpr std::string_view kUuid = "'123e4567-e89b-12d3-A456-426614174000'";
  EXPECT_EQ(WriteJson("{'type':'fixed','name':'U','size':16,'logicalType':'uuid'}", kUuid),
            "12 3e 45 67 e8 9b 12 d3 a4 56 42 66 14 17 40 00");
  EXPECT_EQ(WriteJson("{'type':'string','logicalType':'uuid'}", "'x'"),
            "cannot be written as Avro: not a uuid: \"x\"");
}

}  // namespace
}  // namespace sidestream::serde::avro
