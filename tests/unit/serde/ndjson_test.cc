// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/ndjson.h"

#include <gtest/gtest.h>

namespace sidestream::serde {
namespace {

using namespace std::string_literals;

std::unique_ptr<Reader> WholeReader(FormatKind kind) {
  return std::move(Reader::Create({.kind = kind}, {{{}, 0}})).value();
}

std::string Error(std::string_view line) {
  JsonParser parser;
  Arena arena;
  const auto record = ParseTextRecord(line, parser, arena);
  return record.ok() ? "none" : record.status().message();
}

TEST(NdjsonTest, ALineHasAllParts) {
  JsonParser parser;
  Arena arena;
  const auto record = ParseTextRecord(
      R"({"value":{"n":1},"key":"u1","timestamp":"2026-01-01T00:00:00.5Z","partition":2,)"
      R"("headers":{"a":"x","b":["1",null,{"base64":"/w=="}]}})",
      parser, arena);
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(DebugString(record->key), "\"u1\"");
  EXPECT_EQ(DebugString(record->value), R"({"n": 1})");
  EXPECT_EQ(record->timestamp, Timestamp(1'767'225'600'500));
  EXPECT_EQ(record->partition, 2);
  ASSERT_EQ(record->headers.size(), 4u);
  EXPECT_EQ(record->headers[0].name, "a");
  EXPECT_EQ(record->headers[0].value, "x");
  EXPECT_EQ(record->headers[2].name, "b");
  EXPECT_EQ(record->headers[2].value, std::nullopt);
  EXPECT_EQ(record->headers[3].value, "\xff");
}

TEST(NdjsonTest, EveryPartMayBeAbsent) {
  JsonParser parser;
  Arena arena;
  const auto record = ParseTextRecord("{}", parser, arena);
  ASSERT_TRUE(record.ok());
  EXPECT_TRUE(record->key.null());
  EXPECT_TRUE(record->value.null());
  EXPECT_FALSE(record->timestamp.has_value());
  EXPECT_FALSE(record->partition.has_value());
  EXPECT_TRUE(record->headers.empty());
}

TEST(NdjsonTest, WrongLinesAreBadRecords) {
  EXPECT_NE(Error("plain").find("not valid JSON"), std::string::npos);
  EXPECT_NE(Error("[1]").find("a record is an object"), std::string::npos);
  EXPECT_NE(Error(R"({"val":1})").find("unknown field 'val' of a record; known: key, value"),
            std::string::npos);
  EXPECT_NE(Error(R"({"timestamp":"noon"})").find("'timestamp' of a record wants epoch"),
            std::string::npos);
  EXPECT_NE(Error(R"({"partition":-1})").find("'partition' of a record wants"), std::string::npos);
  EXPECT_NE(Error(R"({"headers":[]})").find("'headers' of a record wants an object"),
            std::string::npos);
  EXPECT_NE(Error(R"({"headers":{"a":5}})").find("'headers' of a record wants strings"),
            std::string::npos);
}

TEST(NdjsonTest, TextBecomesTheBytesOfTheFormatAndComesBack) {
  struct Case {
    FormatKind format;
    std::string_view text;
    std::string bytes;
  };
  const Case cases[] = {
      {FormatKind::kString, R"("a\"b")", "a\"b"},
      {FormatKind::kBytes, R"("text")", "text"},
      {FormatKind::kBytes, R"({"base64":"/wA="})", "\xff\0"s},
      {FormatKind::kInt32, "-2", "\xff\xff\xff\xfe"s},
      {FormatKind::kInt64, "1", "\0\0\0\0\0\0\0\x01"s},
      {FormatKind::kFloat, "1.5", "\x3f\xc0\0\0"s},
      {FormatKind::kDouble, "-2.5", "\xc0\x04\0\0\0\0\0\0"s},
      {FormatKind::kUuid, R"("123e4567-e89b-12d3-a456-426614174000")",
       "123e4567-e89b-12d3-a456-426614174000"},
      {FormatKind::kJson, R"({"b":1,"a":[1.0,"x"]})", R"({"b":1,"a":[1.0,"x"]})"},
      // Bytes that do not fit their format are shown, and can be given, as bytes.
      {FormatKind::kInt64, R"({"base64":"/w=="})", "\xff"},
      {FormatKind::kString, R"({"base64":"/w=="})", "\xff"},
  };
  JsonParser parser;
  for (const Case& c : cases) {
    SCOPED_TRACE(std::string(FormatName(c.format)) + " " + std::string(c.text));
    Arena arena;
    std::string bytes;
    const Result<bool> made = EncodeText(Writer(c.format), *parser.Parse(c.text, arena), bytes);
    ASSERT_TRUE(made.ok()) << made.status();
    EXPECT_TRUE(*made);
    EXPECT_EQ(bytes, c.bytes);
    std::string text;
    AppendText(bytes, *WholeReader(c.format), text);
    EXPECT_EQ(text, c.text);
  }
  std::string bytes;
  EXPECT_FALSE(*EncodeText(Writer(FormatKind::kJson), Value::Null(), bytes));
  EXPECT_EQ(bytes, "");
  EXPECT_FALSE(EncodeText(Writer(FormatKind::kInt64), Value::String("1"), bytes).ok());
}

TEST(NdjsonTest, ARecordIsOneLine) {
  const TextHeader headers[] = {{"a", "x"}, {"b", "1"}, {"b", std::nullopt}, {"c", "\xff"}};
  const std::string count = "\0\0\0\0\0\0\0\x02"s;
  std::string out;
  AppendTextRecord({.key = "hello",
                    .value = count,
                    .timestamp = Timestamp(7),
                    .partition = 3,
                    .headers = headers},
                   *WholeReader(FormatKind::kString), *WholeReader(FormatKind::kInt64), out);
  EXPECT_EQ(out, R"({"key":"hello","value":2,"timestamp":7,)"
                 R"("headers":{"a":"x","b":["1",null],"c":{"base64":"/w=="}},"partition":3})"
                 "\n");
  out.clear();
  AppendTextRecord({.key = {}, .value = "not json", .timestamp = Timestamp(-1)},
                   *WholeReader(FormatKind::kString), *WholeReader(FormatKind::kJson), out);
  EXPECT_EQ(out, "{\"key\":null,\"value\":\"not json\",\"timestamp\":-1}\n");
}

}  // namespace
}  // namespace sidestream::serde
