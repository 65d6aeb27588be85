// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Messages in expressions: literals, fields, presence, enums, extensions, and what the checker
// says about them. The conformance suites hold the rest.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "expression/program.h"
#include "tests/support/proto_types.h"
#include "tests/unit/expression/test_scope.h"

namespace sidestream::expression {
namespace {

using serde::Value;

constexpr std::string_view kShop = R"(
  syntax = "proto2";
  package shop;
  import "google/protobuf/any.proto";
  import "google/protobuf/wrappers.proto";
  message Item {
    enum Size { SMALL = 0; LARGE = 1; }
    optional string name = 1;
    optional int32 count = 2 [default = 1];
    optional Size size = 3;
    repeated Item parts = 4;
    map<string, int64> stock = 5;
    optional google.protobuf.Int64Value weight = 6;
    optional google.protobuf.Any extra = 7;
    optional bool in = 8;
    extensions 100 to max;
  }
  extend Item { optional int64 rank = 100; }
)";

class MessageTest : public ::testing::Test {
 protected:
  MessageTest() {
    scope_.set_message_types(types_.get());
    scope_.set_container("shop");
  }

  void SetUp() override {
    scope_.Declare("item", Type::Named("shop.Item"));
    const Result<Value> item =
        types_->Read(*types_->Find("shop.Item"), "\x0a\x01n\x22\x03\x0a\x01p\xa0\x06\x09", arena_);
    ASSERT_TRUE(item.ok()) << item.status();
    scope_.Set("item", *item);
  }

  // The result, "error: …", or "compile: …" with the first error.
  std::string Run(const std::string& text, Checking checking = Checking::kOn) {
    const CompileResult compiled = Compile(text, scope_, checking);
    if (!compiled.program) {
      const CompileError& error = compiled.errors[0];
      return "compile: " + std::to_string(error.position.column) + " " + error.message +
             (error.suggestion.empty() ? "" : " [" + error.suggestion + "]");
    }
    const std::vector<Value> row = scope_.Row();
    const Result<Value> result = compiled.program->Evaluate(row, environment_, arena_);
    return result.ok() ? serde::DebugString(*result) : "error: " + result.status().message();
  }

