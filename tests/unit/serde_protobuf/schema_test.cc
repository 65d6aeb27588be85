// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "serde/protobuf/proto_format.h"
#include "serde/protobuf/proto_schema.h"

namespace sidestream::serde::protobuf {
namespace {

std::string ErrorOf(const SchemaText& schema) {
  return ProtoSchema::Parse(schema).status().ToString();
}

TEST(ProtoSchemaTest, ErrorsHaveTheirPlace) {
  EXPECT_EQ(ErrorOf({"syntax = \"proto3\";\nmessage A { strin x = 1; }", {}}),
            "kInvalidConfig: Protobuf schema: line 2, column 13: \"strin\" is not defined.");
  EXPECT_TRUE(ErrorOf({"message", {}}).starts_with("kInvalidConfig: Protobuf schema: line 1"))
      << ErrorOf({"message", {}});
  EXPECT_NE(ErrorOf({"syntax = \"proto3\"; import \"x.proto\"; message A {}", {}}).find("x.proto"),
            std::string::npos);
  const SchemaText broken{"syntax = \"proto3\"; import \"b.proto\"; message A { B b = 1; }",
                          {{"b.proto", "syntax = \"proto3\"; message B { int32 x = 0; }"}}};
  EXPECT_NE(ErrorOf(broken).find("b.proto: line 1"), std::string::npos) << ErrorOf(broken);
}

TEST(ProtoSchemaTest, TextsAreBounded) {
  std::string deep = "syntax = \"proto3\";";
  for (int i = 0; i <= kMaxProtoNesting; ++i) deep += "message M {";
  EXPECT_EQ(ErrorOf({deep, {}}), "kInvalidConfig: Protobuf schema: nested deeper than 100");
  EXPECT_EQ(ErrorOf({std::string(kMaxProtoBytes + 1, ' '), {}}),
            "kInvalidConfig: Protobuf schema: longer than 4 MiB");
}

TEST(ProtoSchemaTest, ImportsComeFromTheReferencesAndTheWellKnownOnes) {
  const SchemaText schema{
      "syntax = \"proto3\"; package shop; import \"common/money.proto\";"
      "import \"google/protobuf/timestamp.proto\";"
      "message Order { common.Money total = 1; google.protobuf.Timestamp at = 2; }",
      {{"common/money.proto",
        "syntax = \"proto3\"; package common; message Money { int64 cents = 1; }"}}};
  const auto parsed = ProtoSchema::Parse(schema);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const Message& order = **(*parsed)->Find("");
  EXPECT_EQ(order.name, "shop.Order");
  EXPECT_EQ(order.fields[0].message->fields[0].name, "cents");
  EXPECT_EQ(order.fields[1].message->shape, Shape::kTimestamp);
}

TEST(ProtoSchemaTest, AMessageIsFoundByNameAndByIndexes) {
  const SchemaText schema{
      "syntax = \"proto3\"; package shop;"
      "message A { map<string, int32> m = 1; message B { message C {} } message D {} }"
      "message E {}",
      {}};
  const auto parsed = ProtoSchema::Parse(schema);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ((*(*parsed)->Find(""))->name, "shop.A");
  EXPECT_EQ((*(*parsed)->Find("E"))->name, "shop.E");
  EXPECT_EQ((*(*parsed)->Find("shop.A.B.C"))->name, "shop.A.B.C");
  EXPECT_EQ((*parsed)->Find("shop.A.D1").status().message(),
            "the Protobuf schema has no message 'shop.A.D1'; did you mean shop.A.D?");
  // A map's entry is a nested type, too: B is the second one.
  for (const char* const name : {"shop.A", "shop.A.B", "shop.A.B.C", "shop.A.D", "shop.E"}) {
    const auto indexes = IndexesOf(schema, name);
    ASSERT_TRUE(indexes.ok()) << indexes.status();
    EXPECT_EQ((*(*parsed)->At(*indexes))->name, name);
  }
  EXPECT_EQ(*IndexesOf(schema, "shop.E"), std::vector<int32_t>{1});
  const std::vector<int32_t> nowhere{1, 2};
  EXPECT_EQ((*parsed)->At(nowhere).status().ToString(),
            "kBadRecord: the Protobuf schema has no message at [1, 2]");
}

TEST(ProtoSchemaTest, TypesAreThoseOfTheSchema) {
  const auto type =
      TypeOfSchema({"syntax = \"proto3\"; import \"google/protobuf/wrappers.proto\";"
                    "message A { uint32 u = 1; repeated A more = 2; map<int64, string> m = 3;"
                    "google.protobuf.DoubleValue d = 4; enum E { ZERO = 0; } E e = 5; }",
                    {}},
                   "A");
  ASSERT_TRUE(type.ok()) << type.status();
  ASSERT_EQ(type->fields.size(), 5U);
  EXPECT_TRUE(type->closed);
  EXPECT_EQ(type->fields[0].type.scalar, Value::Kind::kUint);
  EXPECT_EQ(type->fields[1].type.kind, SchemaType::Kind::kList);
  EXPECT_EQ(type->fields[1].type.element[0].kind, SchemaType::Kind::kAny);
  EXPECT_EQ(type->fields[2].type.scalar, Value::Kind::kInt);
  EXPECT_EQ(type->fields[2].type.element[0].scalar, Value::Kind::kString);
  EXPECT_EQ(type->fields[3].type.scalar, Value::Kind::kDouble);
  EXPECT_EQ(type->fields[4].type.scalar, Value::Kind::kInt);
}

}  // namespace
}  // namespace sidestream::serde::protobuf
