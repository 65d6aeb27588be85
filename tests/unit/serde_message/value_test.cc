// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A message where any value may stand: compared, copied, printed, written and stored.

#include "serde/value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "serde/json_text.h"
#include "serde/key_codec.h"
#include "serde/value_codec.h"
#include "serde/writer.h"
#include "tests/unit/serde_message/shop_types.h"

namespace sidestream::serde {
namespace {

class MessageValueTest : public ::testing::Test {
 protected:
  std::string Json(const Value& value) {
    std::string text;
    const Status status = AppendJson(value, text);
    return status.ok() ? text : status.message();
  }
  Value Time(int64_t seconds) { return Value::TimestampOf({seconds, 0}, shop_.arena()); }

  Shop shop_;
};

TEST_F(MessageValueTest, EqualFieldByField) {
  const Value a = shop_.Order({{"id", Value::Int(1)}, {"note", Value::String("n")}});
  const Value b = shop_.Order({{"note", Value::String("n")}, {"id", Value::Int(1)}});
  EXPECT_TRUE(Value::Equal(a, b));
  EXPECT_FALSE(Value::Equal(a, shop_.Order({{"id", Value::Int(1)}})));
  EXPECT_FALSE(Value::Equal(shop_.Order({}), shop_.Make("shop.Item", {})));
  const Value nan = shop_.Order({{"exact", Value::Double(std::nan(""))}});
  EXPECT_FALSE(Value::Equal(nan, nan));
  EXPECT_FALSE(Value::Equal(shop_.Order({}), Value::Null()));
  Shop other;  // the same types of another catalogue
  EXPECT_TRUE(Value::Equal(a, other.Order({{"id", Value::Int(1)}, {"note", Value::String("n")}})));
}

TEST_F(MessageValueTest, ACopyHasNothingOfTheOldArena) {
  Arena to;
  Value copy;
  {
    Arena from;
    const MessageType& item = *shop_.types().Find("shop.Item");
    const Result<Value> read = shop_.types().Read(item,
                                                  "\x0a\x03"
                                                  "abc"
                                                  "\xa2\x06\x01x",
                                                  from);
    ASSERT_TRUE(read.ok());
    copy = read->CopyInto(to);
  }
  EXPECT_EQ(DebugString(copy), "shop.Item{name: \"abc\"}");
  EXPECT_EQ(copy.message().unknown, "\xa2\x06\x01x");
}

TEST_F(MessageValueTest, JsonFollowsProtobufsMapping) {
  const Value item = shop_.Make("shop.Item", {{"name", Value::String("n")}});
  const Value order = shop_.Order({{"id", Value::Int(9007199254740993)},
                                   {"small", Value::Int(5)},
                                   {"rough", Value::Double(0.1)},
                                   {"exact", Value::Double(HUGE_VAL)},
                                   {"raw", Value::Bytes("foo")},
                                   {"color", Value::Int(1)},
                                   {"items", shop_.List({item})},
                                   {"totals", shop_.Map({{Value::String("t"), Value::Int(2)}})},
                                   {"placed", Time(0)},
                                   {"discount", Value::Int(3)},
                                   {"json", Value::Null()},
                                   {"colors", shop_.Map({{Value::Int(1), Value::Int(7)}})}});
  EXPECT_EQ(Json(order),
            R"({"id":"9007199254740993","small":5,"rough":0.1,"exact":"Infinity","raw":"Zm9v",)"
            R"("color":"GREEN","items":[{"name":"n"}],"totals":{"t":"2"},)"
            R"("placed":"1970-01-01T00:00:00Z","discount":"3","json":null,"colors":{"1":7}})");
}

TEST_F(MessageValueTest, JsonOfAnAnyNamesItsType) {
  const Value item = shop_.Make("shop.Item", {{"count", Value::Int(2)}});
  EXPECT_EQ(Json(shop_.Order({{"extra", item}})),
            R"({"extra":{"@type":"type.googleapis.com/shop.Item","count":2}})");
  EXPECT_EQ(Json(shop_.Order({{"extra", Value::Int(2)}})),
            R"({"extra":{"@type":"type.googleapis.com/google.protobuf.Int64Value","value":"2"}})");
  EXPECT_EQ(
      Json(shop_.Order({{"extra", Time(0)}})),
      R"({"extra":{"@type":"type.googleapis.com/google.protobuf.Timestamp","value":"1970-01-01T00:00:00Z"}})");
  const Value mask =
      shop_.Make("google.protobuf.FieldMask",
                 {{"paths", shop_.List({Value::String("a_b.c"), Value::String("d")})}});
  EXPECT_EQ(Json(mask), "\"aB.c,d\"");
  EXPECT_EQ(
      Json(shop_.Order({{"extra", mask}})),
      R"({"extra":{"@type":"type.googleapis.com/google.protobuf.FieldMask","value":"aB.c,d"}})");
  EXPECT_EQ(Json(shop_.Order({{"extra", Value::Null()}})), R"({"extra":null})");
}

TEST_F(MessageValueTest, AStoreKeepsAMapWithDefaults) {
  const Value item = shop_.Make("shop.Item", {{"count", Value::Int(2)}});
  std::string bytes;
  ASSERT_TRUE(EncodeValue(shop_.List({item}), bytes).ok());
  const Result<Value> back = DecodeValue(bytes, shop_.arena());
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(DebugString(*back), "[{\"name\": \"\", \"count\": 2}]");
}

TEST_F(MessageValueTest, AProtobufTopicTakesItsOwnType) {
  FormatSpec format;
  format.kind = FormatKind::kProtobuf;
  format.schema.text = std::string(kShop);
  format.message = "shop.Order";
  const Result<Writer> writer = Writer::Create(format);
  ASSERT_TRUE(writer.ok()) << writer.status();
  const Value part = shop_.Make("shop.Item", {{"count", Value::Int(3)}});
  const Value order = shop_.Order({{"id", Value::Int(2)}, {"item", part}, {"cash", Value::Int(0)}});
  std::string bytes;
  const Status written = writer->Write(order, bytes);
  ASSERT_TRUE(written.ok()) << written;
  const Result<Value> back =
      shop_.types().Read(*shop_.types().Find("shop.Order"), bytes, shop_.arena());
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_TRUE(Value::Equal(*back, order)) << DebugString(*back);
  const Status other = writer->Write(part, bytes);
  EXPECT_EQ(other.code(), StatusCode::kBadRecord);
  EXPECT_NE(other.message().find("message shop.Order does not take message shop.Item"),
            std::string::npos)
      << other;
}

TEST_F(MessageValueTest, IsNoKey) {
  std::string bytes;
  EXPECT_EQ(EncodeKey(shop_.Make("shop.Item", {}), bytes).status().message(),
            "this cannot be a key: message shop.Item{}");
}

TEST_F(MessageValueTest, LongTextsAreCut) {
  const Value order = shop_.Order({{"note", Value::String(std::string_view("xxxxxxxxxx"))}});
  EXPECT_EQ(DebugString(order, 20), "shop.Order{note: ...");
}

}  // namespace
}  // namespace sidestream::serde
