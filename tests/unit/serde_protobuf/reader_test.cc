// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What an expression sees of a message, on bytes written by hand: what comes in pieces, what is
// not set, and bytes that ask for more than they hold.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "serde/protobuf/proto_reader.h"
#include "tests/unit/serde/read_case.h"

namespace sidestream::serde::protobuf {
namespace {

using namespace std::string_literals;

constexpr std::string_view kProto3 = R"(
  syntax = "proto3";
  import "google/protobuf/timestamp.proto";
  import "google/protobuf/duration.proto";
  import "google/protobuf/wrappers.proto";
  import "google/protobuf/struct.proto";
  import "google/protobuf/any.proto";
  message A {
    int32 i = 1;
    optional int32 o = 2;
    string s = 3;
    A sub = 4;
    repeated int32 list = 5;
    map<string, int32> m = 6;
    oneof pick { string left = 7; A right = 8; }
    google.protobuf.Timestamp at = 9;
    google.protobuf.Duration took = 10;
    google.protobuf.Int64Value wrapped = 11;
    google.protobuf.Struct object = 12;
    google.protobuf.Value any_value = 13;
    google.protobuf.Any any = 14;
    enum Color { RED = 0; BLUE = 5; }
    Color color = 15;
    sint64 z = 2000;
    repeated A subs = 17;
  })";

constexpr std::string_view kProto2 = R"(
  syntax = "proto2";
  message B {
    required int32 r = 1;
    optional int32 d = 2 [default = 7];
    optional int32 n = 3;
    enum Color { NONE = 0; RED = 1; BLUE = 5; }
    optional Color color = 4;
    repeated Color colors = 5;
    map<int32, Color> by = 6;
    optional group Old = 7 { optional int32 x = 1; }
    optional string s = 8;
    oneof pick { Color tint = 9; float shade = 10; }
  })";

std::string Read(std::string_view schema, const std::vector<std::vector<std::string>>& paths,
                 std::string_view bytes) {
  return ReadText({.kind = FormatKind::kProtobuf, .schema = {std::string(schema), {}}}, paths,
                  bytes);
}

TEST(ProtoReaderTest, FieldsThatAreNotSet) {
  EXPECT_EQ(
      Read(kProto3, {{"i"}, {"o"}, {"s"}, {"sub"}, {"sub", "i"}, {"list"}, {"m"}, {"left"}}, ""),
      "0 | missing | \"\" | missing | missing | [] | {} | missing");
  EXPECT_EQ(
      Read(kProto3, {{"at"}, {"took"}, {"wrapped"}, {"object"}, {"any_value"}, {"color"}}, ""),
      "missing | missing | null | missing | null | 0");
  EXPECT_EQ(Read(kProto2, {{"r"}, {"d"}, {"n"}, {"color"}, {"nothing"}}, ""),
            "missing | 7 | missing | missing | missing");
  EXPECT_EQ(Read(kProto2, {{}}, ""), R"({"d": 7, "colors": [], "by": {}})");
  EXPECT_EQ(ReadText({.kind = FormatKind::kProtobuf, .schema = {std::string(kProto3), {}}},
                     {{}, {"i"}}, std::nullopt),
            "null | missing");
}

TEST(ProtoReaderTest, TheLastOneStaysAndMessagesAreMerged) {
  EXPECT_EQ(Read(kProto3, {{"i"}}, "\x08\x01\x08\x02"s), "2");
  // sub {i: 1, list: 1}, then sub {s: "x", list: 2}
  const std::string twice = "\x22\x04\x08\x01\x28\x01\x22\x05\x1a\x01x\x28\x02"s;
  EXPECT_EQ(Read(kProto3, {{"sub", "i"}, {"sub", "s"}, {"sub", "list"}}, twice),
            "1 | \"x\" | [1, 2]");
  // In pieces around another field, packed and unpacked.
  EXPECT_EQ(Read(kProto3, {{"list"}}, "\x28\x01\x08\x05\x2a\x02\x02\x03\x28\x04"s), "[1, 2, 3, 4]");
  EXPECT_EQ(Read(kProto3, {{"m"}},
                 "\x32\x05\x0a\x01\x61\x10\x01\x32\x05\x0a\x01\x62\x10\x02"
                 "\x32\x05\x0a\x01\x61\x10\x03\x32\x00"s),
            R"({"a": 3, "b": 2, "": 0})");
}

TEST(ProtoReaderTest, OfAOneofTheLastMemberStays) {
  const std::string left_right = "\x3a\x01x\x42\x02\x08\x01"s;
  const std::string right_left = "\x42\x02\x08\x01\x3a\x01x"s;
  EXPECT_EQ(Read(kProto3, {{"left"}, {"right", "i"}}, left_right), "missing | 1");
  EXPECT_EQ(Read(kProto3, {{"left"}, {"right", "i"}}, right_left), "\"x\" | missing");
  // Also where the other member is not wanted.
  EXPECT_EQ(Read(kProto3, {{"left"}}, left_right), "missing");
  EXPECT_EQ(Read(kProto3, {{"right", "i"}}, right_left), "missing");
  // What was replaced is not merged with what comes later.
  EXPECT_EQ(Read(kProto3, {{"right", "i"}, {"right", "s"}}, right_left + "\x42\x03\x1a\x01y"s),
            "0 | \"y\"");
}

TEST(ProtoReaderTest, ANumberThatAClosedEnumDoesNotKnowTakesNobodysPlace) {
  const std::string shade = "\x55\x00\x00\x00\x3f"s;  // 0.5
  for (const auto& paths : std::vector<std::vector<std::vector<std::string>>>{
           {{"shade"}}, {{"shade"}, {"tint"}}}) {
    const std::string rest = paths.size() == 1 ? "" : " | missing";
    EXPECT_EQ(Read(kProto2, paths, shade + "\x48\x09"s), "0.5" + rest);
  }
  EXPECT_EQ(Read(kProto2, {{"shade"}}, shade + "\x48\x05"s), "missing");
  EXPECT_EQ(Read(kProto2, {{"tint"}}, shade + "\x48\x05"s), "5");
}

