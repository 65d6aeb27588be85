// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Counts what readers take from the heap: nothing per record, once their buffers have their size.
// JSON Schema is not among them: its validation allocates (json_schema_format.h). A binary of its
// own, because it replaces operator new.

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "serde/json_text.h"
#include "serde/reader.h"
#include "serde/writer.h"
#include "tests/support/counted_heap.h"

namespace sidestream::serde {
namespace {

struct Case {
  const char* name;
  FormatKind kind;
  const char* schema;
};

void PrintTo(const Case& printed, std::ostream* out) { *out << printed.name; }

FormatSpec FormatOf(const Case& tested) {
  FormatSpec format{.kind = tested.kind, .schema = {tested.schema, {}}};
  if (tested.kind == FormatKind::kCsv) {
    format.schema.text.clear();
    format.csv.columns = {"id", "name", "price", "tags", "nested"};
    format.fields = {{"id", FieldType::kInt}, {"price", FieldType::kDouble}};
  }
  return format;
}

std::string RecordOf(const FormatSpec& format, int number) {
  const bool flat = format.kind == FormatKind::kCsv;
  const std::string json = R"({"id":)" + std::to_string(number) +
                           R"(,"name":"a name, \"quoted\" )" + std::to_string(number) +
                           R"(","price":1.25,"tags":)" + (flat ? R"("x")" : R"(["x","y","z"])") +
                           R"(,"nested":)" + (flat ? R"("n")" : R"({"a":7})") + "}";
  Arena arena;
  JsonParser parser;
  std::string bytes;
  const Status written = Writer::Create(format)->Write(*parser.Parse(json, arena), bytes);
  EXPECT_TRUE(written.ok()) << written;
  return bytes;
}

class ReaderAllocationTest : public ::testing::TestWithParam<Case> {};

TEST_P(ReaderAllocationTest, NonePerRecord) {
  const FormatSpec format = FormatOf(GetParam());
  std::vector<std::string> records;
  for (int i = 0; i < 64; ++i) records.push_back(RecordOf(format, i));
  const std::vector<std::vector<WantedPath>> wishes = {
      {{{"id"}, 0}, {{"nested", "a"}, 1}}, {{{}, 0}, {{"tags"}, 1}}, {{{"name"}, 0}}, {}};
  for (const std::vector<WantedPath>& wanted : wishes) {
    const auto reader = Reader::Create(format, wanted);
    ASSERT_TRUE(reader.ok()) << reader.status();
    std::vector<Value> slots(2);
    Arena arena;
    const auto pass = [&] {
      for (const std::string& record : records) {
        if (!(*reader)->Read(record, slots, arena).ok()) std::abort();
        arena.Reset();
      }
    };
    pass();  // buffers take their size
    const int64_t before = sidestream::testing::Allocations();
    EXPECT_GT(before, 0);
    for (int round = 0; round < 10; ++round) pass();
    EXPECT_EQ(sidestream::testing::Allocations() - before, 0) << wanted.size() << " paths";
  }
}

INSTANTIATE_TEST_SUITE_P(
    Formats, ReaderAllocationTest,
    ::testing::Values(
        Case{"json", FormatKind::kJson, ""}, Case{"csv", FormatKind::kCsv, ""},
        Case{"avro", FormatKind::kAvro,
             R"({"type":"record","name":"R","fields":[{"name":"id","type":"long"},)"
             R"({"name":"name","type":"string"},{"name":"price","type":"double"},)"
             R"({"name":"tags","type":{"type":"array","items":"string"}},)"
             R"({"name":"nested","type":{"type":"record","name":"N","fields":[)"
             R"({"name":"a","type":"int"}]}}]})"},
        Case{"protobuf", FormatKind::kProtobuf,
             "syntax = \"proto3\"; message R { int64 id = 1; string name = 2; double price = 3;"
             "repeated string tags = 4; message N { int32 a = 1; } N nested = 5; }"}),
    [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace sidestream::serde
