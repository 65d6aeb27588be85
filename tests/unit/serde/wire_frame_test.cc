// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The bytes are those of docs/formats/wire-frame.md.

#include "serde/wire_frame.h"

#include <gtest/gtest.h>

#include <string>

namespace sidestream::serde {
namespace {

using namespace std::string_literals;

constexpr char kGuid[] = "\x12\x3e\x45\x67\xe8\x9b\x12\xd3\xa4\x56\x42\x66\x14\x17\x40\x00";

TEST(WireFrameTest, MagicByteAndId) {
  const std::string framed = "\x00\x00\x00\x00\x01\x0e\x02x"s;
  const auto frame = ReadWireFrame(framed);
  ASSERT_TRUE(frame.ok()) << frame.status();
  EXPECT_EQ(std::get<SchemaId>(frame->schema), 1u);
  EXPECT_EQ(frame->after_id, "\x0e\x02x");
  EXPECT_FALSE(frame->in_header);
  std::string bytes = "kept";
  PutWireFrame(0xfedcba98, bytes);
  EXPECT_EQ(bytes, "kept\x00\xfe\xdc\xba\x98"s);
  EXPECT_EQ(std::get<SchemaId>(ReadWireFrame(bytes.substr(4))->schema), 0xfedcba98u);
}

TEST(WireFrameTest, MagicByteAndGuid) {
  const std::string id = "\x01" + std::string(kGuid, 16);
  const std::string bytes = id + "data";
  const auto frame = ReadWireFrame(bytes);
  ASSERT_TRUE(frame.ok()) << frame.status();
  EXPECT_EQ(GuidText(std::get<SchemaGuid>(frame->schema)), "123e4567-e89b-12d3-a456-426614174000");
  EXPECT_EQ(frame->after_id, "data");
}

TEST(WireFrameTest, AHeaderGoesFirst) {
  const std::string header = "\x01" + std::string(kGuid, 16) + "\x02\x04";
  const auto frame = ReadWireFrame("\x00\x00\x00\x00\x01"s, header);
  ASSERT_TRUE(frame.ok()) << frame.status();
  EXPECT_TRUE(frame->in_header);
  EXPECT_TRUE(std::holds_alternative<SchemaGuid>(frame->schema));
  EXPECT_EQ(frame->after_id, "\x02\x04");
}

TEST(WireFrameTest, WhatIsNoFrameIsABadRecord) {
  const auto error = [](std::string_view bytes) {
    const Status status = ReadWireFrame(bytes).status();
    EXPECT_EQ(status.code(), StatusCode::kBadRecord);
    return status.message();
  };
  EXPECT_EQ(error(""), "no schema id in the bytes: only 0 bytes");
  EXPECT_EQ(error("\x00\x00\x00\x01"s), "no schema id in the bytes: only 4 bytes");
  EXPECT_EQ(error("\x01" + std::string(15, 'x')), "no schema id in the bytes: only 16 bytes");
  EXPECT_EQ(error("{}"),
            "no schema id in the bytes: it begins with byte 123 instead of 0 or 1; was it written "
            "without a schema registry?");
  EXPECT_EQ(ReadWireFrame("x", "").status().message(), "no schema id in the header: only 0 bytes");
}

TEST(WireFrameTest, MessageIndexes) {
  const auto take = [](std::string_view bytes, const std::vector<int32_t>& expected) {
    std::string_view rest = bytes;
    const auto indexes = TakeMessageIndexes(rest);
    ASSERT_TRUE(indexes.ok()) << indexes.status();
    EXPECT_EQ(*indexes, expected);
    EXPECT_EQ(rest, "data");
    std::string written;
    PutMessageIndexes(expected, written);
    EXPECT_EQ(written + "data", bytes);
  };
  take(
      "\x06\x02\x04\x06"
      "data",
      {1, 2, 3});
  take(
      "\x00"
      "data"s,
      {0});
  take(
      "\x02\x02"
      "data",
      {1});
}

TEST(WireFrameTest, MessageIndexesAreBounded) {
  for (const std::string& bytes :
       {""s, "\x01"s, "\x82\x01"s, "\x06\x02\x04"s, "\x02\x01"s, "\x02\xfe\xff\xff\xff\xff\x0f"s}) {
    std::string_view rest = bytes;
    EXPECT_EQ(TakeMessageIndexes(rest).status().code(), StatusCode::kBadRecord) << bytes.size();
    EXPECT_EQ(rest, bytes);
  }
}

}  // namespace
}  // namespace sidestream::serde
