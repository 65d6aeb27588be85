// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/json_schema_format.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/unit/serde/format_case.h"
#include "tests/unit/serde/read_case.h"

namespace sidestream::serde {
namespace {

FormatSpec JsonSchema(std::string text, std::vector<SchemaText::Reference> references = {}) {
  return {.kind = FormatKind::kJsonSchema, .schema = {std::move(text), std::move(references)}};
}

constexpr std::string_view kOrder = R"({
  "type": "object",
  "required": ["id"],
  "additionalProperties": false,
  "properties": {
    "id": {"type": "integer", "minimum": 1},
    "price": {"type": "number"},
    "status": {"enum": ["open", "closed"]},
    "code": {"type": ["string", "null"], "pattern": "^[A-Z]+$"},
    "items": {"type": "array", "maxItems": 2, "items": {"$ref": "#/definitions/item"}}
  },
  "definitions": {
    "item": {"type": "object", "properties": {
      "price": {"type": "number", "exclusiveMinimum": 0}, "more": {"$ref": "#/definitions/item"}}}
  }
})";

std::string Read(std::string_view json) {
  return ReadText(JsonSchema(std::string(kOrder)), {{}}, json);
}

Value::Kind KindOf(std::string_view json, std::vector<std::string> path) {
  const auto reader = Reader::Create(JsonSchema(std::string(kOrder)), {{std::move(path), 0}});
  std::vector<Value> slots(1);
  Arena arena;
  EXPECT_TRUE((*reader)->Read(json, slots, arena).ok());
  return slots[0].kind();
}

TEST(JsonSchemaFormatTest, NumbersAreWhatTheSchemaSays) {
  EXPECT_EQ(Read(R"({"id":1,"price":5,"items":[{"price":2}]})"),
            R"({"id": 1, "price": 5, "items": [{"price": 2}]})");
  EXPECT_EQ(KindOf(R"({"id":1,"price":5})", {"price"}), Value::Kind::kDouble);
  EXPECT_EQ(KindOf(R"({"id":1,"price":5})", {"id"}), Value::Kind::kInt);
  EXPECT_EQ(
      ReadText(JsonSchema(std::string(kOrder)), {{"id"}, {"code"}}, R"({"id":1,"code":null})"),
      "1 | null");
  EXPECT_EQ(ReadText(JsonSchema(R"({"type":"integer"})"), {{}}, "18446744073709551615"),
            "18446744073709551615u");
}

TEST(JsonSchemaFormatTest, ErrorsNameThePlaceAndTheKeyword) {
  const auto fails = [](std::string_view json, std::string_view place, std::string_view keyword) {
    const std::string text = Read(json);
    const std::string wanted = "kBadRecord: does not fit the JSON Schema: at " +
                               std::string(place) + ": " + std::string(keyword) + ": ";
    EXPECT_TRUE(text.starts_with(wanted)) << text << "\nwanted " << wanted;
  };
  fails("{}", "the root", "required");
  fails("[]", "the root", "type");
  fails(R"({"id":0})", "/id", "minimum");
  fails(R"({"id":"a"})", "/id", "type");
  fails(R"({"id":1,"status":"lost"})", "/status", "enum");
  fails(R"({"id":1,"code":"a"})", "/code", "pattern");
  fails(R"({"id":1,"other":1})", "the root", "additionalProperties");
  fails(R"({"id":1,"items":[{"price":1},{"price":0}]})", "/items/1/price", "exclusiveMinimum");
  fails(R"({"id":1,"items":[{"more":{"price":"x"}}]})", "/items/0/more/price", "type");
  fails(R"({"id":1,"items":[{},{},{}]})", "/items", "maxItems");
  EXPECT_TRUE(Read(R"({"id":1)").starts_with("kBadRecord: ")) << Read(R"({"id":1)");
  EXPECT_EQ(Read(R"({"id":1)").find("JSON Schema"), std::string::npos);
  EXPECT_NE(Read(R"({"id":1,"code":")" + std::string(kPatternBytes + 1, 'A') + R"("})")
                .find("longer than 8192 bytes"),
            std::string::npos);
}

