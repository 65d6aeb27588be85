// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What the aggregate functions make of single records: the rules of the language, one by one. That
// order and splits do not matter: accumulators_property_test.cc.

#include "operators/aggregate/accumulators.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "operators/aggregate/exact_sum.h"
#include "operators/aggregate/group_table.h"
#include "serde/decimal.h"
#include "tests/support/fake_processor_context.h"
#include "tests/unit/operators/aggregate_case.h"

namespace sidestream::operators {
namespace {

using serde::Value;
using F = topology::AggregateFunction;

constexpr int64_t kLargest = std::numeric_limits<int64_t>::max();
const Value kNull = Value::Null();
const Value kNone;
const Value kNan = Value::Double(std::numeric_limits<double>::quiet_NaN());

Value Decimal(Arena& arena, const std::string& text) {
  return Value::DecimalOf(*serde::Decimal::Parse(text), arena);
}

/// One call; the records come at 1, 2, 3 ...
struct FoldCase {
  CallSpec call;
  std::vector<std::vector<Value>> records;
  Value result;
};

void ExpectResults(const std::vector<FoldCase>& cases) {
  for (size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(i);
    AggregateCase group({cases[i].call});
    int64_t at = 0;
    for (const auto& record : cases[i].records) {
      const Status status = group.Fold({record}, ++at);
      ASSERT_TRUE(status.ok()) << status;
    }
    for (int round = 0; round < 2; ++round) {
      const Value result = group.Result();
      EXPECT_EQ(result.kind(), cases[i].result.kind());
      EXPECT_TRUE(Value::Equal(result, cases[i].result))
          << serde::DebugString(result) << " is not " << serde::DebugString(cases[i].result);
      ASSERT_TRUE(group.Reload().ok());
    }
  }
}

/// Records of which the last one is refused; the state stays as it was.
void ExpectRefused(const std::vector<FoldCase>& cases) {
  for (size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(i);
    AggregateCase group({cases[i].call});
    for (size_t k = 0; k + 1 < cases[i].records.size(); ++k) {
      ASSERT_TRUE(group.Fold({cases[i].records[k]}, 1).ok());
    }
    const std::string before = group.Encoded();
    const Status status = group.Fold({cases[i].records.back()}, 1);
    EXPECT_EQ(status.code(), StatusCode::kBadRecord) << status;
    EXPECT_NE(status.message().find("call 0: "), std::string::npos) << status;
    EXPECT_EQ(group.Encoded(), before);
  }
}

TEST(AccumulatorsTest, CountAndSum) {
  Arena arena;
  const CallSpec sum{F::kSum};
  ExpectResults({
      {{F::kCount}, {{}, {}}, Value::Int(2)},
      {{F::kCount}, {}, Value::Int(0)},
      {sum, {}, kNull},
      {sum, {{kNull}, {kNone}}, kNull},
      {sum, {{Value::Int(1)}, {kNull}, {Value::Int(2)}}, Value::Int(3)},
      {sum, {{Value::Uint(7)}, {Value::Int(-9)}}, Value::Int(-2)},
      {sum, {{Value::Int(1)}, {Value::Double(0.5)}, {Value::Int(2)}}, Value::Double(3.5)},
      {sum, {{Value::Double(1e300)}, {Value::Double(1)}, {Value::Double(-1e300)}}, Value::Double(1)},
      {sum,
       {{Value::Int(1)}, {Decimal(arena, "0.1")}, {kNull}, {Decimal(arena, "0.2")}},
       Decimal(arena, "1.3")},
      {sum, {{Decimal(arena, "1.50")}, {Decimal(arena, "-0.25")}}, Decimal(arena, "1.25")},
  });
  ExpectRefused({
      {sum, {{Value::Int(kLargest)}, {Value::Int(1)}}, {}},
      {sum, {{Value::Int(-2)}, {Value::Int(-kLargest)}}, {}},
      {sum, {{Value::Uint(uint64_t{1} << 63U)}}, {}},
      {sum, {{Value::String("1")}}, {}},
      {sum, {{Decimal(arena, "1.5")}, {Value::Double(1)}}, {}},
      {sum, {{Value::Double(1)}, {Decimal(arena, "1.5")}}, {}},
      {sum, {{Decimal(arena, std::string(38, '9'))}, {Value::Int(1)}}, {}},
  });
}

TEST(AccumulatorsTest, MinAndMax) {
  Arena arena;
  const CallSpec min{F::kMin};
  const CallSpec max{F::kMax};
  ExpectResults({
      {min, {{kNull}}, kNull},
      {min,
       {{Decimal(arena, "2.50")}, {Value::Int(3)}, {Decimal(arena, "2.49")}},
       Decimal(arena, "2.49")},
      {min, {{Value::Int(3)}, {Value::Double(2.5)}}, Value::Double(2.5)},
      {max, {{kNan}, {Value::Int(3)}, {kNan}}, Value::Int(3)},
      {max, {{Value::String("a")}, {Value::String("b")}}, Value::String("b")},
      {min, {{Value::Bool(true)}, {Value::Bool(false)}}, Value::Bool(false)},
      // Ties: the earlier one.
      {max, {{Value::Double(2)}, {Value::Int(2)}}, Value::Double(2)},
      {min, {{Value::Int(2)}, {Value::Double(2)}}, Value::Int(2)},
  });
  ExpectRefused({
      {max, {{Decimal(arena, "1.5")}, {Value::Double(1)}}, {}},
      {min, {{Value::Int(1)}, {Value::String("1")}}, {}},
      {max, {{Value::List({})}}, {}},
  });
}

TEST(AccumulatorsTest, AveragesAndVariances) {
  Arena arena;
  const CallSpec avg{F::kAvg};
  const CallSpec variance{F::kVariance};
  ExpectResults({
      {avg, {}, kNull},
      {avg, {{Value::Int(kLargest)}, {Value::Int(kLargest)}}, Value::Double(0x1p63)},
      {avg, {{Value::Int(1)}, {kNull}, {Decimal(arena, "2.5")}}, Value::Double(1.75)},
      {variance, {{Value::Int(5)}}, kNull},
      {variance, {{Value::Int(2)}, {Value::Int(4)}, {Value::Int(9)}}, Value::Double(13)},
      // Where naive formulas give anything, a negative number too.
      {variance,
       {{Value::Double(1e9 + 1)}, {Value::Double(1e9 + 2)}, {Value::Double(1e9 + 3)}},
       Value::Double(1)},
      {variance, {{Value::Double(0.1)}, {Value::Double(0.1)}}, Value::Double(0)},
      {{F::kStddev}, {{Value::Int(1)}, {Value::Int(7)}, {Value::Int(4)}}, Value::Double(3)},
  });
  ExpectRefused({{avg, {{Value::String("1")}}, {}}, {variance, {{Value::Bool(true)}}, {}}});
}

TEST(AccumulatorsTest, BoolsFirstsAndLasts) {
  const Value yes = Value::Bool(true);
  const Value no = Value::Bool(false);
  ExpectResults({
      {{F::kBoolAnd}, {{kNull}}, kNull},
      {{F::kBoolAnd}, {{yes}, {yes}}, yes},
      {{F::kBoolAnd}, {{yes}, {no}}, no},
      {{F::kBoolOr}, {{no}, {no}}, no},
      {{F::kBoolOr}, {{no}, {yes}, {kNull}}, yes},
      {{F::kFirst}, {{kNull}, {Value::Int(1)}, {Value::Int(2)}}, Value::Int(1)},
      {{F::kLast}, {{Value::Int(1)}, {Value::Int(2)}, {kNone}}, Value::Int(2)},
      {{F::kAny}, {}, kNull},
  });
  ExpectRefused({{{F::kBoolOr}, {{Value::Int(1)}}, {}}});
}

TEST(AccumulatorsTest, TiesGoByTimeThenArrival) {
  AggregateCase group({{F::kFirst}, {F::kLast}, {F::kMaxBy, 2}, {F::kTop, 2, 2}});
  const auto fold = [&](int64_t at, const char* name) {
    const Value value = Value::String(name);
    return group.Fold({{value}, {value}, {value, Value::Int(1)}, {value, Value::Int(1)}}, at);
  };
  for (const auto& [at, name] : {std::pair(5, "b"), {3, "a"}, {3, "A"}, {9, "z"}, {9, "Z"}}) {
    ASSERT_TRUE(fold(at, name).ok());
  }
  EXPECT_EQ(group.Result(0).string_value(), "a");
  EXPECT_EQ(group.Result(1).string_value(), "Z");
  EXPECT_EQ(group.Result(2).string_value(), "a");
  EXPECT_EQ(serde::DebugString(group.Result(3)), R"(["a", "A"])");
}

TEST(AccumulatorsTest, TopsAndSets) {
  const auto list = [](Arena& arena, const std::vector<int64_t>& numbers) {
    const std::span<Value> values = arena.NewArray<Value>(numbers.size());
    for (size_t i = 0; i < numbers.size(); ++i) values[i] = Value::Int(numbers[i]);
    return Value::List(values);
  };
  const auto pairs = [](const std::vector<std::pair<int64_t, int64_t>>& all) {
    std::vector<std::vector<Value>> records;
    for (const auto& [x, y] : all) records.push_back({Value::Int(x), Value::Int(y)});
    return records;
  };
  const auto ones = [](const std::vector<int64_t>& all) {
    std::vector<std::vector<Value>> records;
    for (const int64_t x : all) records.push_back({Value::Int(x)});
    return records;
  };
  Arena arena;
  const auto scores = pairs({{1, 10}, {2, 30}, {3, 20}, {4, 30}, {5, 20}});
  ExpectResults({
      {{F::kTop, 2, 3}, scores, list(arena, {2, 4, 3})},
      {{F::kTopWithTies, 2, 3}, scores, list(arena, {2, 4, 3, 5})},
      {{F::kTopWithTies, 2, 2}, scores, list(arena, {2, 4})},
      {{F::kBottom, 2, 2}, scores, list(arena, {1, 3})},
      {{F::kTop, 2, 9}, {}, list(arena, {})},
      {{F::kCollect, 1, 2}, ones({7, 8, 9}), list(arena, {7, 8})},
      {{F::kCollectSet, 1, 2}, ones({9, 7, 9, 8, 7}), list(arena, {7, 8})},
      {{F::kCollectSet, 1, 5}, {}, list(arena, {})},
  });
  ExpectRefused({{{F::kTop, 2, 3}, {{Value::Int(1), Value::List({})}}, {}}});
}

TEST(AccumulatorsTest, DifferentValuesAreThoseThatAreNotEqual) {
  Arena arena;
  const std::vector<std::vector<Value>> records = {
      {Value::Int(1)},          {Value::Double(1)},       {Value::Uint(1)},
      {Decimal(arena, "1.00")}, {Decimal(arena, "1.50")}, {Decimal(arena, "1.5")},
      {Value::Double(1.5)},     {Value::String("1")},     {Value::Bytes("1")},
      {Value::Double(-0.0)},    {Value::Int(0)},          {kNan},
      {Value::Uint(uint64_t{1} << 63U)},                  {Value::Double(0x1p63)},
      {Value::Bool(true)},      {kNull},
  };
  ExpectResults({
      {{F::kCountDistinct}, records, Value::Int(8)},
      {{F::kApproxCountDistinct}, records, Value::Int(8)},
      {{F::kCountDistinct}, {}, Value::Int(0)},
  });
}

TEST(AccumulatorsTest, Quantiles) {
  CallSpec median{F::kQuantile};
  median.fraction = 0.5;
  CallSpec high{F::kQuantile};
  high.fraction = 0.99;
  ExpectResults({
      {median, {}, kNull},
      {median, {{Value::Int(100)}}, Value::Double(100)},
      {median, {{Value::Int(-3)}, {Value::Double(0)}, {Value::Int(8)}}, Value::Double(0)},
      {median, {{Value::Int(1)}, {Value::Int(2)}, {Value::Int(3)}, {kNan}}, Value::Double(2)},
      {high, {{Value::Int(1)}, {Value::Int(2)}, {Value::Int(3)}}, Value::Double(3)},
  });
  ExpectRefused({{median, {{Value::String("1")}}, {}}});
}

TEST(AccumulatorsTest, WhatAGroupHoldsIsBounded) {
  const std::string large(100'000, 'x');
  for (const CallSpec& spec : {CallSpec{F::kCollect, 1, 9}, CallSpec{F::kCountDistinct}}) {
    AggregateCase group({spec});
    Status status;
    int taken = 0;
    for (; taken < 9; ++taken) {
      const std::string value = large + std::to_string(taken);
      status = group.Fold({{Value::String(value)}}, taken);
      if (!status.ok()) break;
    }
    EXPECT_EQ(taken, 3);
    EXPECT_EQ(status.code(), StatusCode::kBadRecord);
    EXPECT_NE(status.message().find("393216 bytes"), std::string::npos) << status;
    AggregateCase other({spec});
    for (int i = 0; i < 3; ++i) {
      const std::string value = std::to_string(i) + large;
      ASSERT_TRUE(other.Fold({{Value::String(value)}}, i).ok());
    }
    const std::string before = group.Encoded();
    EXPECT_EQ(group.Merge(other).code(), StatusCode::kBadRecord);
    EXPECT_EQ(group.Encoded(), before);
  }
}

TEST(AccumulatorsTest, ARecordThatOneCallRefusesChangesNone) {
  AggregateCase group({{F::kCount}, {F::kSum}});
  ASSERT_TRUE(group.Fold({{}, {Value::Int(kLargest)}}, 1).ok());
  const std::string before = group.Encoded();
  EXPECT_EQ(group.Fold({{}, {Value::Int(1)}}, 1).code(), StatusCode::kBadRecord);
  EXPECT_EQ(group.Encoded(), before);
}

TEST(AccumulatorsTest, AMergeThatFailsChangesNothing) {
  const std::vector<CallSpec> calls{{F::kCount}, {F::kSum}};
  AggregateCase group(calls);
  AggregateCase other(calls);
  ASSERT_TRUE(group.Fold({{}, {Value::Int(kLargest)}}, 1).ok());
  ASSERT_TRUE(other.Fold({{}, {Value::Int(1)}}, 2).ok());
  const std::string before = group.Encoded();
  EXPECT_EQ(group.Merge(other).code(), StatusCode::kBadRecord);
  EXPECT_EQ(group.Encoded(), before);
}

TEST(ExactSumTest, RoundsOnceWhateverTheOrder) {
  const std::vector<double> numbers = {1e16, 1, -1e16, 0x1p-1074, 1e308, 3.5, -1e308, 0.1};
  ExactSum forwards;
  ExactSum backwards;
  for (size_t i = 0; i < numbers.size(); ++i) {
    forwards.Add(numbers[i]);
    backwards.Add(numbers[numbers.size() - 1 - i]);
  }
  EXPECT_EQ(forwards.Rounded(), 4.6);
  EXPECT_EQ(backwards.Rounded(), 4.6);
}

TEST(ExactSumTest, RoundsHalvesByWhatLiesBelowThem) {
  ExactSum sum;
  sum.Add(1.0);
  sum.Add(0x1p-53);
  EXPECT_EQ(sum.Rounded(), 1.0);
  sum.Add(0x1p-120);
  EXPECT_EQ(sum.Rounded(), 1.0 + 0x1p-52);
}

TEST(ExactSumTest, HoldsLargeIntegersWhole) {
  ExactSum sum;
  sum.Add(kLargest);
  sum.Add(int64_t{-kLargest} - 1);
  EXPECT_EQ(sum.Rounded(), -1);
  sum.Clear();
  sum.Add(std::numeric_limits<uint64_t>::max());
  sum.Add(-0x1p64);
  EXPECT_EQ(sum.Rounded(), -1);
}

TEST(GroupTableTest, WritesRowsThroughAboveItsBoundAndKeepsTheOrder) {
  testing::FakeStore store;
  AggregateCase driver({{F::kCount}});
  GroupTable groups(driver.calls(), /*held_bytes_max=*/4096);
  ASSERT_TRUE(driver.arguments().Evaluate({}, driver.run()).ok());
  for (int i = 0; i < 300; ++i) {
    const auto group = groups.Find("key" + std::to_string(i % 100), store);
    ASSERT_TRUE(group.ok());
    ASSERT_TRUE(groups.Fold(**group, driver.arguments(), Timestamp(1), driver.run()).ok());
    (*group)->touched = true;
  }
  EXPECT_GT(store.puts(), 100);
  ASSERT_EQ(groups.size(), 100u);
  for (size_t i = 0; i < groups.size(); ++i) {
    const auto group = groups.Loaded(i, store);
    ASSERT_TRUE(group.ok());
    EXPECT_EQ((*group)->key, "key" + std::to_string(i));
    EXPECT_EQ((*group)->accumulators.ResultOf(0, driver.arena()).int_value(), 3);
  }
}

}  // namespace
}  // namespace sidestream::operators
