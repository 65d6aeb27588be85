// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/debezium.h"

#include <gtest/gtest.h>

#include <string>

#include "base/arena.h"
#include "serde/json_text.h"

namespace sidestream::operators {
namespace {

class DebeziumTest : public ::testing::Test {
 protected:
  serde::Value Json(std::string_view text) {
    const auto parsed = parser_.Parse(text, arena_);
    EXPECT_TRUE(parsed.ok()) << parsed.status();
    return *parsed;
  }
  static std::string Text(const serde::Value& value) { return serde::DebugString(value, 1000); }

  Arena arena_;
  serde::JsonParser parser_;
};

TEST_F(DebeziumTest, AnUpdateHasBothRows) {
  const auto change = ReadRowChange(
      Json(R"({"before":{"id":1,"a":1},"after":{"id":1,"a":2},"source":{"ts_ms":5},"op":"u"})"));
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_EQ(Text(change->row), Text(Json(R"({"id":1,"a":2})")));
  EXPECT_EQ(Text(change->old), Text(Json(R"({"id":1,"a":1})")));
  EXPECT_EQ(change->op, "u");
  EXPECT_EQ(change->millis, 5);
}

TEST_F(DebeziumTest, TheEnvelopeWithSchemasIsTheSame) {
  const auto change = ReadRowChange(
      Json(R"({"schema":{"type":"struct"},"payload":{"before":null,"after":{"id":1},"op":"c"}})"));
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_EQ(Text(change->row), Text(Json(R"({"id":1})")));
  EXPECT_TRUE(change->old.null());
  EXPECT_EQ(change->millis, std::nullopt);
  EXPECT_EQ(Text(RowChangeKey(Json(R"({"schema":{"type":"struct"},"payload":{"id":7}})"))), "7");
}

TEST_F(DebeziumTest, ADeleteAndItsTombstoneHaveNoRow) {
  const auto change = ReadRowChange(Json(R"({"before":{"id":1},"after":null,"op":"d"})"));
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_TRUE(change->row.null());
  EXPECT_EQ(Text(change->old), Text(Json(R"({"id":1})")));
  const auto tombstone = ReadRowChange(serde::Value::Null());
  ASSERT_TRUE(tombstone.ok()) << tombstone.status();
  EXPECT_TRUE(tombstone->row.null());
  EXPECT_TRUE(tombstone->op.empty());
}

TEST_F(DebeziumTest, WhatTheConnectorDoesNotSendIsMissing) {
  const auto change = ReadRowChange(Json(R"({"after":{"id":1},"op":"u"})"));
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_TRUE(change->old.missing());
}

TEST_F(DebeziumTest, OtherRecordsAreNoChanges) {
  for (const char* text : {R"({"op":"t"})", R"({"op":7})", R"({"id":1})", R"([])", R"("x")", "1"}) {
    EXPECT_EQ(ReadRowChange(Json(text)).status().code(), StatusCode::kBadRecord) << text;
  }
}

TEST_F(DebeziumTest, AKeyWithSeveralFieldsStaysAnObject) {
  EXPECT_EQ(Text(RowChangeKey(Json(R"({"id":1})"))), "1");
  EXPECT_EQ(Text(RowChangeKey(Json(R"({"a":1,"b":2})"))), Text(Json(R"({"a":1,"b":2})")));
  EXPECT_EQ(Text(RowChangeKey(Json(R"("k")"))), "\"k\"");
  EXPECT_TRUE(RowChangeKey(serde::Value::Null()).null());
}

}  // namespace
}  // namespace sidestream::operators