TEST(ProtoReaderTest, WellKnownTypesAreTheirValues) {
  EXPECT_EQ(Read(kProto3, {{"at"}, {"took"}},
                 "\x4a\x02\x08\x01\x52\x10\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
                 "\x10\x80\xb6\xca\x05"s),
            // One sign only: seconds -1 and nanos 11508480 disagree.
            "kBadRecord: not a Protobuf message of this schema: took: a Duration is out of range");
  EXPECT_EQ(Read(kProto3, {{"at"}, {"wrapped"}}, "\x4a\x02\x08\x01\x5a\x02\x08\x07"s),
            "timestamp(1s) | 7");
  EXPECT_EQ(Read(kProto3, {{"wrapped"}}, "\x5a\x00"s), "0");
  // object {a: [true, null]}
  EXPECT_EQ(Read(kProto3, {{"object"}, {"object", "a"}, {"object", "b"}},
                 "\x62\x0f\x0a\x0d\x0a\x01\x61\x12\x08\x32\x06\x0a\x02\x20\x01\x0a\x00"s),
            R"({"a": [true, null]} | [true, null] | missing)");
  EXPECT_EQ(Read(kProto3, {{"any"}, {"any", "type_url"}}, "\x72\x05\x0a\x01t\x12\x00"s),
            R"({"type_url": "t", "value": b""} | "t")");
  EXPECT_EQ(Read(kProto3, {{"color"}}, "\x78\x07"s), "7") << "proto3 keeps unknown numbers";
  EXPECT_EQ(Read(kProto3, {{"z"}}, "\x80\x7d\x03"s), "-2");
}

TEST(ProtoReaderTest, WhatIsNotKnownIsSkipped) {
  // Field 900 in each wire type, and a group in a group.
  EXPECT_EQ(Read(kProto3, {{"i"}},
                 "\xa0\x38\x05\xa1\x38"
                 "12345678\xa2\x38\x01x\xa5\x38"
                 "1234\xa3\x38\x0b\x0c\xa4\x38"
                 "\x08\x01"s),
            "1");
  // A known number with another wire type.
  EXPECT_EQ(Read(kProto3, {{"i"}, {"s"}}, "\x0a\x01x\x18\x05\x08\x01"s), "1 | \"\"");
  // No symbols of a proto2 enum: alone, in a list, in a map; and a group of the schema.
  EXPECT_EQ(Read(kProto2, {{"color"}}, "\x20\x05\x20\x09"s), "5");
  EXPECT_EQ(Read(kProto2, {{"colors"}}, "\x28\x01\x28\x09\x2a\x02\x05\x08"s), "[1, 5]");
  EXPECT_EQ(Read(kProto2, {{"by"}}, "\x32\x04\x08\x01\x10\x09\x32\x04\x08\x02\x10\x05"s), "{2: 5}");
  EXPECT_EQ(Read(kProto2, {{"old"}, {"r"}}, "\x3b\x08\x01\x3c\x08\x03"s), "missing | 3");
}

TEST(ProtoReaderTest, BrokenBytesAreErrors) {
  const auto refused = [](std::string_view bytes, std::string_view reason) {
    const std::string text = Read(kProto3, {{}}, bytes);
    EXPECT_TRUE(text.starts_with("kBadRecord: not a Protobuf message of this schema: ")) << text;
    EXPECT_NE(text.find(reason), std::string::npos) << text;
  };
  refused("\x80", "no tag of a field");
  refused("\x00"s, "no tag of a field");
  refused("\xff\xff\xff\xff\xff\x01", "no tag of a field");
  refused("\x08", "i: a number is missing or too long");
  refused("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "too long");
  refused("\x1a\x02x", "s: ends too early, in the field at byte 0");
  refused("\x1a\x01\xff", "s: a string is not UTF-8");
  refused("\x22\x03\x1a\x02x", "sub.s: ends too early, in the field at byte 2");
  refused("\x2a\x01\x80", "list: a number is missing");
  refused("\x0e", "a wire type that does not exist");
  refused("\x0c", "the end of no group");
  refused("\xa3\x38\x08\x01", "a group is not closed");
  refused("\xa3\x38\x0c", "another group ends");
  refused("\x4a\x0b\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "a Timestamp is out of range");
  std::string deep;
  for (int i = 0; i <= kMaxMessageDepth; ++i) {
    std::string length;
    PutVarint(deep.size(), length);
    deep = "\x22" + length + deep;
  }
  refused(deep, "nested deeper than 100");
  std::string groups;
  for (int i = 0; i < 200; ++i) groups += "\xa3\x38";
  refused(groups, "groups are nested deeper than 100");
}

TEST(ProtoReaderTest, NothingMakesMoreThanItsBytesAllow) {
  // A list of empty messages, each of which has all its fields as a whole.
  std::string schema = "syntax = \"proto3\"; message A { repeated A subs = 1;";
  for (int i = 2; i < 300; ++i) {
    schema += "int32 f" + std::to_string(i) + " = " + std::to_string(i) + ";";
  }
  std::string many;
  for (int i = 0; i < 20'000; ++i) many += "\x0a\x00"s;
  const std::string text = Read(schema + "}", {{"subs"}}, many);
  EXPECT_NE(text.find("more values than a record of this size may have"), std::string::npos)
      << text.substr(0, 200);
}

}  // namespace
}  // namespace sidestream::serde::protobuf
