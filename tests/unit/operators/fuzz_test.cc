// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The short forms of tests/fuzz: seeded mutations of inputs that fit.

#include <gtest/gtest.h>

#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "operators/dead_letter/held_keys.h"
#include "operators/dedup/dedup_row.h"
#include "operators/ordered_key.h"
#include "operators/process/process_row.h"
#include "tests/unit/operators/aggregate_case.h"

extern "C" {
int FuzzAggregateRow(const uint8_t* data, size_t size);
int FuzzHeldKey(const uint8_t* data, size_t size);
int FuzzKeyedRow(const uint8_t* data, size_t size);
int FuzzRowPlace(const uint8_t* data, size_t size);
int FuzzWindowRow(const uint8_t* data, size_t size);
}

namespace sidestream::operators {
namespace {

using serde::Value;

/// A row of the hold "app/in/0/5" and a record of it, as the target takes them apart.
std::string Input(Random& random) {
  const auto head = static_cast<uint64_t>(random.Below(4));
  std::string row;
  EncodeHeldRow({head, head + 1 + static_cast<uint64_t>(random.Below(4)), "app/in/0/5"}, row);
  const auto first = static_cast<uint64_t>(row.size()) * 2 + static_cast<uint64_t>(random.Below(2));
  return static_cast<char>(first) + row + "app/in/0/5" + "0" + std::to_string(random.Below(10));
}

/// The state of some function after a few records, as the target takes it.
std::string State(Random& random) {
  constexpr auto kFunctions = static_cast<int64_t>(topology::AggregateFunction::kFold);
  const auto function = static_cast<topology::AggregateFunction>(random.Below(kFunctions));
  AggregateCase group({{function, 2, 3, 0.5}});
  const bool none = function == topology::AggregateFunction::kCount;
  for (int64_t records = random.Below(6); records > 0; --records) {
    const Value number = random.OneIn(2) ? Value::Int(random.Below(9))
                                         : Value::Double(static_cast<double>(random.Below(99)) / 8);
    const std::vector<Value> arguments(none ? 0 : 2, random.OneIn(3) ? Value::Bool(true) : number);
    // What the function does not take leaves the state as it is.
    static_cast<void>(group.Fold({arguments}, random.Below(100)));
  }
  const std::string encoded = group.Encoded();
  ByteReader in(encoded);
  return static_cast<char>(function) + std::string(in.String());
}

/// The row of a window with a sum, or a key that such a row may have.
std::string WindowRow(Random& random) {
  if (random.OneIn(2)) {
    std::string key = "s";
    AppendOrderedBytes(std::string(static_cast<size_t>(random.Below(3)), '\0') + "k", key);
    AppendOrderedTime(Timestamp(random.Below(1000)), key);
    return key;
  }
  std::string row;
  ByteWriter writer(row);
  writer.U8(1);
  const auto flags = static_cast<uint8_t>(random.Below(32));
  writer.U8(flags);
  writer.SignedVarint(random.Below(1'000'000));
  writer.String(std::string("\x02\x01\x06", 3));
  if ((flags & 8) != 0) writer.String("\x03\x06");
  if ((flags & 16) != 0) writer.SignedVarint(random.Below(1'000'000));
  return row;
}

/// A row of `process` or `dedup`, or the key of one.
std::string KeyedRow(Random& random) {
  std::string row;
  switch (random.Below(4)) {
    case 0:
      EncodeElement({Timestamp(random.Below(1'000'000)), "\x03\x06"}, row);
      break;
    case 1:
      EncodeTimer({random.OneIn(2) ? TimeDomain::kEvent : TimeDomain::kWall,
                   Timestamp(random.Below(1'000'000))},
                  row);
      break;
    case 2: {
      std::vector<Timestamp> times{Timestamp(random.Below(1000))};
      while (random.OneIn(2)) times.push_back(times.back() + 1 + random.Below(1000));
      EncodePassed(times, row);
      break;
    }
    default:
      row = {static_cast<char>(ProcessRow::kElement), static_cast<char>(random.Below(3))};
      AppendOrderedBytes(std::string(static_cast<size_t>(random.Below(3)), '\0') + "k", row);
      EXPECT_TRUE(
          AppendMapKey(random.OneIn(2) ? Value::Int(random.Below(1000)) : Value::Bool(true), row)
              .ok());
  }
  return row;
}

/// A row of some store as the target takes it: what store, and the row's key.
std::string PlacedRow(Random& random) {
  std::string row(1, static_cast<char>(random.Below(14)));
  if (random.OneIn(3)) row += '\xff';
  for (int64_t due = random.Below(3); due > 0; --due) {
    row += "htwcd"[random.Below(5)];
    AppendOrderedTime(Timestamp(random.Below(1000)), row);
  }
  return row + KeyedRow(random);
}

template <typename Make>
void MutateAndRun(Make make, int (*run)(const uint8_t*, size_t)) {
  constexpr uint64_t kSeed = 7;
  std::cout << "seed " << kSeed << "\n";
  Random random(kSeed);
  for (int i = 0; i < 20'000; ++i) {
    std::string input = make(random);
    for (int64_t edits = random.Below(4); edits > 0; --edits) {
      const auto at = static_cast<size_t>(random.Below(static_cast<int64_t>(input.size())));
      if (random.OneIn(3)) {
        input.erase(at, 1);
        if (input.empty()) break;
      } else {
        input[at] = static_cast<char>(random.Below(256));
      }
    }
    run(reinterpret_cast<const uint8_t*>(input.data()), input.size());
  }
}

TEST(HeldKeyFuzzTest, SurvivesSeededMutations) { MutateAndRun(&Input, &FuzzHeldKey); }

TEST(KeyedRowFuzzTest, SurvivesSeededMutations) { MutateAndRun(&KeyedRow, &FuzzKeyedRow); }

TEST(RowPlaceFuzzTest, SurvivesSeededMutations) { MutateAndRun(&PlacedRow, &FuzzRowPlace); }

TEST(WindowRowFuzzTest, SurvivesSeededMutations) { MutateAndRun(&WindowRow, &FuzzWindowRow); }

TEST(AggregateRowFuzzTest, SurvivesSeededMutations) { MutateAndRun(&State, &FuzzAggregateRow); }

}  // namespace
}  // namespace sidestream::operators