  std::unique_ptr<serde::MessageTypes> types_ = testing::TypesOf(kShop);
  Arena arena_;
  TestScope scope_;
  TestEnvironment environment_;
};

TEST_F(MessageTest, ALiteralMakesAMessage) {
  EXPECT_EQ(Run("Item{name: 'n', ?count: optional.none(), ?weight: optional.of(3)}"),
            "shop.Item{name: \"n\", weight: 3}");
  EXPECT_EQ(Run(".shop.Item{parts: [Item{}, Item{name: item.name}], stock: {'a': 1},}"),
            "shop.Item{parts: [shop.Item{}, shop.Item{name: \"n\"}], stock: {\"a\": 1}}");
  EXPECT_EQ(Run("Item{`in`: true}.`in`"), "true");
  EXPECT_EQ(Run("type(Item{}) == Item && type(item) == shop.Item"), "true");
  EXPECT_EQ(Run("google.protobuf.Int64Value{value: 2} + 1"), "3");
}

TEST_F(MessageTest, FieldsReadWithDefaultsAndPresence) {
  EXPECT_EQ(Run("[item.name, item.parts[0].name, item.parts[0].parts]"), "[\"n\", \"p\", []]");
  EXPECT_EQ(Run("[item.count, Item{}.size, Item{}.weight]"), "[1, 0, null]");
  EXPECT_EQ(Run("[has(item.name), has(item.count), has(Item{count: 1}.count)]"),
            "[true, false, true]");
  EXPECT_EQ(Run("[item.?name, item.?count, optional.of(item).name.value()]"),
            "[optional.of(\"n\"), optional.none(), \"n\"]");
  EXPECT_EQ(Run("optional.ofNonZeroValue(Item{})"), "optional.none()");
}

TEST_F(MessageTest, EnumsAreInts) {
  EXPECT_EQ(Run("Item.Size.LARGE + 1"), "2");
  EXPECT_EQ(Run("Item{size: Item.Size.LARGE}.size == shop.Item.Size.LARGE"), "true");
  EXPECT_EQ(Run("Item.Size.HUGE"), "compile: 1 unknown variable: Item (known are item) [item]");
}

TEST_F(MessageTest, ExtensionsHaveTheirFullName) {
  EXPECT_EQ(Run("[proto.getExt(item, shop.rank), item.`shop.rank`]"), "[9, 9]");
  EXPECT_EQ(Run("[proto.hasExt(item, shop.rank), proto.hasExt(Item{}, shop.rank)]"),
            "[true, false]");
  EXPECT_EQ(Run("proto.getExt(item, 1)"),
            "compile: 7 getExt: takes a message and the full name of an extension");
}

TEST_F(MessageTest, ALiteralIsCheckedWhereItStands) {
  EXPECT_EQ(Run("1 == Item{nam: 1}.count"),
            "compile: 11 message shop.Item has no field nam [name]");
  EXPECT_EQ(Run("Item{name: 1 + 2}"), "compile: 12 field name of shop.Item is string, not int");
  EXPECT_EQ(Run("Item{parts: [1]}"),
            "compile: 13 field parts of shop.Item is list<shop.Item>, not list<int>");
  EXPECT_EQ(Run("Item{count: 1, count: 2}"), "compile: 16 field count is set twice");
  EXPECT_EQ(Run("shop.Iten{}"),
            "compile: 1 unknown message type: shop.Iten{…}; a map is written "
            "{\"field\": value} [shop.Item]");
  EXPECT_EQ(Run("Item{count: 3000000000}"),
            "compile: 1 3000000000 is out of the range of field count of shop.Item, which holds an "
            "int32");
  EXPECT_EQ(Run("item.nmae"), "compile: 6 message shop.Item has no field nmae [name]");
  EXPECT_EQ(Run("item.name + 1"), "compile: 11 cannot compute string + int");
}

TEST_F(MessageTest, WithoutTheCheckerTheRunFails) {
  const Checking off = Checking::kOff;
  EXPECT_EQ(Run("Item{nam: 1}", off), "error: message shop.Item has no field nam");
  EXPECT_EQ(Run("Nothing{}", off), "error: unknown message type: Nothing");
  EXPECT_EQ(Run("dyn(item).nam", off), "error: message shop.Item has no field nam");
  EXPECT_EQ(Run("has(dyn(item).nam)", off), "error: message shop.Item has no field nam");
  EXPECT_EQ(Run("item.name == '' ? [] : [Item{?count: item.name}]", off),
            "error: a field marked '?' needs an optional, not string");
  EXPECT_EQ(Run("item + item", off), "error: cannot compute shop.Item + shop.Item");
}

TEST_F(MessageTest, ALiteralOfAVariableIsMadePerRecord) {
  EXPECT_EQ(Run("Item{count: size(item.name) + 2147483647}"),
            "error: 2147483648 is out of the range of field count of shop.Item, which holds an "
            "int32");
  EXPECT_EQ(Run("[1, 2].map(n, Item{count: n}).filter(i, i.count > 1)"), "[shop.Item{count: 2}]");
}

TEST_F(MessageTest, TheCanonicalTextTellsLiteralsAndQuotedFieldsApart) {
  EXPECT_EQ(CanonicalText("shop . Item{ name:'n',?count : x, }"),
            CanonicalText("shop.Item{name: 'n', ?count: x}"));
  EXPECT_NE(CanonicalText(".shop.Item{}"), CanonicalText("shop.Item{}"));
  EXPECT_NE(CanonicalText("x.`a.b`"), CanonicalText("x.a.b"));
  EXPECT_EQ(CanonicalText("proto.getExt(x, a.b)"), CanonicalText("x.`a.b`"));
}

TEST(MessageScopeTest, WithoutTypesThereAreNoMessages) {
  TestScope scope;
  const CompileResult compiled = Compile("google.protobuf.Int64Value{value: 1}", scope);
  ASSERT_EQ(compiled.errors.size(), 1u);
  EXPECT_EQ(compiled.errors[0].message,
            "unknown message type: google.protobuf.Int64Value{…}; a map is written "
            "{\"field\": value}");
}

}  // namespace
}  // namespace sidestream::expression
