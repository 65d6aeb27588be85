// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What an application only copies from JSON to JSON leaves as the text that came, and what
// anybody looks into does not.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/plan_driver.h"

namespace sidestream::testing {
namespace {

std::string Topology(const std::string& steps, const std::string& in = "json",
                     const std::string& out = "json") {
  return "version: 1\napplication: { id: text }\nstreams:\n"
         "  in: { topic: in, key: string, value: " +
         in + " }\n  out: { topic: out, key: string, value: " + out +
         " }\npipelines:\n  p:\n    from: in\n    steps:\n" + steps + "    to: out\n";
}

// Numbers that no writer would write so, an escape, blanks.
constexpr const char* kInput =
    R"({ "id": 1.50, "big": 123456789012345678901234567890, "text": "\u0041/\/",)"
    R"( "nested": { "b": [ 1 , 2.0 ], "a": {} }, "nothing": null, "flag": true })";

// The value that comes out, or why none does.
std::string ResultOf(const std::string& topology, const std::string& value = kInput) {
  PlanDriver driver(topology, 1);
  if (!driver.error().empty()) return driver.error();
  ProducedRecord record;
  record.key = "k";
  record.value = value;
  record.timestamp = Timestamp(1);
  driver.Add("in", record);
  const Status status = driver.Run();
  if (!status.ok()) return status.message();
  const std::vector<ProducedRecord> records = driver.Records("out");
  return records.size() == 1 ? records[0].value.value_or("<null>") : "not one record";
}

std::string Map(const std::string& fields) { return "      - map: { " + fields + " }\n"; }

TEST(UntouchedTextTest, LeavesAsItCame) {
  EXPECT_EQ(ResultOf(Topology(Map("i: value.id, b: value.big, t: value.text, f: value.flag"))),
            R"({"i":1.50,"b":123456789012345678901234567890,"t":"\u0041/\/","f":true})");
  EXPECT_EQ(ResultOf(Topology(Map("n: value.nested, x: value.nothing"))),
            R"({"n":{ "b": [ 1 , 2.0 ], "a": {} },"x":null})");
}

TEST(UntouchedTextTest, LeavesBesideAnExpressionOnOtherFields) {
  EXPECT_EQ(ResultOf(Topology("      - filter: value.flag\n" + Map("i: value.id, f: '!value.flag'"))),
            R"({"i":1.50,"f":false})");
}

TEST(UntouchedTextTest, SeveralCopiesAreCopies) {
  EXPECT_EQ(ResultOf(Topology(Map("a: value.id, b: value.id"))), R"({"a":1.50,"b":1.50})");
}

TEST(UntouchedTextTest, WhatAnExpressionReadsIsDecodedForAll) {
  EXPECT_EQ(ResultOf(Topology(Map("i: value.id, d: value.id * 2"))), R"({"i":1.5,"d":3.0})");
  EXPECT_EQ(ResultOf(Topology("      - filter: value.id > 1\n" + Map("i: value.id"))), R"({"i":1.5})");
  EXPECT_EQ(ResultOf(Topology("      - rekey: value.text\n" + Map("t: value.text"))), R"({"t":"A//"})");
  EXPECT_EQ(ResultOf(Topology(Map("n: value.nested, a: 'value.nested.b[1]'"))),
            R"({"n":{"b":[1,2.0],"a":{}},"a":2.0})");
}

TEST(UntouchedTextTest, ALaterStepSeesValues) {
  EXPECT_EQ(ResultOf(Topology(Map("i: value.id") + "      - set: { j: value.i + 1.0 }\n")),
            R"({"i":1.5,"j":2.5})");
  EXPECT_EQ(ResultOf(Topology(Map("i: value.id") + "      - filter: 'size(value) == 1'\n")),
            R"({"i":1.5})");
  EXPECT_EQ(ResultOf(Topology(Map("i: value.id") + "      - map: value\n")), R"({"i":1.5})");
  EXPECT_EQ(ResultOf(Topology(Map("i: value.id") + "      - unset: [j]\n")), R"({"i":1.5})");
}

TEST(UntouchedTextTest, AHopAndAnAggregateSeeValues) {
  EXPECT_EQ(ResultOf(Topology(Map("i: value.id") + "      - { name: hop, repartition: {} }\n")),
            R"({"i":1.5})");
  EXPECT_EQ(ResultOf(Topology(Map("i: value.id") +
                         "      - name: total\n        aggregate: { group_by: key, fields: { t: "
                         "sum(value.i) } }\n")),
            R"({"t":1.5})");
}

TEST(UntouchedTextTest, ADeclaredTypeIsChecked) {
  const std::string typed = "{ format: json, fields: { id: int } }";
  EXPECT_NE(ResultOf(Topology(Map("i: value.id"), typed)).find("field 'id' does not fit its type"),
            std::string::npos);
}

TEST(UntouchedTextTest, ABrokenTextIsFound) {
  EXPECT_NE(ResultOf(Topology(Map("i: value.id")), R"({"id":{"a":01}})").find("not valid JSON"),
            std::string::npos);
  EXPECT_NE(ResultOf(Topology(Map("i: value.id")), R"({"id":"\x"})").find("wrong escape"),
            std::string::npos);
}

TEST(UntouchedTextTest, AMissingFieldIsAnError) {
  EXPECT_NE(ResultOf(Topology(Map("i: value.absent"))).find("field is missing: value.absent"),
            std::string::npos);
}

}  // namespace
}  // namespace sidestream::testing
