// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What the golden vectors do not show: slots, names, and schemas that do not meet.

#include "serde/avro/resolution.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/serde_avro/avro_case.h"

namespace sidestream::serde::avro {
namespace {

using namespace std::string_literals;

constexpr std::string_view kOrder =
    "{'type':'record','name':'Order','fields':[{'name':'note','type':'string'},"
    "{'name':'id','type':'int'},{'name':'buyer','type':['null',{'type':'record','name':'Buyer',"
    "'fields':[{'name':'name','type':'string'},{'name':'tags','type':{'type':'array','items':"
    "'string'}}]}]},{'name':'prices','type':{'type':'map','values':'double'}}]}";

// note "n", id 7, buyer {name "Ann", tags ["x"]}, prices {a: 1.5}
const std::string kOrderBytes =
    "\x02n\x0e\x02\x06"
    "Ann\x02\x02x\x00\x02\x02"
    "a\x00\x00\x00\x00\x00\x00\xf8\x3f\x00"s;

TEST(ResolutionTest, SlotsAreFilledFromPaths) {
  EXPECT_EQ(ReadAs(kOrder, kOrder, kOrderBytes, {{"id"}, {"buyer", "name"}, {"prices", "a"}}),
            "7 | \"Ann\" | 1.5");
  EXPECT_EQ(ReadAs(kOrder, kOrder, kOrderBytes, {{"buyer"}, {"buyer", "tags"}}),
            "{\"name\": \"Ann\", \"tags\": [\"x\"]} | [\"x\"]");
  EXPECT_EQ(ReadAs(kOrder, kOrder, kOrderBytes, {{}, {"id"}, {"nowhere"}, {"id", "below"}}),
            "{\"note\": \"n\", \"id\": 7, \"buyer\": {\"name\": \"Ann\", \"tags\": [\"x\"]}, "
            "\"prices\": {\"a\": 1.5}} | 7 | missing | missing");
  EXPECT_EQ(ReadAs(kOrder, kOrder, kOrderBytes, {{"nowhere"}, {"prices", "b"}, {"note", "x"}}),
            "missing | missing | missing");
  EXPECT_EQ(ReadAs(kOrder, kOrder, "\x02n\x0e\x00\x00"s, {{"buyer"}, {"buyer", "name"}}),
            "null | missing");
}

TEST(ResolutionTest, OfEqualKeysTheLastWins) {
  constexpr std::string_view kMap =
      "{'type':'map','values':['int',{'type':'record','name':'R','fields':["
      "{'name':'x','type':'int'}]}]}";
  const std::string twice = "\x04\x02k\x02\x02\x02k\x00\x04\x00"s;
  EXPECT_EQ(ReadAs(kMap, kMap, twice), "{\"k\": 2}");
  EXPECT_EQ(ReadAs(kMap, kMap, twice, {{"k"}}), "2");
  EXPECT_EQ(ReadAs(kMap, kMap, twice, {{"k", "x"}}), "missing");
  std::string many = "\x50";
  for (int i = 0; i < 40; ++i) many += "\x02"s + static_cast<char>('a' + i % 20) + '\0' + '\x02';
  EXPECT_TRUE(ReadAs(kMap, kMap, many + '\0').starts_with("{\"a\": 1, \"b\": 1, \"c\": 1"));
}

TEST(ResolutionTest, DefaultsFillSlots) {
  constexpr std::string_view kEmpty = "{'type':'record','name':'R','fields':[]}";
  constexpr std::string_view kFull =
      "{'type':'record','name':'Other','fields':[{'name':'a','type':'int','default':3},"
      "{'name':'m','type':{'type':'map','values':'int'},'default':{'k':4}}]}";
  EXPECT_EQ(ReadAs(kEmpty, kFull, "", {{"a"}, {"m", "k"}, {"m"}, {"m", "z"}}),
            "3 | 4 | {\"k\": 4} | missing");
}

TEST(ResolutionTest, AFieldKeepsItsNameBeforeAnAliasTakesIt) {
  EXPECT_EQ(ReadAs("{'type':'record','name':'R','fields':[{'name':'a','type':'int'}]}",
                   "{'type':'record','name':'R','fields':[{'name':'b','type':'int','default':9,"
                   "'aliases':['a']},{'name':'a','type':'int'}]}",
                   "\x02"),
            "{\"b\": 9, \"a\": 1}");
}

TEST(ResolutionTest, UnitsAndScalesAreTheWriters) {
  EXPECT_EQ(ReadAs("{'type':'long','logicalType':'timestamp-millis'}",
                   "{'type':'long','logicalType':'timestamp-micros'}", "\xd0\x0f"),
            Read("{'type':'long','logicalType':'timestamp-millis'}", "\xd0\x0f"));
  EXPECT_EQ(ReadAs("{'type':'bytes','logicalType':'decimal','precision':4,'scale':1}",
                   "{'type':'bytes','logicalType':'decimal','precision':9,'scale':3}", "\x02\x0f"),
            "decimal('1.5')");
  EXPECT_EQ(ReadAs("'long'", "{'type':'long','logicalType':'time-micros'}", "\x02"),
            Read("{'type':'long','logicalType':'time-micros'}", "\x02"));
}

TEST(ResolutionTest, SchemasThatNeverMeetAreFoundAtOnce) {
  EXPECT_EQ(ReadAs("'string'", "'int'", ""),
            "kInvalidConfig: schemas do not meet: the data is string, the reader wants int");
  EXPECT_EQ(ReadAs("'long'", "'int'", ""),
            "kInvalidConfig: schemas do not meet: the data is long, the reader wants int");
  EXPECT_EQ(ReadAs("{'type':'record','name':'R','fields':[{'name':'a','type':{'type':'record',"
                   "'name':'S','fields':[]}}]}",
                   "{'type':'record','name':'R','fields':[{'name':'a','type':{'type':'record',"
                   "'name':'S','fields':[{'name':'x','type':'int'}]}}]}",
                   ""),
            "kInvalidConfig: schemas do not meet at a: field 'x' of the reader's record S is not "
            "in the data and has no default");
  EXPECT_EQ(
      ReadAs("{'type':'fixed','name':'F','size':2}", "{'type':'fixed','name':'F','size':3}", "ab"),
      "kInvalidConfig: schemas do not meet: the data is fixed F, the reader wants fixed F");
  EXPECT_EQ(ReadAs("{'type':'record','name':'R','fields':[]}",
                   "{'type':'record','name':'R','fields':[{'name':'a','type':'int','default':"
                   "'x'}]}",
                   ""),
            "kInvalidConfig: schemas do not meet: the default of field 'a' does not fit its type: "
            "wanted int, found \"x\"");
}

TEST(ResolutionTest, BranchesAndSymbolsFailWhereDataHasThem) {
  EXPECT_EQ(ReadAs("['int','string']", "'int'", "\x00\x02"s), "1");
  EXPECT_EQ(ReadAs("['int','string']", "'int'", "\x02\x02x"),
            "kBadRecord: not Avro of this schema: the data is string, the reader wants int at "
            "byte 1");
  constexpr std::string_view kWriter = "{'type':'enum','name':'E','symbols':['A','B']}";
  constexpr std::string_view kReader =
      "{'type':'enum','name':'n.New','aliases':['E'],'symbols':['B']}";
  EXPECT_EQ(ReadAs(kWriter, kReader, "\x02"), "\"B\"");
  EXPECT_EQ(ReadAs(kWriter, kReader, "\0"s),
            "kBadRecord: not Avro of this schema: the reader's enum has neither the symbol 'A' nor "
            "a default at byte 1");
}

}  // namespace
}  // namespace sidestream::serde::avro
