// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <string>

#include "serde/protobuf/proto_writer.h"
#include "tests/unit/serde/format_case.h"
#include "tests/unit/serde/read_case.h"

namespace sidestream::serde::protobuf {
namespace {

using namespace std::string_literals;

constexpr std::string_view kSchema = R"(
  syntax = "proto3";
  import "google/protobuf/timestamp.proto";
  import "google/protobuf/duration.proto";
  import "google/protobuf/wrappers.proto";
  import "google/protobuf/struct.proto";
  message A {
    string name = 2;
    int32 id = 1;
    optional uint32 count = 3;
    float ratio = 4;
    repeated int32 list = 5;
    map<int64, string> labels = 6;
    oneof pick { string left = 7; bool right = 8; }
    google.protobuf.Timestamp at = 9;
    google.protobuf.Duration took = 10;
    google.protobuf.StringValue note = 11;
    google.protobuf.Value any_value = 12;
    enum Color { RED = 0; BLUE = 5; }
    Color color = 13;
    A sub = 14;
    repeated A subs = 15;
  })";

FormatSpec Format(std::string_view schema = kSchema) {
  return {.kind = FormatKind::kProtobuf, .schema = {std::string(schema), {}}};
}

std::string Write(std::string_view json) { return WriteText(Format(), json); }

/// The value, written and read again.
std::string Again(std::string_view json, const std::vector<std::vector<std::string>>& paths) {
  return ReadText(Format(), paths, Write(json));
}

TEST(ProtoWriterTest, FieldsAreInTheOrderOfTheirNumbersAndDefaultsAreLeftOut) {
  EXPECT_EQ(Write(R"({"name":"x","id":7})"), "\x08\x07\x12\x01x");
  EXPECT_EQ(Write(R"({"name":"","id":0,"ratio":0,"list":[],"labels":{},"color":"RED"})"), "");
  EXPECT_EQ(Write(R"({"count":0,"left":"","sub":{}})"), "\x18\x00\x3a\x00\x72\x00"s);
  EXPECT_EQ(Write(R"({"id":null,"note":null,"at":null})"), "");
  EXPECT_EQ(Write(R"({"ratio":-0.0})"), "\x25\x00\x00\x00\x80"s);
  EXPECT_EQ(Write(R"({"id":-1})"), "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s);
  EXPECT_EQ(Write(R"({"list":[1,300]})"), "\x2a\x03\x01\xac\x02"s);
}

TEST(ProtoWriterTest, ValuesComeBack) {
  EXPECT_EQ(Again(R"({"labels":{"-5":"a","7":"b"},"color":5,"subs":[{"id":1},{}]})",
                  {{"labels"}, {"color"}, {"subs"}})
                .substr(0, 24),
            R"({-5: "a", 7: "b"} | 5 | )");
  EXPECT_EQ(Again(R"({"at":"2026-01-01T00:00:00.5Z","took":"-1.5s","note":"n"})",
                  {{"at"}, {"took"}, {"note"}}),
            R"(timestamp(1767225600s+500000000ns) | duration(-2s+500000000ns) | "n")");
  EXPECT_EQ(Again(R"({"at":1500,"took":"-0.25s"})", {{"at"}, {"took"}}),
            R"(timestamp(1s+500000000ns) | duration(-1s+750000000ns))");
  EXPECT_EQ(Again(R"({"any_value":{"a":[1,null,"x",true,{"b":{}}]}})", {{"any_value"}}),
            R"({"a": [1, null, "x", true, {"b": {}}]})");
  EXPECT_EQ(Again(R"({"color":"BLUE"})", {{"color"}}), "5");
}

TEST(ProtoWriterTest, WhatDoesNotFitIsRefusedWithItsPlace) {
  const auto refused = [](std::string_view json, std::string_view reason) {
    EXPECT_EQ(Write(json), "kBadRecord: cannot be written as Protobuf: " + std::string(reason));
  };
  refused(R"([])", "message A does not take list []");
  refused(R"({"nam":"x"})", "message A has no field \"nam\"; did you mean name?");
  refused(R"({"sub":{"colour":1}})", "sub: message A has no field \"colour\"; did you mean color?");
  refused(R"({"id":"1"})", "id: int32 does not take string \"1\"");
  refused(R"({"id":2147483648})", "id: out of the range of int32: 2147483648");
  refused(R"({"count":-1})", "count: out of the range of uint32: -1");
  refused(R"({"ratio":1e39})", "ratio: out of the range of float: 1e+39");
  refused(R"({"list":[1,null]})", "list[1]: int32 does not take null_type null");
  refused(R"({"labels":{"x":"a"}})", "labels: a key of type int64 does not take string \"x\"");
  refused(R"({"left":"a","right":true})",
          "left and right are both set, and the oneof pick takes one");
  refused(R"({"color":"GREEN"})", "color: not a symbol of enum A.Color: \"GREEN\"");
  refused(R"({"at":"yesterday"})",
          "at: message google.protobuf.Timestamp does not take string \"yesterday\"");
  refused(R"({"any_value":9007199254740993})",
          "any_value: an integer that a google.protobuf.Value cannot hold: 9007199254740993");
}

TEST(ProtoWriterTest, Proto2WantsItsRequiredFieldsAndSymbols) {
  const FormatSpec format = Format(R"(
    syntax = "proto2";
    message B { required int32 r = 1; enum E { ONE = 1; } optional E e = 2; repeated int32 l = 3; })");
  EXPECT_EQ(WriteText(format, R"({"r":0,"l":[1,2]})"), "\x08\x00\x18\x01\x18\x02"s);
  EXPECT_EQ(WriteText(format, "{}"),
            "kBadRecord: cannot be written as Protobuf: r: a required field has no value");
  EXPECT_EQ(WriteText(format, R"({"r":1,"e":2})"),
            "kBadRecord: cannot be written as Protobuf: e: no number of enum B.E: 2");
}

}  // namespace
}  // namespace sidestream::serde::protobuf
