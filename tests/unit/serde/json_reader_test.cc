// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "tests/unit/serde/read_case.h"

namespace sidestream::serde {
namespace {

using namespace std::string_literals;

const FormatSpec kJson{.kind = FormatKind::kJson};

std::string Whole(std::string_view text) { return ReadText(kJson, {{}}, text); }

std::string Nested(int depth, std::string_view inside) {
  return std::string(static_cast<size_t>(depth), '[') + std::string(inside) +
         std::string(static_cast<size_t>(depth), ']');
}

TEST(JsonReaderTest, NumbersKeepTheirKind) {
  EXPECT_EQ(Whole("0"), "0");
  EXPECT_EQ(Whole("-0"), "0");
  EXPECT_EQ(Whole(" -17\n"), "-17");
  EXPECT_EQ(Whole("999999999999999999"), "999999999999999999");
  EXPECT_EQ(Whole("9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(Whole("-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(Whole("9223372036854775808"), "9223372036854775808u");
  EXPECT_EQ(Whole("18446744073709551615"), "18446744073709551615u");
  EXPECT_EQ(Whole("18446744073709551616"), "18446744073709551616");  // a double
  EXPECT_EQ(Whole("-9223372036854775809"), "-9223372036854775808");  // a double
  EXPECT_EQ(Whole("[1.5,1e3,-2.5E-1]"), "[1.5, 1000, -0.25]");
  EXPECT_EQ(Whole("1e-400"), "0");
  EXPECT_EQ(Whole("0.1e1"), "1");
  EXPECT_EQ(Whole("1" + std::string(300, '0')), "1e+300");
}

TEST(JsonReaderTest, ANumberBeyondADoubleIsABadRecord) {
  EXPECT_NE(Whole("[1,1e400]").find("beyond the range of double at byte 3"), std::string::npos);
  EXPECT_NE(Whole("1" + std::string(400, '0')).find("beyond"), std::string::npos);
  EXPECT_NE(Whole("-1e999999999999").find("beyond"), std::string::npos);
}

TEST(JsonReaderTest, StringsAreUnescaped) {
  EXPECT_EQ(Whole(R"("")"), R"("")");
  EXPECT_EQ(Whole(R"("a\"b\\c\/d")"), R"("a\"b\\c/d")");
  EXPECT_EQ(Whole(R"("\b\f\n\r\t")"), R"("\x08\x0c\x0a\x0d\x09")");
  EXPECT_EQ(Whole(R"("\u0041\u00e9\u20AC\ud83d\ude00")"), "\"Aé€😀\"");
  EXPECT_EQ(Whole(R"(["\u0000x"])"), R"(["\x00x"])");
}

TEST(JsonReaderTest, WholeValuesKeepTheOrderOfKeys) {
  EXPECT_EQ(Whole(R"({"z":1,"a":{"y":[],"b":{}},"":null})"),
            R"({"z": 1, "a": {"y": [], "b": {}}, "": null})");
}

TEST(JsonReaderTest, OfEqualKeysTheLastWinsInThePlaceOfTheFirst) {
  EXPECT_EQ(Whole(R"({"a":1,"b":2,"a":3})"), R"({"a": 3, "b": 2})");
  EXPECT_EQ(Whole(R"({"a":1,"\u0061":2})"), R"({"a": 2})");
  EXPECT_EQ(ReadText(kJson, {{"a", "x"}, {"a", "y"}}, R"({"a":{"x":1},"a":{"y":2}})"),
            "missing | 2");
  EXPECT_EQ(ReadText(kJson, {{"a", "x"}}, R"({"a":{"x":1},"a":7})"), "missing");
  EXPECT_EQ(ReadText(kJson, {{"a"}}, R"({"a":1,"\u0061":2})"), "2");
}

// Above 64 keys duplicates are found by sorting.
TEST(JsonReaderTest, OfManyEqualKeysTheLastWinsToo) {
  for (const int count : {63, 64, 65, 66, 200}) {
    std::string text = "{";
    std::string expected = "{";
    for (int i = 0; i < count; ++i) {
      const std::string key = "key" + std::to_string(i * 7919 % count);
      text += "\"" + key + "\":" + std::to_string(i) + ",";
      const int last = i == 1 ? 1000 : i == 5 ? 1001 : i;
      expected += (i > 0 ? ", \"" : "\"") + key + "\": " + std::to_string(last);
    }
    text += "\"key" + std::to_string(7919 % count) + "\":1000,";
    text += "\"key" + std::to_string(5 * 7919 % count) + "\":1,";
    text += "\"key" + std::to_string(5 * 7919 % count) + "\":1001}";
    EXPECT_EQ(Whole(text), expected + "}") << count;
  }
}

TEST(JsonReaderTest, PathsAreFilledInOnePassInAnyOrder) {
  const std::string text =
      R"({"skip":{"a":[1,{"b":"}"}]},"user":{"id":7,"name":"n","deep":{"x":true}},"id":null})";
  EXPECT_EQ(ReadText(kJson, {{"id"}, {"user", "id"}, {"user", "deep", "x"}, {"gone"}}, text),
            "null | 7 | true | missing");
  EXPECT_EQ(
      ReadText(kJson, {{"user"}, {"user", "name"}, {"user", "gone"}, {"user", "id", "x"}}, text),
      R"({"id": 7, "name": "n", "deep": {"x": true}} | "n" | missing | missing)");
  EXPECT_EQ(ReadText(kJson, {{}, {"id"}, {"id"}}, R"({"id":5})"), R"({"id": 5} | 5 | 5)");
}

TEST(JsonReaderTest, FieldsBelowSomethingThatIsNoMapAreMissing) {
  for (const std::string_view text :
       {"[]", "5", "\"a\"", "null", R"({"a":[{"b":1}]})", R"({"a":"b"})", R"({"a":null})", "{}"}) {
    EXPECT_EQ(ReadText(kJson, {{"a", "b"}}, text), "missing") << text;
  }
}

TEST(JsonReaderTest, KeysWithEscapesAndOddNamesAreFound) {
  EXPECT_EQ(ReadText(kJson, {{"a\"b"}, {"é"}, {""}}, R"({"a\"b":1,"\u00e9":2,"":3})"), "1 | 2 | 3");
}

struct BadCase {
  std::string text;
  std::string_view reason;
};

// The grammar is checked also where nothing is decoded.
TEST(JsonReaderTest, WhatIsNotJsonIsABadRecordWhateverIsWanted) {
  const BadCase cases[] = {
      {"", "empty text at byte 0"},
      {"  \n", "no value"},
      {"not json", "neither a number, true, false nor null at byte 0"},
      {R"({"a":1)", "',' or '}' expected at byte 6"},
      {R"({"a":1}})", "something follows the value at byte 7"},
      {R"({"a":1} {"a":2})", "something follows the value at byte 8"},
      {R"({"a":1,})", "a key in quotes expected at byte 7"},
      {R"({"a":[1,]})", "a value expected at byte 8"},
      {R"({"a":[1 2]})", "',' or ']' expected at byte 8"},
      {R"({"a":[1}])", "',' or ']' expected at byte 7"},
      {R"({"a" 1})", "':' expected at byte 5"},
      {R"({a:1})", "a key in quotes expected at byte 1"},
      {R"({"a":})", "a value expected at byte 5"},
      {R"({"a":tru})", "neither a number, true, false nor null at byte 5"},
      {R"({"a":nulll})", "neither"},
      {R"({"a":01})", "neither"},
      {R"({"a":1.})", "neither"},
      {R"({"a":.5})", "neither"},
      {R"({"a":+1})", "neither"},
      {R"({"a":1e})", "neither"},
      {R"({"a":--1})", "neither"},
      {R"({"a":-})", "neither"},
      {R"({"a":NaN})", "neither"},
      {R"({"a":0x10})", "neither"},
      {R"({"a":'b'})", "neither"},
      {R"({"a":"\q"})", "wrong escape in a string at byte 6"},
      {R"({"a":"\u12g4"})", "wrong escape"},
      {R"({"a":"x\ud800"})", "wrong escape in a string at byte 7"},
      {R"({"a":"\udc00\ud800"})", "wrong escape"},
      {R"({"a":"\ud800\u0041"})", "wrong escape"},
      {R"({"\x":1})", "wrong escape"},
      {R"({"a":"b)", "a string without its end"},
      {R"({"a":"b"c})", "',' or '}' expected at byte 8"},
      {"{\"a\":\"b\nc\"}", "a control character in a string at byte 7"},
      {"{\"a\":\"b\xff\"}", "invalid UTF-8 at byte 7"},
      {"{\"a\":1}\xc0", "invalid UTF-8 at byte 7"},
      {"\xef\xbb\xbf{\"a\":1}", "neither a number"},
      {"{\"a\":1}\0"s, "something follows the value"},
      {"/* c */ {}", "neither"},
      {",", "a value expected"},
      {"]", "a value expected"},
      {"[", "a value expected at byte 1"},
      {"{", "a key in quotes expected at byte 1"},
  };
  for (const BadCase& c : cases) {
    for (const std::vector<std::vector<std::string>>& paths :
         {std::vector<std::vector<std::string>>{{}}, {{"a"}}, {{"a", "b"}}, {{"other"}}, {}}) {
      const std::string text = ReadText(kJson, paths, c.text);
      EXPECT_TRUE(text.starts_with("kBadRecord: not valid JSON: ")) << c.text << " -> " << text;
      EXPECT_NE(text.find(c.reason), std::string::npos) << c.text << " -> " << text;
    }
  }
}

TEST(JsonReaderTest, DepthIsBounded) {
  EXPECT_TRUE(Whole(Nested(kMaxDepth, "1")).starts_with("[[["));
  for (const int depth : {kMaxDepth + 1, 200'000}) {
    EXPECT_NE(Whole(Nested(depth, "1")).find("nested too deep"), std::string::npos);
    EXPECT_NE(ReadText(kJson, {{"a"}}, "{\"b\":" + Nested(depth, "") + "}").find("nested too deep"),
              std::string::npos);
  }
  // What was skipped before does not count.
  const std::string twice = "[" + Nested(499, "") + "," + Nested(499, "") + ",{},[]]";
  EXPECT_EQ(ReadText(kJson, {{"a"}}, twice), "missing");
}

TEST(JsonReaderTest, TypesConvertWhatIsRead) {
  const FormatSpec format{.kind = FormatKind::kJson,
                          .fields = {{"id", FieldType::kInt},
                                     {"amount", FieldType::kDouble},
                                     {"at", FieldType::kTimestamp},
                                     {"took", FieldType::kDuration},
                                     {"raw", FieldType::kBytes},
                                     {"items[].price", FieldType::kDouble},
                                     {"grid[][]", FieldType::kInt},
                                     {"a.ok", FieldType::kBool}}};
  EXPECT_EQ(ReadText(format, {{}},
                     R"({"id":5.0,"amount":3,"at":1500,"took":"1.5s","raw":"AAE=",)"
                     R"("items":[{"price":1,"n":1},{"n":2},{"price":null}],"grid":[[1.0],[2]],)"
                     R"("a":{"ok":true},"free":1.0})"),
            R"({"id": 5, "amount": 3, "at": timestamp(1s+500000000ns), )"
            R"("took": duration(1s+500000000ns), "raw": b"\x00\x01", )"
            R"("items": [{"price": 1, "n": 1}, {"n": 2}, {"price": null}], "grid": [[1], [2]], )"
            R"("a": {"ok": true}, "free": 1})");
  EXPECT_EQ(ReadText(format, {{"at"}, {"amount"}},
                     R"({"at":"2026-01-01T00:00:00.5+01:00","amount":18446744073709551615})"),
            "timestamp(1767222000s+500000000ns) | 18446744073709551616");
  EXPECT_EQ(ReadText(format, {{"at"}}, R"({"at":-1})"), "timestamp(-1s+999000000ns)");
  EXPECT_EQ(ReadText(format, {{"id"}, {"a", "ok"}}, R"({"id":null,"a":null})"), "null | missing");
}

TEST(JsonReaderTest, DecimalsKeepTheDigitsOfTheText) {
  const FormatSpec format{.kind = FormatKind::kJson,
                          .fields = {{"a", FieldType::kDecimal}, {"l[]", FieldType::kDecimal}}};
  EXPECT_EQ(ReadText(format, {{"a"}, {"l"}},
                     R"({"a":0.10000000000000000000000000000001,"l":[1.50,"2.50",7,-1e2,null]})"),
            "decimal('0.10000000000000000000000000000001') | [decimal('1.50'), decimal('2.50'), "
            "decimal('7'), decimal('-100'), null]");
  EXPECT_EQ(ReadText(format, {{"a"}}, R"({"a":"x"})"),
            "kBadRecord: field 'a' does not fit its type: wanted decimal, found string \"x\" at "
            "byte 5");
  for (const std::string_view text : {R"({"a":1e50})", R"({"a":true})", R"({"a":01})", R"({"a":})",
                                      R"({"a":{}})", R"({"a":1.5)"}) {
    EXPECT_TRUE(ReadText(format, {{}}, text).starts_with("kBadRecord")) << text;
  }
}

TEST(JsonReaderTest, AValueThatDoesNotFitItsTypeNamesFieldWantedAndFound) {
  const FormatSpec format{.kind = FormatKind::kJson,
                          .fields = {{"id", FieldType::kInt},
                                     {"name", FieldType::kString},
                                     {"at", FieldType::kTimestamp},
                                     {"items[].price", FieldType::kDouble}}};
  EXPECT_EQ(ReadText(format, {{}}, R"({"items":[{"price":1},{"price":"x"}]})"),
            "kBadRecord: field 'items[].price' does not fit its type: wanted double, found string "
            "\"x\" at byte 31");
  EXPECT_EQ(ReadText(format, {{"id"}}, R"({"id":1.5})"),
            "kBadRecord: field 'id' does not fit its type: wanted int, found double 1.5 at byte 6");
  for (const std::string_view text :
       {R"({"id":"5"})", R"({"id":1e30})", R"({"id":18446744073709551615})", R"({"id":true})",
        R"({"id":[]})", R"({"name":5})", R"({"at":"yesterday"})", R"({"at":true})",
        R"({"at":1.5})"}) {
    EXPECT_NE(ReadText(format, {{}}, text).find("does not fit its type"), std::string::npos)
        << text;
    // A field that nobody reads is not converted.
    EXPECT_EQ(ReadText(format, {{"other"}}, text), "missing") << text;
  }
}

TEST(JsonReaderTest, AFieldCannotHaveTwoTypes) {
  const FormatSpec format{.kind = FormatKind::kJson,
                          .fields = {{"a", FieldType::kInt}, {"a", FieldType::kDouble}}};
  EXPECT_EQ(ReadText(format, {{}}, "{}"), "kInvalidConfig: field path 'a' has two types");
}

TEST(JsonReaderTest, StringsWithoutEscapesPointIntoTheBytes) {
  const std::string bytes = R"({"a":"plain","b":"esc\n"})";
  auto reader = Reader::Create(kJson, {{{"a"}, 0}, {{"b"}, 1}});
  ASSERT_TRUE(reader.ok());
  Arena arena;
  std::vector<Value> slots(2);
  ASSERT_TRUE((*reader)->Read(bytes, slots, arena).ok());
  const auto inside = [&](const Value& value) {
    return value.string_value().data() >= bytes.data() &&
           value.string_value().data() < bytes.data() + bytes.size();
  };
  EXPECT_TRUE(inside(slots[0]));
  EXPECT_FALSE(inside(slots[1]));
}

TEST(JsonReaderTest, AReaderGoesOnAfterABadRecord) {
  auto reader = Reader::Create(kJson, {{{}, 0}});
  ASSERT_TRUE(reader.ok());
  Arena arena;
  Value slot;
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE((*reader)->Read(R"({"a":[1,{"b":)", std::span(&slot, 1), arena).ok());
    ASSERT_TRUE((*reader)->Read(R"({"a":[1]})", std::span(&slot, 1), arena).ok());
    EXPECT_EQ(DebugString(slot), R"({"a": [1]})");
  }
}

TEST(JsonReaderTest, LargeRecordsGrowAndGiveBackTheIndex) {
  const std::string text = "[\"" + std::string(6 << 20, 'x') + "\"]";
  auto reader = Reader::Create(kJson, {{{}, 0}});
  ASSERT_TRUE(reader.ok());
  for (int i = 0; i < 2; ++i) {
    Arena arena;
    Value slot;
    ASSERT_TRUE((*reader)->Read(text, std::span(&slot, 1), arena).ok());
    EXPECT_EQ(slot.list()[0].string_value().size(), size_t{6} << 20);
    ASSERT_TRUE((*reader)->Read("[1]", std::span(&slot, 1), arena).ok());
    EXPECT_EQ(DebugString(slot), "[1]");
  }
}

// Behind the text lies a page that may not be read: a single byte too far ends the test.
TEST(JsonReaderTest, ReadsNoByteBehindTheText) {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  void* const mapped =
      mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(mapped, MAP_FAILED);
  char* const memory = static_cast<char*>(mapped);
  ASSERT_EQ(mprotect(memory + page, page, PROT_NONE), 0);
  auto reader = Reader::Create(kJson, {{{}, 0}, {{"a"}, 1}});
  ASSERT_TRUE(reader.ok());
  for (size_t length = 0; length < 300; ++length) {
    for (const std::string& text :
         {"{\"a\":\"" + std::string(length, 'x') + "\"}",
          "{\"a\":[" + std::string(length, ' ') + "1]}", "1" + std::string(length, '0'),
          "\"" + std::string(length, 'x')}) {
      std::memcpy(memory + page - text.size(), text.data(), text.size());
      Arena arena;
      std::vector<Value> slots(2);
      (void)(*reader)->Read(std::string_view(memory + page - text.size(), text.size()), slots,
                            arena);
    }
  }
  munmap(mapped, 2 * page);
}

TEST(JsonReaderTest, TakesNothingFromTheSystemInTheSteadyState) {
  auto reader = Reader::Create(kJson, {{{}, 0}, {{"a", "b"}, 1}});
  ASSERT_TRUE(reader.ok());
  Arena arena;
  std::vector<Value> slots(2);
  size_t reserved = 0;
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE((*reader)->Read(R"({"a":{"b":[1,2,3]},"c":"text"})", slots, arena).ok());
    if (i == 1) reserved = arena.reserved_bytes();
    if (i > 1) {
      EXPECT_EQ(arena.reserved_bytes(), reserved);
    }
    arena.Reset();
  }
}

}  // namespace
}  // namespace sidestream::serde
