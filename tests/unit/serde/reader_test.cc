// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/reader.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/serde/read_case.h"

namespace sidestream::serde {
namespace {

using namespace std::string_literals;

std::string Whole(FormatKind kind, std::optional<std::string_view> bytes) {
  return ReadText({.kind = kind}, {{}}, bytes);
}

// The bytes are those that Kafka's Java serializers write.
TEST(PrimitiveReaderTest, ReadsTheBytesOfKafkasSerializers) {
  EXPECT_EQ(Whole(FormatKind::kString, "héllo"), "\"héllo\"");
  EXPECT_EQ(Whole(FormatKind::kString, ""), "\"\"");
  EXPECT_EQ(Whole(FormatKind::kBytes, "\xff\x01"s), "b\"\xff\\x01\"");
  EXPECT_EQ(Whole(FormatKind::kInt32, "\xff\xff\xff\xfe"s), "-2");
  EXPECT_EQ(Whole(FormatKind::kInt32, "\x7f\xff\xff\xff"s), "2147483647");
  EXPECT_EQ(Whole(FormatKind::kInt64, "\x00\x00\x00\x00\x00\x00\x01\x02"s), "258");
  EXPECT_EQ(Whole(FormatKind::kInt64, "\x80\x00\x00\x00\x00\x00\x00\x00"s), "-9223372036854775808");
  EXPECT_EQ(Whole(FormatKind::kFloat, "\x3f\xc0\x00\x00"s), "1.5");
  EXPECT_EQ(Whole(FormatKind::kDouble, "\xc0\x04\x00\x00\x00\x00\x00\x00"s), "-2.5");
  EXPECT_EQ(Whole(FormatKind::kUuid, "123e4567-e89b-12d3-A456-426614174000"),
            "\"123e4567-e89b-12d3-A456-426614174000\"");
}

TEST(PrimitiveReaderTest, BytesThatDoNotFitAreBadRecords) {
  const auto fails = [](FormatKind kind, std::string_view bytes, std::string_view part) {
    const std::string text = Whole(kind, bytes);
    EXPECT_TRUE(text.starts_with("kBadRecord")) << text;
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  fails(FormatKind::kString, "ab\xc3\x28", "invalid UTF-8 at byte 2");
  fails(FormatKind::kString, "\xed\xa0\x80", "at byte 0");
  fails(FormatKind::kInt32, "abc", "wanted 4 bytes, found 3");
  fails(FormatKind::kInt64, "", "wanted 8 bytes, found 0");
  fails(FormatKind::kFloat, "12345", "wanted 4 bytes, found 5");
  fails(FormatKind::kDouble, "1234567", "wanted 8 bytes, found 7");
  fails(FormatKind::kUuid, "123e4567-e89b-12d3-a456-42661417400", "wanted 36 characters");
  fails(FormatKind::kUuid, "123e4567-e89b-12d3-a456-42661417400g", "wanted 36 characters");
  fails(FormatKind::kUuid, "123e4567xe89b-12d3-a456-426614174000", "wanted 36 characters");
}

TEST(PrimitiveReaderTest, FieldsOfAPrimitiveAreMissing) {
  EXPECT_EQ(ReadText({.kind = FormatKind::kString}, {{"a"}, {}}, "x"), "missing | \"x\"");
}

TEST(ReaderTest, WithoutBytesTheWholeIsNullAndFieldsAreMissing) {
  for (const std::string_view name : FormatNames()) {
    FormatSpec format{.kind = *ParseFormatKind(name)};
    if (format.kind == FormatKind::kAvro) format.schema.text = "\"int\"";
    if (format.kind == FormatKind::kProtobuf) format.schema.text = "message A {}";
    if (format.kind == FormatKind::kJsonSchema) format.schema.text = "true";
    if (format.kind == FormatKind::kCsv) format.csv.columns = {"a"};
    EXPECT_EQ(ReadText(format, {{}, {"a"}, {"a", "b"}}, std::nullopt), "null | missing | missing")
        << name;
  }
}

TEST(ReaderTest, TypesNeedJson) {
  EXPECT_TRUE(ReadText({.kind = FormatKind::kString, .fields = {{"a", FieldType::kInt}}}, {{}}, "x")
                  .starts_with("kInvalidConfig"));
}

TEST(ReaderTest, SlotsThatAreNotWantedAreLeftAlone) {
  const auto reader = Reader::Create({.kind = FormatKind::kJson}, {{{"a"}, 2}});
  ASSERT_TRUE(reader.ok());
  Arena arena;
  std::vector<Value> slots = {Value::Int(7), Value::Int(8), Value::Int(9)};
  ASSERT_TRUE((*reader)->Read(R"({"a":1})", slots, arena).ok());
  EXPECT_EQ(slots[0].int_value(), 7);
  EXPECT_EQ(slots[1].int_value(), 8);
  EXPECT_EQ(slots[2].int_value(), 1);
}

}  // namespace
}  // namespace sidestream::serde
