// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Bytes that ask for more than they hold, and the short form of the Avro fuzz targets
// (the long form is libFuzzer's, tests/fuzz).

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "serde/avro/binary.h"
#include "tests/support/short_fuzz.h"
#include "tests/unit/serde_avro/avro_case.h"

// tests/fuzz/fuzz_avro_*.cc, whose entry points CMakeLists.txt renames.
extern "C" {
int FuzzAvroData(const uint8_t* data, size_t size);
int FuzzAvroSchema(const uint8_t* data, size_t size);
}

namespace sidestream::serde::avro {
namespace {

using namespace std::string_literals;

constexpr std::string_view kPair =
    "{'type':'record','name':'R','fields':[{'name':'a','type':'%'},{'name':'b','type':'int'}]}";

/// What a whole read says, and what stepping over the same bytes says.
void Refused(std::string_view schema, std::string_view bytes, std::string_view reason) {
  const std::string whole = Read(schema, bytes);
  EXPECT_TRUE(whole.starts_with("kBadRecord: not Avro of this schema: ")) << whole;
  EXPECT_NE(whole.find(reason), std::string::npos) << whole;
  const std::string skipped = ReadAs(schema, schema, bytes, {});
  EXPECT_TRUE(skipped.starts_with("kBadRecord")) << schema << " " << skipped;
}

TEST(HostileBytesTest, NothingIsReadBehindTheEnd) {
  Refused("'boolean'", "", "a boolean is missing");
  Refused("'int'", "", "an int is missing");
  Refused("'long'", "\x80", "a long is missing");
  Refused("'float'", "\1\2\3", "a float ends too early");
  Refused("'double'", "\1\2\3\4\5\6\7", "a double ends too early");
  Refused("'string'", "\x06xy", "string ends too early");
  Refused("'bytes'", "\x01", "bytes ends too early");
  Refused("'bytes'", "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01", "bytes ends too early");
  Refused("{'type':'fixed','name':'F','size':3}", "xy", "fixed F ends too early");
  Refused("['null','int']", "\x04", "branch 2 of a union of 2");
  Refused("['null','int']", "\x01", "branch -1 of a union of 2");
  Refused("'int'", "\x02\x02", "bytes behind the value at byte 1");
  Refused("{'type':'array','items':'int'}", "\x02\x02", "the count of a block is missing");
}

TEST(HostileBytesTest, NumbersBeyondTheirTypeAreRefused) {
  EXPECT_EQ(Read("'int'", "\xff\xff\xff\xff\x0f"), "-2147483648");
  EXPECT_NE(Read("'int'", "\x80\x80\x80\x80\x10").find("too large"), std::string::npos);
  EXPECT_EQ(Read("'long'", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "-9223372036854775808");
  EXPECT_NE(Read("'long'", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02").find("too large"),
            std::string::npos);
  EXPECT_NE(Read("'long'", "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01").find("too large"),
            std::string::npos);
  EXPECT_NE(Read("'boolean'", "\x02").find("neither 0 nor 1"), std::string::npos);
  EXPECT_NE(Read("{'type':'enum','name':'E','symbols':['A']}", "\x02").find("symbol 1 of enum E"),
            std::string::npos);
  EXPECT_NE(Read("'string'", "\x04\xc3\x28").find("not UTF-8"), std::string::npos);
  // What nobody wants is not looked at.
  EXPECT_EQ(ReadAs("'string'", "'string'", "\x04\xc3\x28", {}), "");
}

std::string Counted(int64_t count) {
  std::string bytes;
  PutLong(count, bytes);
  return bytes;
}

TEST(HostileBytesTest, ACountNeedsItsItems) {
  const int64_t most = INT64_MAX;
  Refused("{'type':'array','items':'int'}", Counted(most), "items in 0 bytes");
  Refused("{'type':'map','values':'null'}", Counted(1 << 30) + "\0"s, "items in 1 bytes");
  Refused("{'type':'array','items':'double'}", Counted(2) + "123456789012345", "items in 15 bytes");
  Refused("{'type':'array','items':'int'}", Counted(INT64_MIN) + "\0\0"s, "items in 1 bytes");
  Refused("{'type':'array','items':'int'}", Counted(-1) + Counted(100), "longer than the record");
  Refused("{'type':'array','items':'int'}", Counted(-1) + Counted(-1), "longer than the record");
  const std::string lies = Counted(-1) + Counted(2) + "\x02" + "\0"s;
  EXPECT_NE(Read("{'type':'array','items':'int'}", lies).find("not as long as it says"),
            std::string::npos);
}

TEST(HostileBytesTest, FiveBytesMakeNoBillionNulls) {
  Refused("{'type':'array','items':'null'}", Counted(int64_t{1} << 31) + "\0"s,
          "too many values that take no bytes");
  Refused("{'type':'array','items':{'type':'fixed','name':'F','size':0}}",
          Counted(int64_t{1} << 31) + "\0"s, "too many values that take no bytes");
  // Within the bound they are what they are.
  EXPECT_TRUE(
      Read("{'type':'array','items':'null'}", Counted(60'000) + "\0"s).starts_with("[null, null"));
  // Over several blocks the bound is one.
  Refused("{'type':'array','items':'null'}", Counted(60'000) + Counted(60'000) + "\0"s,
          "too many values that take no bytes");
}

// Each record holds the one before twice: 2^40 nulls in no bytes.
TEST(HostileBytesTest, RecordsOfNothingInEachOtherAreBounded) {
  std::string schema = "{'type':'record','name':'R0','fields':[{'name':'n','type':'null'}]}";
  for (int i = 1; i <= 40; ++i) {
    schema = "{'type':'record','name':'R" + std::to_string(i) +
             "','fields':[{'name':'a','type':" + schema + "},{'name':'b','type':'R" +
             std::to_string(i - 1) + "'}]}";
  }
  EXPECT_NE(Read(schema, "").find("too many values that take no bytes"), std::string::npos);
  EXPECT_EQ(ReadAs(schema, schema, "", {}), "");
}

TEST(HostileBytesTest, NestingIsBounded) {
  constexpr std::string_view kList =
      "{'type':'record','name':'L','fields':[{'name':'next','type':['null','L']}]}";
  EXPECT_TRUE(Read(kList, std::string(400, '\2') + "\0"s).starts_with("{\"next\": {\"next\": "));
  Refused(kList, std::string(100'000, '\2'), "nested deeper than 500");
}

TEST(HostileBytesTest, TheMessageNamesTheField) {
  std::string schema(kPair);
  schema.replace(schema.find("'%'"), 3, "{'type':'map','values':'boolean'}");
  EXPECT_EQ(Read(schema, "\x02\x02k\x07"),
            "kBadRecord: not Avro of this schema: a.k: a boolean is missing or neither 0 nor 1 at "
            "byte 3");
}

class AvroFuzzTest : public testing::ShortFuzz {};

TEST_F(AvroFuzzTest, Schema) {
  Run(FuzzAvroSchema,
      {Quoted("{'type':'record','name':'a.R','fields':[{'name':'x','type':['null','R'],"
              "'default':null},{'name':'y','type':'a.R'}]}"),
       Quoted("{'type':'enum','name':'E','symbols':['A','B'],'default':'A','aliases':['F']}"),
       Quoted("{'type':'bytes','logicalType':'decimal','precision':9,'scale':2}"),
       Quoted("['int',{'type':'map','values':{'type':'fixed','name':'F','size':12,"
              "'logicalType':'duration'}}]"),
       Quoted("{'type':'record','name':'D','fields':[{'name':'l','type':{'type':'array','items':"
              "'D'},'default':[{'l':[]}]}]}")});
}

TEST_F(AvroFuzzTest, Data) {
  std::vector<std::string> good;
  for (int i = 0; i < 40; ++i) {
    std::string bytes(1, static_cast<char>(i));
    for (size_t left = Index(40); left > 0; --left) {
      bytes.push_back(static_cast<char>(Index(10) == 0 ? Index(256) : Index(6)));
    }
    good.push_back(std::move(bytes));
  }
  Run(FuzzAvroData, good);
}

}  // namespace
}  // namespace sidestream::serde::avro
