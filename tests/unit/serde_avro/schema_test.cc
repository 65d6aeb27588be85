// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/avro/schema.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "serde/avro/canonical_form.h"
#include "tests/unit/serde_avro/avro_case.h"

namespace sidestream::serde::avro {
namespace {

TEST(SchemaTest, NamesTakeTheNamespaceAroundThem) {
  const SchemaPtr schema = MustParse(
      "{'type':'record','name':'R','namespace':'a.b','aliases':['Old','x.Y'],'fields':["
      "{'name':'f','type':{'type':'fixed','name':'F','size':2}},"
      "{'name':'g','type':{'type':'enum','name':'c.G','symbols':[]}},"
      "{'name':'h','type':{'type':'record','name':'H','namespace':'','fields':["
      "{'name':'up','type':['null','a.b.F']}]}},{'name':'again','type':'F'}]}");
  const Node& root = schema->root();
  EXPECT_EQ(root.name, "a.b.R");
  EXPECT_EQ(root.aliases, (std::vector<std::string>{"a.b.Old", "x.Y"}));
  EXPECT_EQ(root.fields[0].type->name, "a.b.F");
  EXPECT_EQ(root.fields[1].type->name, "c.G");
  EXPECT_EQ(root.fields[2].type->name, "H");
  EXPECT_EQ(root.fields[2].type->fields[0].type->branches[1], root.fields[0].type);
  EXPECT_EQ(root.fields[3].type, root.fields[0].type);
}

TEST(SchemaTest, ErrorsNameThePlace) {
  const auto fails = [](std::string_view text, std::string_view message) {
    EXPECT_EQ(SchemaError(text), message) << text;
  };
  fails("'decimel'", "schema: unknown type 'decimel'");
  fails(
      "{'type':'record','name':'R','fields':[{'name':'items','type':{'type':'array','items':"
      "{'type':'record','name':'I','fields':[{'name':'price','type':'decimel'}]}}}]}",
      "schema R.items.items.I.price: unknown type 'decimel'");
  fails("{'type':'map'}", "schema values: a type is missing");
  fails("['int',['null']]", "schema [1]: a union directly in a union");
  fails("['int','string','int']", "schema [2]: the union has this type twice");
  fails("[]", "schema: a union without branches");
  fails("7", "schema: a type is a name, an object or a list, not 7");
  fails("{'name':'R'}", "schema: `type` is missing");
  fails("{'type':'record','fields':[]}", "schema: `name` is missing");
  fails("{'type':'enum','name':'1E','symbols':[]}", "schema: '1E' is not a name");
  fails("{'type':'record','name':'R'}", "schema R: `fields` is not a list");
  fails(
      "{'type':'record','name':'R','fields':[{'name':'a','type':'int'},{'name':'a','type':'int'}]}",
      "schema R.a: the record has this field twice");
  fails("{'type':'enum','name':'E','symbols':['A','A']}",
        "schema E: symbol 'A' stands there twice");
  fails("{'type':'enum','name':'E','symbols':['A'],'default':'B'}",
        "schema E: the default is not a symbol");
  fails("{'type':'fixed','name':'F','size':-1}", "schema F: `size` is not a number of bytes");
  fails("{'type':'fixed','name':'int','size':1}", "schema int: a primitive type has this name");
  fails("[{'type':'fixed','name':'F','size':1},{'type':'fixed','name':'F','size':1}]",
        "schema [1].F: type 'F' is defined twice");
  fails("{'type':'record','name':'R','fields':[{'name':'r','type':'R'}]}",
        "schema: record R contains itself, with no union, array or map between");
}

TEST(SchemaTest, NestingAndSizeAreBounded) {
  std::string deep = "'int'";
  for (int i = 0; i < 200; ++i) deep = "{'type':'array','items':" + deep + "}";
  EXPECT_NE(SchemaError(deep).find("nested deeper than 100"), std::string::npos);
  const std::string large(kMaxSchemaBytes + 1, ' ');
  EXPECT_EQ(SchemaError(large), "schema: larger than 4 MiB with its references");
}

// Each type is defined beside the one it uses and not in it: no nesting of the text says how deep
// they go.
TEST(SchemaTest, LongChainsOfTypesNeedNoDeepStack) {
  std::vector<std::string> chain = {Quoted("{'type':'record','name':'R0','fields':[]}")};
  for (int i = 1; i < 20'000; ++i) {
    chain.push_back(Quoted("{'type':'record','name':'R" + std::to_string(i) +
                           "','fields':[{'name':'f','type':'R" + std::to_string(i - 1) + "'}]}"));
  }
  const auto schema = Schema::Parse("\"R19999\"", chain);
  ASSERT_TRUE(schema.ok()) << schema.status();
  EXPECT_FALSE(CanonicalForm(**schema).ok());
  const auto resolution = Resolution::Compile(*schema, *schema, {{{}, 0}});
  ASSERT_TRUE(resolution.ok()) << resolution.status();
  Arena arena;
  Value slot;
  EXPECT_EQ(Decoder().Decode(**resolution, "", {&slot, 1}, arena).code(), StatusCode::kBadRecord);
}

TEST(SchemaTest, LogicalTypesThatDoNotFitAreIgnored) {
  const auto logical = [](std::string_view text) { return MustParse(text)->root().logical; };
  EXPECT_EQ(logical("{'type':'int','logicalType':'date'}"), LogicalType::kDate);
  EXPECT_EQ(logical("{'type':'long','logicalType':'date'}"), LogicalType::kNone);
  EXPECT_EQ(logical("{'type':'long','logicalType':'time-micros'}"), LogicalType::kTimeMicros);
  EXPECT_EQ(logical("{'type':'int','logicalType':'time-micros'}"), LogicalType::kNone);
  EXPECT_EQ(logical("{'type':'long','logicalType':'fortnight'}"), LogicalType::kNone);
  EXPECT_EQ(logical("{'type':'long','logicalType':7}"), LogicalType::kNone);
  EXPECT_EQ(logical("{'type':'bytes','logicalType':'decimal','precision':4,'scale':4}"),
            LogicalType::kDecimal);
  EXPECT_EQ(logical("{'type':'bytes','logicalType':'decimal','precision':4,'scale':5}"),
            LogicalType::kNone);
  EXPECT_EQ(logical("{'type':'bytes','logicalType':'decimal'}"), LogicalType::kNone);
  EXPECT_EQ(logical("{'type':'fixed','name':'F','size':2,'logicalType':'decimal','precision':4}"),
            LogicalType::kDecimal);
  EXPECT_EQ(logical("{'type':'fixed','name':'F','size':2,'logicalType':'decimal','precision':5}"),
            LogicalType::kNone);
  EXPECT_EQ(logical("{'type':'fixed','name':'F','size':16,'logicalType':'uuid'}"),
            LogicalType::kUuid);
  EXPECT_EQ(logical("{'type':'fixed','name':'F','size':12,'logicalType':'duration'}"),
            LogicalType::kDuration);
  EXPECT_EQ(logical("{'type':{'type':'int','logicalType':'date'}}"), LogicalType::kDate);
}

TEST(SchemaTest, ADefaultThatDoesNotFitIsRememberedWithItsReason) {
  const SchemaPtr schema = MustParse(
      "{'type':'record','name':'R','fields':[{'name':'a','type':'int','default':'x'},"
      "{'name':'b','type':['int','string'],'default':'x'},"
      "{'name':'c','type':'int','default':2147483648}]}");
  const std::vector<Field>& fields = schema->root().fields;
  EXPECT_EQ(fields[0].default_error.message(),
            "the default of field 'a' does not fit its type: wanted int, found \"x\"");
  EXPECT_FALSE(fields[0].default_bytes.has_value());
  EXPECT_EQ(fields[1].default_bytes, "\x02\x02x");
  EXPECT_FALSE(fields[2].default_error.ok());
  const SchemaPtr endless = MustParse(
      "{'type':'record','name':'R','fields':[{'name':'r','type':['null',{'type':'array','items':"
      "'R'}],'default':[{}]}]}");
  EXPECT_FALSE(endless->root().fields[0].default_error.ok());
}

TEST(SchemaTest, TypesComeFromReferencesToo) {
  const std::string references[] = {
      R"({"type":"enum","name":"shop.Colour","symbols":["RED"]})",
      R"({"type":"record","name":"shop.Item","fields":[{"name":"colour","type":"Colour"}]})"};
  const auto schema = Schema::Parse(R"({"type":"array","items":"shop.Item"})", references);
  ASSERT_TRUE(schema.ok()) << schema.status();
  EXPECT_EQ((*schema)->root().element->fields[0].type->name, "shop.Colour");
}

TEST(SchemaTest, TheFingerprintIsTheSpecificationsCrc) {
  EXPECT_EQ(Fingerprint(""), 0xc15d213aa4d7a795u);
  EXPECT_EQ(Fingerprint("\"null\""), 0x63dd24e7cc258f8au);
  EXPECT_EQ(Fingerprint("\"int\""), 0x7275d51a3f395c8fu);
}

}  // namespace
}  // namespace sidestream::serde::avro
