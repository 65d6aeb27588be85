// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/avro/avro_format.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "serde/ndjson.h"
#include "tests/unit/serde/format_case.h"
#include "tests/unit/serde/read_case.h"

namespace sidestream::serde {
namespace {

using namespace std::string_literals;

constexpr std::string_view kOrder = R"({"type":"record","name":"Order","fields":[
  {"name":"id","type":"long"},
  {"name":"note","type":["null","string"],"default":null},
  {"name":"at","type":{"type":"long","logicalType":"timestamp-millis"},"default":0},
  {"name":"lines","type":{"type":"array","items":{"type":"record","name":"Line","fields":[
    {"name":"sku","type":"string"},{"name":"next","type":["null","Line"],"default":null}]}},
    "default":[]}]})";

FormatSpec Avro(std::string_view schema) {
  return {.kind = FormatKind::kAvro, .schema = {std::string(schema), {}}};
}

TEST(AvroFormatTest, ReadsWhatItWrites) {
  const FormatSpec format = Avro(kOrder);
  const std::string bytes =
      WriteText(format, R"({"id":7,"at":"1970-01-01T00:00:01Z","lines":[{"sku":"a"}]})");
  EXPECT_EQ(ReadText(format, {{"id"}, {"note"}, {"at"}, {"lines"}, {"nothing"}}, bytes),
            R"(7 | null | timestamp(1s) | [{"sku": "a", "next": null}] | missing)");
  EXPECT_EQ(ReadText(format, {{}, {"id"}}, std::nullopt), "null | missing");
  EXPECT_TRUE(WriteText(format, R"({"id":1,"nota":"x"})").starts_with("kBadRecord: "));
  EXPECT_TRUE(ReadText(Avro("{"), {{}}, "").starts_with("kInvalidConfig: Avro schema: "));
}

TEST(AvroFormatTest, TheWritersSchemaMayBeAnOlderOne) {
  const std::string older = R"({"type":"record","name":"Order","fields":[
    {"name":"id","type":"int"},{"name":"gone","type":"string"}]})";
  std::vector<Value> slots(2);
  const auto reader =
      Reader::CreateFor(Avro(kOrder), {older, {}}, {}, {{{"id"}, 0}, {{"note"}, 1}});
  ASSERT_TRUE(reader.ok()) << reader.status();
  Arena arena;
  ASSERT_TRUE((*reader)->Read("\x0e\x02x"s, slots, arena).ok());
  EXPECT_EQ(DebugString(slots[0]) + DebugString(slots[1]), "7null");
}

TEST(AvroFormatTest, NullIsFoundWhereTheSchemaHasIt) {
  const auto finds_null = [](std::string_view schema, std::string_view bytes) {
    const auto reader = Reader::Create(Avro(schema), {});
    Arena arena;
    EXPECT_TRUE((*reader)->Read(bytes, {}, arena).ok());
    return (*reader)->found_null();
  };
  EXPECT_TRUE(finds_null(R"("null")", ""));
  EXPECT_TRUE(finds_null(R"(["string","null"])", "\x02"));
  EXPECT_FALSE(finds_null(R"(["string","null"])", "\0\0"s));
  EXPECT_FALSE(finds_null(R"(["null","int"])", "\x02\0"s));
  EXPECT_FALSE(finds_null(R"("int")", "\0"s));
  EXPECT_EQ(WriteText(Avro(R"(["null","int"])"), "null"), "\0"s);
}

TEST(AvroFormatTest, TypesAreThoseOfTheSchema) {
  const Result<SchemaType> type = avro::TypeOfSchema({std::string(kOrder), {}});
  ASSERT_TRUE(type.ok()) << type.status();
  ASSERT_EQ(type->fields.size(), 4U);
  EXPECT_TRUE(type->closed);
  EXPECT_EQ(type->fields[0].type.scalar, Value::Kind::kInt);
  EXPECT_EQ(type->fields[1].type.scalar, Value::Kind::kString);
  EXPECT_EQ(type->fields[2].type.scalar, Value::Kind::kTimestamp);
  const SchemaType& line = type->fields[3].type.element[0];
  ASSERT_EQ(line.fields.size(), 2U);
  EXPECT_EQ(line.fields[1].type.kind, SchemaType::Kind::kAny) << "a record in itself is open";
  const Result<SchemaType> decimal = avro::TypeOfSchema(
      {R"({"type":"bytes","logicalType":"decimal","precision":9,"scale":2})", {}});
  ASSERT_TRUE(decimal.ok()) << decimal.status();
  EXPECT_EQ(decimal->scalar, Value::Kind::kDecimal);
}

TEST(AvroFormatTest, TextsOfJsonStandForWhatJsonDoesNotHave) {
  FormatSpec format = Avro(R"({"type":"record","name":"R","fields":[{"name":"b","type":"bytes"},
    {"name":"t","type":["null",{"type":"int","logicalType":"time-millis"}]},
    {"name":"d","type":{"type":"array","items":{"type":"int","logicalType":"date"}}}]})");
  format.values = *TypeOfFormat(format);
  const auto writer = Writer::Create(format);
  ASSERT_TRUE(writer.ok()) << writer.status();
  Arena arena;
  JsonParser parser;
  std::string bytes;
  const auto written = EncodeText(
      *writer, *parser.Parse(R"({"b":"/w==","t":"1.5s","d":["1970-01-02T00:00:00Z"]})", arena),
      bytes);
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_EQ(bytes, "\x02\xff\x02\xb8\x17\x02\x02\0"s);
  EXPECT_FALSE(
      EncodeText(*writer, *parser.Parse(R"({"b":"no base64!","t":null,"d":[]})", arena), bytes)
          .ok());
}

}  // namespace
}  // namespace sidestream::serde
