// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/csv_format.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/unit/serde/format_case.h"
#include "tests/unit/serde/read_case.h"

namespace sidestream::serde {
namespace {

FormatSpec Csv(std::vector<std::string> columns, std::vector<FieldSpec> fields = {}) {
  FormatSpec format{.kind = FormatKind::kCsv, .fields = std::move(fields)};
  format.csv.columns = std::move(columns);
  return format;
}

std::string Whole(const FormatSpec& format, std::string_view line) {
  return ReadText(format, {{}}, line);
}

TEST(CsvFormatTest, ALineIsCutAsRfc4180Says) {
  const FormatSpec format = Csv({"a", "b", "c"});
  EXPECT_EQ(Whole(format, "1,two,x y"), R"({"a": "1", "b": "two", "c": "x y"})");
  EXPECT_EQ(Whole(format, R"("a,b","say ""hi""",)"),
            R"({"a": "a,b", "b": "say \"hi\"", "c": null})");
  EXPECT_EQ(Whole(format, "\"two\nlines\",\" x \",\"\""),
            R"({"a": "two\x0alines", "b": " x ", "c": ""})");
  EXPECT_EQ(Whole(format, "1,2,3\r\n"), R"({"a": "1", "b": "2", "c": "3"})");
  EXPECT_EQ(Whole(format, ",,"), R"({"a": null, "b": null, "c": null})");
}

TEST(CsvFormatTest, ColumnsHaveTypes) {
  const FormatSpec format = Csv({"i", "d", "b", "t", "l", "x"}, {{"i", FieldType::kInt},
                                                                 {"d", FieldType::kDouble},
                                                                 {"b", FieldType::kBool},
                                                                 {"t", FieldType::kTimestamp},
                                                                 {"l", FieldType::kDuration},
                                                                 {"x", FieldType::kBytes}});
  EXPECT_EQ(ReadText(format, {{"i"}, {"d"}, {"b"}, {"t"}, {"l"}, {"x"}},
                     "-7,1e3,true,1767225600500,1.5s,/w=="),
            "-7 | 1000 | true | timestamp(1767225600s+500000000ns) | duration(1s+500000000ns) | "
            "b\"\xff\"");
  EXPECT_EQ(ReadText(format, {{"i"}, {"t"}, {"x", "y"}, {"nothing"}},
                     "+07,,,\"2026-01-01T00:00:00+01:00\",,"),
            "7 | timestamp(1767222000s) | missing | missing");
  EXPECT_NE(Whole(format, "1.5,,,,,")
                .find("column 1 (i) does not fit its type: wanted int, found "
                      "\"1.5\" at byte 0"),
            std::string::npos);
  EXPECT_NE(Whole(format, "1,nan,,,,").find("column 2 (d)"), std::string::npos);
}

TEST(CsvFormatTest, BrokenLinesAreErrorsWithTheirPlace) {
  const FormatSpec format = Csv({"a", "b"});
  EXPECT_EQ(Whole(format, "1"),
            "kBadRecord: a line of CSV ends before column 2 (b) of 2: at byte 1");
  EXPECT_EQ(Whole(format, "1,2,3,4"),
            "kBadRecord: a line of CSV has more than its 2 columns: another begins at byte 4");
  EXPECT_EQ(Whole(format, "1,\"x"),
            "kBadRecord: not a line of CSV: a quote is not closed in column 2 at byte 2");
  EXPECT_EQ(Whole(format, "\"x\"y,2"),
            "kBadRecord: not a line of CSV: text behind a closing quote in column 1 at byte 3");
  EXPECT_EQ(
      Whole(format, "1,x\"y"),
      "kBadRecord: not a line of CSV: a quote inside of a field without quotes in column 2 at "
      "byte 3");
  EXPECT_EQ(Whole(format, "1,2\n3,4"),
            "kBadRecord: not a line of CSV: a second line in column 2 at byte 3");
  EXPECT_EQ(Whole(format, "1,\xff"), "kBadRecord: not a line of CSV: invalid UTF-8 at byte 2");
  EXPECT_EQ(ReadText(format, {{}, {"a"}}, std::nullopt), "null | missing");
}

TEST(CsvFormatTest, WhatCannotBeACsvIsRefusedAtOnce) {
  const auto refused = [](const FormatSpec& format) { return Whole(format, ""); };
  EXPECT_EQ(refused(Csv({})), "kInvalidConfig: format csv needs its columns");
  EXPECT_EQ(refused(Csv({"a", "a"})), "kInvalidConfig: the column 'a' is there twice");
  EXPECT_EQ(refused(Csv({"a"}, {{"b", FieldType::kInt}})),
            "kInvalidConfig: fields names 'b', which is no column");
  FormatSpec same = Csv({"a"});
  same.csv.delimiter = '"';
  EXPECT_EQ(refused(same), "kInvalidConfig: delimiter and quote must differ and be no line break");
}

TEST(CsvFormatTest, WritesQuotesWhereTheyAreNeeded) {
  const FormatSpec format = Csv({"a", "b", "c"}, {{"b", FieldType::kDouble}});
  EXPECT_EQ(WriteText(format, R"({"a":"x","b":1,"c":true})"), "x,1,true");
  EXPECT_EQ(WriteText(format, R"({"c":"a,\"b\"\n","a":""})"), "\"\",,\"a,\"\"b\"\"\n\"");
  EXPECT_EQ(WriteText(format, R"({"a":null,"b":1.5,"c":"2026"})"), ",1.5,2026");
  EXPECT_EQ(WriteText(format, R"({"b":"1"})"),
            "kBadRecord: column 'b' is double and does not take string \"1\"");
  EXPECT_EQ(WriteText(format, R"({"a":[1]})"), "kBadRecord: column 'a' does not take list [1]");
  EXPECT_EQ(WriteText(format, R"({"a":"x","d":1})"),
            "kBadRecord: there is no column \"d\"; leave it out (`unset`), or add it to columns");
  EXPECT_EQ(WriteText(format, "[]"),
            "kBadRecord: format csv takes a map with its columns, not list []");
}

// Whatever text stands in the fields, with odd layouts: what is written reads the same.
TEST(CsvFormatTest, WhatIsWrittenReadsTheSame) {
  std::mt19937 random(20260101);
  const std::string letters = "ab,;\"'\n\r\t \\N";
  for (int round = 0; round < 5'000; ++round) {
    FormatSpec format = Csv({"a", "b", "c"});
    format.csv.delimiter = ",;\t"[random() % 3];
    format.csv.quote = "\"'"[random() % 2];
    format.csv.null_text = round % 2 == 0 ? "" : "\\N";
    Arena arena;
    std::vector<MapEntry> entries;
    for (const char* const name : {"a", "b", "c"}) {
      std::string text;
      for (size_t size = random() % 4; size > 0; --size) text += letters[random() % letters.size()];
      entries.push_back({Value::String(name),
                         random() % 5 == 0 ? Value::Null() : Value::String(arena.Copy(text))});
    }
    const Value value = Value::Map(entries);
    std::string line;
    ASSERT_TRUE(Writer::Create(format)->Write(value, line).ok());
    const auto reader = Reader::Create(format, {{{}, 0}});
    std::vector<Value> slots(1);
    const Status read = (*reader)->Read(line, slots, arena);
    ASSERT_TRUE(read.ok()) << read << "\n" << line;
    EXPECT_TRUE(Value::Equal(slots[0], value))
        << DebugString(slots[0]) << " for " << DebugString(value) << "\n"
        << line;
  }
}

}  // namespace
}  // namespace sidestream::serde
