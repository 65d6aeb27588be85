// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Each aggregate function against a naive one (naive_aggregate.h), in any order of arrival of
// records of different time, in any split into accumulators that are merged, and through bytes. The
// argument of a property is a seed; RapidCheck prints it.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "operators/aggregate/distinct_sketch.h"
#include "operators/aggregate/exact_sum.h"
#include "operators/aggregate/quantile_sketch.h"
#include "serde/value_codec.h"
#include "tests/unit/operators/aggregate_case.h"
#include "tests/unit/operators/naive_aggregate.h"

namespace sidestream::operators {
namespace {

using serde::Value;
using F = topology::AggregateFunction;

constexpr F kFunctions[] = {
    F::kCount,      F::kSum,           F::kAvg,
    F::kMin,        F::kMax,           F::kFirst,
    F::kLast,       F::kAny,           F::kMinBy,
    F::kMaxBy,      F::kStddev,        F::kVariance,
    F::kCollect,    F::kCollectSet,    F::kCountDistinct,
    F::kQuantile,   F::kTop,           F::kTopWithTies,
    F::kBottom,     F::kBoolAnd,       F::kBoolOr,
    F::kApproxCountDistinct};

/// A call and records for it.
class Scenario {
 public:
  explicit Scenario(uint64_t seed) : random_(seed) {
    spec_.function = kFunctions[random_.Below(std::size(kFunctions))];
    const bool keyed = spec_.function == F::kMinBy || spec_.function == F::kMaxBy ||
                       spec_.function == F::kTop || spec_.function == F::kTopWithTies ||
                       spec_.function == F::kBottom;
    spec_.arguments = spec_.function == F::kCount ? 0 : keyed ? 2 + random_.Below(2) : 1;
    spec_.limit = 1 + random_.Below(6);
    spec_.fraction = static_cast<double>(random_.Below(11)) / 10;
    const int64_t size = random_.Below(30);
    for (int64_t i = 0; i < size; ++i) {
      NaiveRecord record;
      record.timestamp = random_.Below(8);
      for (size_t k = 0; k < spec_.arguments; ++k) record.arguments.push_back(Argument(k));
      records_.push_back(std::move(record));
    }
  }

  const CallSpec& spec() const { return spec_; }
  const std::vector<NaiveRecord>& records() const { return records_; }
  Random& random() { return random_; }
  Arena& arena() { return arena_; }

  /// The same records, those of one timestamp in the order in which they came.
  std::vector<NaiveRecord> Shuffled() {
    std::vector<std::pair<int64_t, size_t>> order;
    std::vector<int64_t> last(8, 0);
    for (size_t i = 0; i < records_.size(); ++i) {
      // Never before the one of the same time that came before it.
      int64_t& least = last[static_cast<size_t>(records_[i].timestamp)];
      least += random_.Below(100);
      order.emplace_back(least, i);
    }
    std::ranges::stable_sort(order);
    std::vector<NaiveRecord> shuffled;
    for (const auto& [place, index] : order) shuffled.push_back(records_[index]);
    return shuffled;
  }

 private:
  Value Argument(size_t index) {
    if (random_.OneIn(9)) return random_.OneIn(2) ? Value::Null() : Value();
    if (spec_.function == F::kBoolAnd || spec_.function == F::kBoolOr) {
      return Value::Bool(random_.OneIn(2));
    }
    // Any value may be collected or picked.
    const bool free = index == 0 && (spec_.arguments > 1 || spec_.function == F::kFirst ||
                                     spec_.function == F::kLast || spec_.function == F::kAny ||
                                     spec_.function == F::kCollect);
    if (free && random_.OneIn(3)) return Nested();
    const bool sums = spec_.function == F::kSum || spec_.function == F::kAvg ||
                      spec_.function == F::kStddev || spec_.function == F::kVariance;
    if (!sums && random_.OneIn(12)) {
      return Value::Double(std::numeric_limits<double>::quiet_NaN());
    }
    const int64_t number = random_.Below(9) - 4;
    if (random_.OneIn(2)) return Value::Int(number);
    if (random_.OneIn(2)) return Value::Double(static_cast<double>(number));
    return Value::Double(static_cast<double>(random_.Below(2'000'001) - 1'000'000) / 1000.0);
  }

  Value Nested() {
    const std::span<Value> items = arena_.NewArray<Value>(2);
    items[0] = Value::Int(random_.Below(5));
    items[1] = Value::String("text");
    return Value::List(items);
  }

