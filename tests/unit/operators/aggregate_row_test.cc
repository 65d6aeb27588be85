// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The bytes of docs/formats/aggregate-row.md, and what a reader does with bytes that do not fit.

#include "operators/aggregate/aggregate_row.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "operators/aggregate/accumulator.h"
#include "operators/aggregate/group_table.h"
#include "operators/row_key.h"
#include "serde/decimal.h"
#include "tests/support/fake_processor_context.h"

namespace sidestream::operators {
namespace {

using serde::Value;
using topology::AggregateFunction;

// The example of the page.
const std::string kExample(
    "\x01\xd0\x0f\x02\x02\x03\x06\x09\x05\x40\x04\x00\x00\x00\x00\x00\x00\x01\x02\x03\x06", 21);

TEST(AggregateRowTest, HasTheBytesOfTheFormatPage) {
  Arena arena;
  std::vector<Accumulator> accumulators(2);
  accumulators[0].Set(Value::Int(3));
  accumulators[1].Set(Value::Double(2.5));
  std::string scratch;
  std::string out;
  ASSERT_TRUE(
      EncodeAggregateRow({Timestamp(1000), "\x03\x06"}, accumulators, arena, scratch, out).ok());
  EXPECT_EQ(out, kExample);
}

TEST(AggregateRowTest, ReadsWhatItWroteAndSkipsWhatComesBehind) {
  Arena arena;
  std::vector<Accumulator> accumulators(2);
  const std::string bytes = kExample + "later";
  const auto row = DecodeAggregateRow(bytes, accumulators, arena);
  ASSERT_TRUE(row.ok()) << row.status();
  EXPECT_EQ(row->timestamp, Timestamp(1000));
  EXPECT_EQ(row->sent, "\x03\x06");
  EXPECT_EQ(accumulators[0].Get(arena).int_value(), 3);
  EXPECT_EQ(accumulators[1].Get(arena).double_value(), 2.5);
}

TEST(AggregateRowTest, CutRowsAreCorruptAndNewerOnesAreRefused) {
  Arena arena;
  std::vector<Accumulator> accumulators(2);
  for (size_t size = 0; size < kExample.size(); ++size) {
    EXPECT_EQ(DecodeAggregateRow(kExample.substr(0, size), accumulators, arena).status().code(),
              StatusCode::kTaskCorrupted)
        << size;
  }
  EXPECT_EQ(DecodeAggregateRow("\x02" + kExample.substr(1), accumulators, arena).status().code(),
            StatusCode::kInvalidConfig);
  std::vector<Accumulator> three(3);
  EXPECT_EQ(DecodeAggregateRow(kExample, three, arena).status().code(), StatusCode::kTaskCorrupted);
}

TEST(AggregateRowTest, KeysOfEqualBytesAndOtherKindsStayApart) {
  RowKey text;
  text.computed = true;
  text.value = Value::String("1");
  RowKey bytes = text;
  bytes.value = Value::Bytes("1");
  std::string text_key;
  std::string bytes_key;
  ASSERT_TRUE(AppendStoreKey(text, text_key).ok());
  ASSERT_TRUE(AppendStoreKey(bytes, bytes_key).ok());
  EXPECT_EQ(text_key, "\x01\x31");
  EXPECT_EQ(bytes_key, "\x05\x31");
  const auto read = ReadStoreKey(bytes_key, true);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->kind, serde::KeyKind::kBytes);
  EXPECT_EQ(read->bytes, "1");
}

struct FoldCase {
  AggregateFunction function;
  std::vector<Value> arguments;
  Value result;
};

Value Decimal(Arena& arena, const std::string& text) {
  return Value::DecimalOf(*serde::Decimal::Parse(text), arena);
}

TEST(AccumulatorTest, FoldsByTheRulesOfTheLanguage) {
  Arena literals;
  const Value null = Value::Null();
  const Value none;
  const Value nan = Value::Double(std::numeric_limits<double>::quiet_NaN());
  const std::vector<FoldCase> cases = {
      {AggregateFunction::kCount, {none, none}, Value::Int(2)},
      {AggregateFunction::kSum, {null, none}, null},
      {AggregateFunction::kSum, {Value::Int(1), null, Value::Int(2)}, Value::Int(3)},
      {AggregateFunction::kSum, {Value::Int(1), Value::Double(0.5)}, Value::Double(1.5)},
      {AggregateFunction::kSum,
       {Value::Int(1), Decimal(literals, "0.1"), null, Decimal(literals, "0.2")},
       Decimal(literals, "1.3")},
      {AggregateFunction::kMin,
       {Decimal(literals, "2.50"), Value::Int(3), Decimal(literals, "2.49")},
       Decimal(literals, "2.49")},
      {AggregateFunction::kMin, {Value::Int(3), Value::Double(2.5)}, Value::Double(2.5)},
      {AggregateFunction::kMax, {nan, Value::Int(3), nan}, Value::Int(3)},
      {AggregateFunction::kMax, {Value::String("a"), Value::String("b")}, Value::String("b")},
      {AggregateFunction::kMin, {Value::Bool(true), Value::Bool(false)}, Value::Bool(false)},
  };
  for (size_t i = 0; i < cases.size(); ++i) {
    Arena arena;
    Accumulator accumulator;
    accumulator.Start(cases[i].function);
    for (const Value& argument : cases[i].arguments) {
      const auto next = Folded(cases[i].function, accumulator.Get(arena), argument, arena);
      ASSERT_TRUE(next.ok()) << i << next.status();
      if (!next->missing()) accumulator.Set(*next);
    }
    EXPECT_EQ(accumulator.Get(arena).kind(), cases[i].result.kind()) << i;
    EXPECT_TRUE(Value::Equal(accumulator.Get(arena), cases[i].result)) << i;
  }
}

TEST(AccumulatorTest, RefusesWhatItCannotFold) {
  Arena arena;
  const Value largest = Value::Int(std::numeric_limits<int64_t>::max());
  for (const auto& [function, held, argument] :
       {std::tuple(AggregateFunction::kSum, largest, Value::Int(1)),
        std::tuple(AggregateFunction::kSum, Value::Null(), Value::String("1")),
        std::tuple(AggregateFunction::kSum, Decimal(arena, "1.5"), Value::Double(1)),
        std::tuple(AggregateFunction::kSum, Decimal(arena, std::string(38, '9')), Value::Int(1)),
        std::tuple(AggregateFunction::kMax, Decimal(arena, "1.5"), Value::Double(1)),
        std::tuple(AggregateFunction::kMin, Value::Int(1), Value::String("1")),
        std::tuple(AggregateFunction::kMax, Value::Null(), Value::List({}))}) {
    EXPECT_EQ(Folded(function, held, argument, arena).status().code(), StatusCode::kBadRecord);
  }
}

TEST(GroupTableTest, WritesRowsThroughAboveItsBoundAndKeepsTheOrder) {
  testing::FakeStore store;
  GroupTable groups({AggregateFunction::kCount}, /*held_bytes_max=*/4096);
  Arena arena;
  for (int i = 0; i < 300; ++i) {
    const auto group = groups.Find("key" + std::to_string(i % 100), store);
    ASSERT_TRUE(group.ok());
    const int64_t count = (*group)->accumulators[0].Get(arena).int_value();
    (*group)->accumulators[0].Set(Value::Int(count + 1));
    (*group)->touched = true;
  }
  EXPECT_GT(store.puts(), 100);
  ASSERT_EQ(groups.size(), 100u);
  for (size_t i = 0; i < groups.size(); ++i) {
    const auto group = groups.Loaded(i, store);
    ASSERT_TRUE(group.ok());
    EXPECT_EQ((*group)->key, "key" + std::to_string(i));
    EXPECT_EQ((*group)->accumulators[0].Get(arena).int_value(), 3);
  }
}

}  // namespace
}  // namespace sidestream::operators