TEST(JsonSchemaFormatTest, WhatIsWrittenIsValidated) {
  const FormatSpec format = JsonSchema(std::string(kOrder));
  EXPECT_EQ(WriteText(format, R"({"id":1,"status":"open"})"), R"({"id":1,"status":"open"})");
  EXPECT_TRUE(WriteText(format, R"({"id":0})")
                  .starts_with("kBadRecord: does not fit the JSON Schema: at /id: minimum: "));
}

TEST(JsonSchemaFormatTest, ReferencesLeadToOtherTexts) {
  const FormatSpec format = JsonSchema(R"({"properties":{"a":{"$ref":"money.json"}}})",
                                       {{"money.json", R"({"type":"integer","maximum":9})"}});
  EXPECT_EQ(ReadText(format, {{"a"}}, R"({"a":9})"), "9");
  EXPECT_NE(ReadText(format, {{"a"}}, R"({"a":10})").find("at /a: maximum"), std::string::npos);
  // The whole schema may be another one, whose own references are its own.
  const FormatSpec all = JsonSchema(
      R"({"$ref":"order.json"})",
      {{"order.json", R"({"properties":{"a":{"$ref":"#/definitions/a"}},"definitions":{"a":)"
                      R"({"type":"string"}}})"}});
  EXPECT_EQ(ReadText(all, {{"a"}}, R"({"a":"x"})"), "\"x\"");
  EXPECT_NE(ReadText(all, {{"a"}}, R"({"a":1})").find("at /a: type"), std::string::npos);
}

TEST(JsonSchemaFormatTest, BrokenSchemasAreRefused) {
  const auto refused = [](std::string text) {
    return ReadText(JsonSchema(std::move(text)), {{}}, "1");
  };
  EXPECT_EQ(refused("{"), "kInvalidConfig: JSON Schema: it is not JSON");
  EXPECT_EQ(refused("1"), "kInvalidConfig: JSON Schema: a schema is an object, true or false");
  EXPECT_EQ(refused(std::string(101, '[') + std::string(101, ']')),
            "kInvalidConfig: JSON Schema: it is nested too deep");
  EXPECT_EQ(refused(R"({"$ref":"other.json"})"),
            "kInvalidConfig: JSON Schema: $ref other.json is not among the references");
  EXPECT_EQ(refused(R"({"items":{"$ref":"#/definitions/x"}})"),
            "kInvalidConfig: JSON Schema: $ref #/definitions/x leads nowhere");
  EXPECT_TRUE(refused(R"({"type":"nothing"})").starts_with("kInvalidConfig: JSON Schema: "));
  for (const char* const loop :
       {R"({"$ref":"#"})", R"({"allOf":[{"$ref":"#"}]})",
        R"({"properties":{"a":{"anyOf":[{"not":{"$ref":"#/properties/a"}}]}}})"}) {
    EXPECT_NE(refused(loop).find("leads back to itself"), std::string::npos) << refused(loop);
  }
}

TEST(JsonSchemaFormatTest, TypesAreWhatThePlainPartSays) {
  const Result<SchemaType> type = TypeOfJsonSchema({std::string(kOrder), {}});
  ASSERT_TRUE(type.ok()) << type.status();
  ASSERT_EQ(type->kind, SchemaType::Kind::kObject);
  EXPECT_TRUE(type->closed);
  std::string text;
  for (const SchemaField& field : type->fields) {
    text += field.name + ":" + std::string(KindName(field.type.scalar)) + " ";
  }
  EXPECT_EQ(text, "code:string id:int items:missing price:double status:missing ");
  const std::vector<FieldSpec> numbers = NumberFields(*type);
  ASSERT_EQ(numbers.size(), 3U);
  EXPECT_EQ(numbers[1], (FieldSpec{"items[].price", FieldType::kDouble}));
}

}  // namespace
}  // namespace sidestream::serde