  Random random_;
  Arena arena_;
  CallSpec spec_;
  std::vector<NaiveRecord> records_;
};

void FoldAll(AggregateCase& group, const std::vector<NaiveRecord>& records) {
  for (const NaiveRecord& record : records) {
    const Status status = group.Fold({record.arguments}, record.timestamp);
    RC_ASSERT(status.ok());
  }
}

bool NearlyEqual(double a, double b, double share) {
  return std::fabs(a - b) <= share * std::max(std::fabs(a), std::fabs(b)) + 1e-9;
}

void ExpectOracle(Scenario& scenario, AggregateCase& group) {
  const Value expected = NaiveAggregate(group.calls()[0], scenario.records(), scenario.arena());
  const Value actual = group.Result();
  RC_ASSERT(actual.kind() == expected.kind());
  const F function = scenario.spec().function;
  if (actual.kind() == Value::Kind::kDouble &&
      (function == F::kVariance || function == F::kStddev || function == F::kQuantile)) {
    const double share = function == F::kQuantile ? 1.0 / 128 : 1e-12;
    RC_ASSERT(NearlyEqual(actual.double_value(), expected.double_value(), share));
    return;
  }
  // By bytes: of the same kind, and NaN like NaN.
  std::string actual_bytes;
  std::string expected_bytes;
  RC_ASSERT(serde::EncodeValue(actual, actual_bytes).ok());
  RC_ASSERT(serde::EncodeValue(expected, expected_bytes).ok());
  RC_ASSERT(actual_bytes == expected_bytes);
}

RC_GTEST_PROP(AccumulatorsProperty, EqualTheNaiveFunction, (uint64_t seed)) {
  Scenario scenario(seed);
  AggregateCase group({scenario.spec()});
  FoldAll(group, scenario.records());
  ExpectOracle(scenario, group);
}

RC_GTEST_PROP(AccumulatorsProperty, TheOrderOfArrivalDoesNotMatter, (uint64_t seed)) {
  Scenario scenario(seed);
  AggregateCase group({scenario.spec()});
  FoldAll(group, scenario.Shuffled());
  ExpectOracle(scenario, group);
}

RC_GTEST_PROP(AccumulatorsProperty, BytesBetweenAnyTwoRecordsDoNotMatter, (uint64_t seed)) {
  Scenario scenario(seed);
  AggregateCase group({scenario.spec()});
  for (const NaiveRecord& record : scenario.records()) {
    FoldAll(group, {record});
    const std::string before = group.Encoded();
    RC_ASSERT(group.Reload().ok());
    RC_ASSERT(group.Encoded() == before);
  }
  ExpectOracle(scenario, group);
}

RC_GTEST_PROP(AccumulatorsProperty, SplitsByTimeMergeInAnyOrder, (uint64_t seed)) {
  Scenario scenario(seed);
  // Slices: each timestamp lies in one of them.
  std::vector<std::unique_ptr<AggregateCase>> slices;
  for (int i = 0; i < 4; ++i) {
    slices.push_back(std::make_unique<AggregateCase>(std::vector{scenario.spec()}));
  }
  for (const NaiveRecord& record : scenario.Shuffled()) {
    FoldAll(*slices[static_cast<size_t>(record.timestamp) / 2], {record});
  }
  while (slices.size() > 1) {
    const auto into = static_cast<size_t>(scenario.random().Below(
        static_cast<int64_t>(slices.size())));
    const size_t from = (into + 1) % slices.size();
    const std::string before = slices[from]->Encoded();
    RC_ASSERT(slices[into]->Merge(*slices[from]).ok());
    RC_ASSERT(slices[from]->Encoded() == before);
    slices.erase(slices.begin() + static_cast<std::ptrdiff_t>(from));
  }
  ExpectOracle(scenario, *slices.front());
}

RC_GTEST_PROP(AccumulatorsProperty, SplitsByArrivalMergeOneByOne, (uint64_t seed)) {
  Scenario scenario(seed);
  AggregateCase group({scenario.spec()});
  size_t at = 0;
  while (at < scenario.records().size()) {
    AggregateCase part({scenario.spec()});
    const size_t end = std::min<size_t>(at + 1 + static_cast<size_t>(scenario.random().Below(6)),
                                        scenario.records().size());
    FoldAll(part, {scenario.records().begin() + static_cast<std::ptrdiff_t>(at),
                   scenario.records().begin() + static_cast<std::ptrdiff_t>(end)});
    RC_ASSERT(part.Reload().ok());
    RC_ASSERT(group.Merge(part).ok());
    at = end;
  }
  ExpectOracle(scenario, group);
}

RC_GTEST_PROP(AccumulatorsProperty, SumsOfDoublesAreExactInAnyOrder, (uint64_t seed)) {
  Random random(seed);
  std::vector<double> numbers;
  for (int64_t i = random.Below(60); i >= 0; --i) {
    const auto mantissa = static_cast<double>(static_cast<int64_t>(random.Next()));
    numbers.push_back(std::ldexp(mantissa, static_cast<int>(random.Below(1500)) - 800));
    if (random.OneIn(3)) numbers.push_back(-numbers.back());
  }
  ExactSum forwards;
  for (const double number : numbers) forwards.Add(number);
  for (size_t i = numbers.size(); i > 1; --i) {
    std::swap(numbers[i - 1], numbers[static_cast<size_t>(random.Below(static_cast<int64_t>(i)))]);
  }
  ExactSum left;
  ExactSum right;
  for (const double number : numbers) (random.OneIn(2) ? left : right).Add(number);
  left.Add(right);
  RC_ASSERT(left.Rounded() == forwards.Rounded());
  // Taken away one by one nothing is left.
  for (const double number : numbers) left.Add(-number);
  RC_ASSERT(left.Rounded() == 0.0);
}

TEST(DistinctSketchTest, KeepsItsStatedError) {
  constexpr uint64_t kSeed = 11;
  Random random(kSeed);
  std::cout << "seed " << kSeed << "\n";
  for (const uint64_t count : {400ULL, 512ULL, 513ULL, 1'000ULL, 5'000ULL, 20'000ULL, 100'000ULL,
                               1'000'000ULL}) {
    double squares = 0;
    constexpr int kRounds = 20;
    for (int round = 0; round < kRounds; ++round) {
      DistinctSketch sketch;
      for (uint64_t i = 0; i < count; ++i) sketch.Add(random.Next());
      const double error =
          static_cast<double>(sketch.Estimate()) / static_cast<double>(count) - 1;
      if (count <= DistinctSketch::kExactMax) {
        EXPECT_EQ(sketch.Estimate(), count);
      }
      EXPECT_LT(std::fabs(error), 5 * 0.0163) << count;
      squares += error * error;
    }
    EXPECT_LT(std::sqrt(squares / kRounds), 1.5 * 0.0163) << count;
  }
}

TEST(DistinctSketchTest, ItsStateIsThatOfTheSet) {
  Random random(5);
  std::vector<uint64_t> hashes(3000);
  for (uint64_t& hash : hashes) hash = random.Next();
  DistinctSketch whole;
  for (const uint64_t hash : hashes) whole.Add(hash);
  for (const size_t cut : {size_t{0}, size_t{100}, size_t{600}, size_t{2900}}) {
    DistinctSketch left;
    DistinctSketch right;
    for (size_t i = 0; i < hashes.size(); ++i) (i < cut ? left : right).Add(hashes[i]);
    left.Add(right);
    std::string bytes;
    std::string expected;
    ByteWriter writer(bytes);
    left.Encode(writer);
    ByteWriter expected_writer(expected);
    whole.Encode(expected_writer);
    EXPECT_EQ(bytes, expected) << cut;
  }
}

TEST(QuantileSketchTest, KeepsItsStatedErrorOverAllMagnitudes) {
  constexpr uint64_t kSeed = 3;
  std::cout << "seed " << kSeed << "\n";
  Random random(kSeed);
  QuantileSketch sketch;
  std::vector<double> numbers;
  for (int i = 0; i < 20'000; ++i) {
    const double share = static_cast<double>(random.Below(1'000'000)) / 1e6;
    const double number = (random.OneIn(3) ? -1 : 1) * std::exp2(share * 24 - 8);
    sketch.Add(number);
    numbers.push_back(number);
  }
  std::ranges::sort(numbers);
  for (const double p : {0.0, 0.001, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1.0}) {
    const auto place = static_cast<size_t>(std::ceil(p * 20'000 - 1e-9));
    const double exact = numbers[std::max<size_t>(place, 1) - 1];
    EXPECT_LE(std::fabs(sketch.At(p) - exact), std::fabs(exact) / 128) << p;
    EXPECT_TRUE(std::ranges::binary_search(numbers, sketch.At(p))) << p;
  }
}

}  // namespace
}  // namespace sidestream::operators
