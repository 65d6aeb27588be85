// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What a field holds, what it refuses, and what well-known types become.

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "serde/message_builder.h"
#include "tests/unit/serde_message/shop_types.h"

namespace sidestream::serde {
namespace {

class BuilderTest : public ::testing::Test {
 protected:
  // "field: message" of the refusal, or the value as a text.
  std::string Set(std::string_view field, Value value) {
    const Result<Value> made = shop_.New("shop.Order", {{field, value}});
    return made.ok() ? DebugString(Shop::Get(*made, field)) : made.status().message();
  }
  Value Time(int64_t seconds) { return Value::TimestampOf({seconds, 0}, shop_.arena()); }

  Shop shop_;
};

TEST_F(BuilderTest, ScalarsKeepTheirKindAndRange) {
  EXPECT_EQ(Set("id", Value::Int(INT64_MIN)), "-9223372036854775808");
  EXPECT_EQ(Set("small", Value::Int(INT32_MIN)), "-2147483648");
  EXPECT_EQ(Set("small", Value::Int(2147483648)),
            "2147483648 is out of the range of field small of shop.Order, which holds an int32");
  EXPECT_EQ(Set("natural", Value::Uint(4294967296)),
            "4294967296u is out of the range of field natural of shop.Order, which holds a uint32");
  EXPECT_EQ(Set("natural", Value::Int(1)), "field natural of shop.Order holds a uint32, not 1");
  EXPECT_EQ(Set("wide", Value::Uint(UINT64_MAX)), "18446744073709551615u");
  EXPECT_EQ(Set("exact", Value::Int(1)), "field exact of shop.Order holds a double, not 1");
  EXPECT_EQ(Set("color", Value::Int(99)), "99");
  EXPECT_EQ(Set("color", Value::Int(5000000000)),
            "5000000000 is out of the range of field color of shop.Order, which holds an enum");
  EXPECT_EQ(Set("note", Value::Bytes("x")), "field note of shop.Order holds a string, not b\"x\"");
  EXPECT_EQ(Set("paid", Value::Null()), "field paid of shop.Order holds a bool, not null");
}

TEST_F(BuilderTest, AFloatIsRoundedAndMayBecomeInfinite) {
  EXPECT_EQ(Shop::Get(shop_.Order({{"rough", Value::Double(0.1)}}), "rough").double_value(),
            static_cast<double>(0.1F));
  EXPECT_TRUE(std::isinf(
      Shop::Get(shop_.Order({{"rough", Value::Double(1e300)}}), "rough").double_value()));
}

TEST_F(BuilderTest, ADefaultIsSetOnlyWhereThereIsPresence) {
  EXPECT_FALSE(Shop::Has(shop_.Order({{"small", Value::Int(0)}}), "small"));
  EXPECT_TRUE(Shop::Has(shop_.Order({{"maybe", Value::Int(0)}}), "maybe"));
  EXPECT_TRUE(Shop::Has(shop_.Order({{"cash", Value::Int(0)}}), "cash"));
  EXPECT_TRUE(Shop::Has(shop_.Order({{"discount", Value::Int(0)}}), "discount"));
  EXPECT_TRUE(Shop::Has(shop_.Order({{"item", shop_.Make("shop.Item", {})}}), "item"));
  EXPECT_TRUE(Shop::Has(shop_.Order({{"exact", Value::Double(-0.0)}}), "exact"));
  EXPECT_FALSE(Shop::Has(shop_.Order({{"items", shop_.List({})}}), "items"));
  EXPECT_FALSE(Shop::Has(shop_.Order({{"totals", shop_.Map({})}}), "totals"));
}

TEST_F(BuilderTest, TheLastOfAOneofWins) {
  const Value order =
      shop_.Order({{"card", Value::String("c")}, {"id", Value::Int(1)}, {"cash", Value::Int(5)}});
  EXPECT_EQ(DebugString(order), "shop.Order{id: 1, cash: 5}");
}

TEST_F(BuilderTest, NullLeavesAMessageOutAndStaysInJson) {
  EXPECT_EQ(DebugString(shop_.Order(
                {{"item", Value::Null()}, {"placed", Value::Null()}, {"discount", Value::Null()}})),
            "shop.Order{}");
  EXPECT_EQ(DebugString(shop_.Order({{"json", Value::Null()}, {"extra", Value::Null()}})),
            "shop.Order{extra: null, json: null}");
  EXPECT_EQ(Set("boxed", shop_.List({Value::Int(1), Value::Null()})), "[1]");
  EXPECT_EQ(Set("object", Value::Null()), "field object of shop.Order holds a map, not null");
  EXPECT_EQ(Set("nothing", Value::Int(0)), "field nothing of shop.Order holds an enum, not 0");
}

TEST_F(BuilderTest, UnsetFieldsReadAsCelHasThem) {
  const Value order = shop_.Order({});
  EXPECT_EQ(DebugString(Shop::Get(order, "discount")), "null");
  EXPECT_EQ(DebugString(Shop::Get(order, "json")), "null");
  EXPECT_EQ(DebugString(Shop::Get(order, "item")), "shop.Item{}");
  EXPECT_EQ(DebugString(Shop::Get(order, "placed")), "timestamp(0s)");
  EXPECT_EQ(DebugString(Shop::Get(order, "object")), "{}");
  EXPECT_EQ(DebugString(Shop::Get(order, "list")), "[]");
  EXPECT_EQ(DebugString(Shop::Get(order, "color")), "0");
  EXPECT_EQ(DebugString(Shop::Get(order, "nothing")), "null");
}

TEST_F(BuilderTest, MessagesFitByTheirType) {
  const Value item = shop_.Make("shop.Item", {{"name", Value::String("n")}});
  EXPECT_EQ(Set("item", item), "shop.Item{name: \"n\"}");
  EXPECT_EQ(Set("items", shop_.List({item, item})),
            "[shop.Item{name: \"n\"}, shop.Item{name: \"n\"}]");
  EXPECT_EQ(Set("item", shop_.Order({})),
            "field item of shop.Order holds a shop.Item, not shop.Order{}");
  EXPECT_EQ(Set("item", shop_.Map({})), "field item of shop.Order holds a shop.Item, not {}");
}

TEST_F(BuilderTest, JsonFieldsConvert) {
  const Value list = shop_.List(
      {Value::Int(1), Value::Uint(uint64_t{1} << 60), Value::Bytes("foo"), Time(0), Value::Null()});
  const std::string json = "[1, \"1152921504606846976\", \"Zm9v\", \"1970-01-01T00:00:00Z\", null]";
  EXPECT_EQ(Set("list", list), json);
  EXPECT_EQ(Set("json", list), json);
  EXPECT_EQ(Set("extra", list), json);
  EXPECT_EQ(Set("object", shop_.Map({{Value::String("a"), list}})), "{\"a\": " + json + "}");
  EXPECT_EQ(Set("object", shop_.Map({{Value::Int(1), list}})),
            "a key of a google.protobuf.Struct is a string, not 1");
  EXPECT_EQ(Set("json", shop_.Make("shop.Item", {{"count", Value::Int(2)}})), "{\"count\": 2}");
  EXPECT_EQ(Set("json", Value::Type("int")), "this has no form as a google.protobuf.Value: int");
}

TEST_F(BuilderTest, WellKnownTypesBecomeCelsOwn) {
  EXPECT_EQ(DebugString(shop_.Make("google.protobuf.Int64Value", {{"value", Value::Int(3)}})), "3");
  EXPECT_EQ(DebugString(shop_.Make("google.protobuf.Int64Value", {})), "0");
  EXPECT_EQ(DebugString(shop_.Make("google.protobuf.Value", {})), "null");
  EXPECT_EQ(DebugString(shop_.Make("google.protobuf.Value", {{"bool_value", Value::Bool(true)}})),
            "true");
  EXPECT_EQ(DebugString(shop_.Make("google.protobuf.Timestamp", {{"seconds", Value::Int(7)}})),
            "timestamp(7s)");
  EXPECT_EQ(DebugString(shop_.Make("google.protobuf.Duration",
                                   {{"seconds", Value::Int(-1)}, {"nanos", Value::Int(-5)}})),
            "duration(-2s+999999995ns)");
  EXPECT_FALSE(shop_.New("google.protobuf.Timestamp", {{"nanos", Value::Int(-1)}}).ok());
  EXPECT_FALSE(shop_.New("google.protobuf.Timestamp", {{"seconds", Value::Int(1LL << 40)}}).ok());
  EXPECT_FALSE(
      shop_.New("google.protobuf.Duration", {{"seconds", Value::Int(1)}, {"nanos", Value::Int(-1)}})
          .ok());
}

TEST_F(BuilderTest, AnAnyIsWhatIsInIt) {
  const auto any = [&](const char* url, std::string_view bytes) {
    return shop_.New("google.protobuf.Any",
                     {{"type_url", Value::String(url)}, {"value", Value::Bytes(bytes)}});
  };
  const Result<Value> item = any("type.googleapis.com/shop.Item", "\x0a\x01n");
  ASSERT_TRUE(item.ok()) << item.status();
  EXPECT_EQ(DebugString(*item), "shop.Item{name: \"n\"}");
  EXPECT_EQ(DebugString(*any("x/google.protobuf.Int64Value", "\x08\x05")), "5");
  EXPECT_FALSE(any("type.googleapis.com/shop.Nothing", "").ok());
  EXPECT_FALSE(any("type.googleapis.com/shop.Item", "\x0a\x7f").ok());
  EXPECT_FALSE(any("type.googleapis.com/shop.Item", "\x0a\x01\xff").ok()) << "no UTF-8";
}

}  // namespace
}  // namespace sidestream::serde
