// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Types from descriptors, and messages from bytes that libprotobuf wrote.

#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>

#include "serde/protobuf/message_catalog.h"
#include "tests/unit/serde_message/shop_types.h"

namespace sidestream::serde {
namespace {

// Bytes of a message that is given as a text, by a pool of its own.
std::string Bytes(std::string_view proto, const std::string& type, const std::string& text) {
  google::protobuf::DescriptorPool pool;
  testing::BuildFiles(testing::DescriptorSetOf(proto), pool);
  google::protobuf::DynamicMessageFactory factory(&pool);
  const std::unique_ptr<google::protobuf::Message> message(
      factory.GetPrototype(pool.FindMessageTypeByName(type))->New());
  CHECK(google::protobuf::TextFormat::ParseFromString(text, message.get())) << text;
  return message->SerializeAsString();
}

class CatalogTest : public ::testing::Test {
 protected:
  std::string Read(const std::string& bytes) {
    const Result<Value> value =
        shop_.types().Read(*shop_.types().Find("shop.Order"), bytes, arena_);
    return value.ok() ? DebugString(*value, 2000) : value.status().ToString();
  }
  std::string ReadText(const std::string& text) { return Read(Bytes(kShop, "shop.Order", text)); }

  Shop shop_;
  Arena arena_;
};

TEST_F(CatalogTest, ReadsEveryKindOfField) {
  EXPECT_EQ(ReadText(R"(id: -1 small: 2 natural: 3 wide: 4 rough: 0.5 exact: 1.5 note: "n"
                        raw: "\xff" paid: true color: GREEN)"),
            "shop.Order{id: -1, small: 2, natural: 3u, wide: 4u, rough: 0.5, exact: 1.5, "
            "note: \"n\", raw: b\"\xff\", paid: true, color: 1}");
  EXPECT_EQ(ReadText(R"(item { name: "a" part { count: 1 } } items {} items { name: "b" }
                        totals { key: "x" value: 1 } colors { key: 2 value: GREEN } swap {})"),
            "shop.Order{item: shop.Item{name: \"a\", part: shop.Item{count: 1}}, "
            "items: [shop.Item{}, shop.Item{name: \"b\"}], totals: {\"x\": 1}, swap: shop.Item{}, "
            "colors: {2: 1}}");
}

TEST_F(CatalogTest, ReadsWellKnownTypesAsCelsOwn) {
  EXPECT_EQ(ReadText(R"(placed { seconds: 5 nanos: 1 } took { seconds: -1 nanos: -500000000 }
                        discount { value: 0 } json { list_value { values { number_value: 1 } } }
                        object { fields { key: "k" value { null_value: NULL_VALUE } } }
                        mask { paths: "a_b" } boxed {} boxed { value: 3 } ratio { value: 0.1 })"),
            "shop.Order{placed: timestamp(5s+1ns), took: duration(-2s+500000000ns), discount: 0, "
            "json: [1], object: {\"k\": null}, mask: google.protobuf.FieldMask{paths: [\"a_b\"]}, "
            "boxed: [0, 3], ratio: 0.10000000149011612}");
}

TEST_F(CatalogTest, ReadsWhatIsInAnAny) {
  EXPECT_EQ(ReadText(R"(extra { [type.googleapis.com/shop.Item] { name: "i" } })"),
            "shop.Order{extra: shop.Item{name: \"i\"}}");
  EXPECT_EQ(ReadText(R"(extra { type_url: "x/shop.Unknown" value: "v" })"),
            "shop.Order{extra: google.protobuf.Any{type_url: \"x/shop.Unknown\", value: b\"v\"}}");
}

TEST_F(CatalogTest, AnAnyWithinAnyIsUnpackedToADepth) {
  std::string text = "type_url: \"x/shop.Item\"";
  for (int i = 0; i < 100; ++i) {
    const std::string bytes = Bytes(kShop, "google.protobuf.Any", text);
    std::string escaped;
    for (const char c : bytes) {
      char octal[8];
      snprintf(octal, sizeof(octal), "\\%03o", static_cast<unsigned>(static_cast<uint8_t>(c)));
      escaped += octal;
    }
    text = "type_url: \"x/google.protobuf.Any\" value: \"" + escaped + "\"";
    if (bytes.size() > 3000) break;
  }
  const std::string read = ReadText("extra { " + text + " }");
  EXPECT_TRUE(read.starts_with("shop.Order{extra: google.protobuf.Any{type_url: ")) << read;
}

TEST_F(CatalogTest, TheLastOfEqualKeysWins) {
  EXPECT_EQ(ReadText(R"(totals { key: "a" value: 1 } totals { key: "b" value: 2 }
                        totals { key: "a" value: 3 })"),
            "shop.Order{totals: {\"b\": 2, \"a\": 3}}");
}

TEST_F(CatalogTest, RefusesWhatIsNoMessage) {
  EXPECT_EQ(Read("\x08"), "kBadRecord: the bytes are no message of type shop.Order");
  EXPECT_EQ(Read("\x92\x01\x02\x10\xff"),
            "kBadRecord: the bytes are no message of type shop.Order");
  EXPECT_TRUE(ReadText("placed { nanos: -1 }").starts_with("kBadRecord: a google.protobuf.Time"));
  std::string deep;
  for (int i = 0; i < 20'000; ++i) deep += "\x13";  // a group in a group in …
  EXPECT_TRUE(Read(deep).starts_with("kBadRecord"));
}

TEST_F(CatalogTest, KeepsUnknownFieldsForComparison) {
  const MessageType& item = *shop_.types().Find("shop.Item");
  const Result<Value> a = shop_.types().Read(item, "\xa2\x06\x01x", arena_);
  const Result<Value> b = shop_.types().Read(item, "\xa2\x06\x01y", arena_);
  const Result<Value> c = shop_.types().Read(item, "\x0a\x01n\xa2\x06\x01x", arena_);
  const Result<Value> d = shop_.types().Read(item, "\xa2\x06\x01x\x0a\x01n", arena_);
  ASSERT_TRUE(a.ok() && b.ok() && c.ok() && d.ok());
  EXPECT_FALSE(Value::Equal(*a, *b));
  EXPECT_TRUE(Value::Equal(*c, *d));
}

TEST_F(CatalogTest, KnowsProto2DefaultsPresenceAndExtensions) {
  constexpr std::string_view kOld = R"(
    syntax = "proto2";
    package old;
    message Base {
      optional int32 n = 1 [default = -7];
      optional string s = 2 [default = "d"];
      required bool must = 3;
      optional group Part = 4 { optional int32 k = 5; }
      extensions 100 to max;
    }
    extend Base { optional int64 age = 100; }
    message Scope { extend Base { repeated string tags = 101; } }
  )";
  const auto types = testing::TypesOf(kOld);
  const MessageType& base = *types->Find("old.Base");
  EXPECT_EQ(base.Find("n")->initial.int_value(), -7);
  EXPECT_EQ(base.Find("s")->initial.string_value(), "d");
  ASSERT_NE(base.Find("old.age"), nullptr);
  EXPECT_EQ(base.Find("old.Scope.tags")->json_name, "[old.Scope.tags]");
  const std::string bytes = Bytes(kOld, "old.Base", R"(must: false Part { k: 1 } [old.age]: 3
                                                       [old.Scope.tags]: "t")");
  const Result<Value> read = types->Read(base, bytes, arena_);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(
      DebugString(*read),
      "old.Base{must: false, part: old.Base.Part{k: 1}, old.age: 3, old.Scope.tags: [\"t\"]}");
}

TEST_F(CatalogTest, FindsTypesAndConstantsByName) {
  const MessageTypes& types = shop_.types();
  EXPECT_EQ(types.Find("shop.Nothing"), nullptr);
  EXPECT_NE(types.Find("google.protobuf.Empty"), nullptr);
  EXPECT_EQ(types.EnumConstant("shop.Color.GREEN")->int_value(), 1);
  EXPECT_TRUE(types.EnumConstant("google.protobuf.NullValue.NULL_VALUE")->null());
  EXPECT_EQ(types.EnumConstant("shop.Color.BLUE"), std::nullopt);
  EXPECT_EQ(types.EnumConstant("GREEN"), std::nullopt);
}

TEST_F(CatalogTest, ATypeIsWellKnownByItsFieldsToo) {
  const auto types = testing::TypesOf(R"(
    syntax = "proto3"; package google.protobuf; message Timestamp { string seconds = 1; })");
  EXPECT_EQ(types->Find("google.protobuf.Timestamp")->well_known, WellKnown::kNone);
  EXPECT_EQ(WellKnownTypes().Find("google.protobuf.Timestamp")->well_known, WellKnown::kTimestamp);
}

TEST_F(CatalogTest, ABrokenSetIsRefused) {
  EXPECT_FALSE(TypesOfDescriptorSet("\xff\xff").ok());
  const auto dangling = TypesOfDescriptorSet(
      testing::DescriptorSetOf("syntax = \"proto3\"; package p; message M { Nothing n = 1; }"));
  ASSERT_FALSE(dangling.ok());
  EXPECT_EQ(dangling.status().ToString(),
            "kInvalidConfig: test.proto: p.M.n: \"Nothing\" is not defined.");
}

}  // namespace
}  // namespace sidestream::serde
