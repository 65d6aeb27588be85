// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Pairing of records by every match mode. A record is a letter and a digit: its key and value; '*'
// in an expectation stands for any.

#include "harness/record_pairing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/clock.h"

namespace sidestream::harness {
namespace {

using topology::MatchMode;
using Records = std::vector<std::string>;

std::vector<Pairing> PairOf(const Records& expected, const Records& actual, MatchMode mode) {
  const auto fits = [](char wanted, char found) { return wanted == '*' || wanted == found; };
  const PairingTask task{
      .expected = expected.size(),
      .actual = actual.size(),
      .matches =
          [&](size_t e, size_t a) {
            return fits(expected[e][0], actual[a][0]) && fits(expected[e][1], actual[a][1]);
          },
      .same_key = [&](size_t e, size_t a) { return expected[e][0] == actual[a][0]; },
      .has_key = [&](size_t e) { return expected[e][0] != '*'; },
      .equal_keys = [&](size_t a, size_t b) { return actual[a][0] == actual[b][0]; }};
  return PairRecords(task, mode);
}

/// "a1=a1" fits, "a1~a2" is shown side by side, "a1-" did not come, "+a2" was not expected.
std::string TextOf(const Records& expected, const Records& actual, MatchMode mode) {
  std::string text;
  for (const Pairing& pairing : PairOf(expected, actual, mode)) {
    if (!text.empty()) text += ' ';
    if (!pairing.expected) {
      text += "+" + actual[*pairing.actual];
    } else if (!pairing.actual) {
      text += expected[*pairing.expected] + "-";
    } else {
      text += expected[*pairing.expected] + (pairing.fits ? "=" : "~") + actual[*pairing.actual];
    }
  }
  return text;
}

TEST(RecordPairingTest, ExactHasAnOrderPerKeyOnly) {
  EXPECT_EQ(TextOf({"a1", "a2", "b1"}, {"b1", "a1", "a2"}, MatchMode::kExact), "a1=a1 a2=a2 b1=b1");
  EXPECT_EQ(TextOf({"a1", "a2"}, {"a2", "a1"}, MatchMode::kExact), "a1~a1 a2=a2");
  EXPECT_EQ(TextOf({"a1", "b2"}, {"a1", "b3", "c1"}, MatchMode::kExact), "a1=a1 b2~b3 +c1");
}

TEST(RecordPairingTest, ARecordTooManyOrTooFewDoesNotShiftTheOthers) {
  EXPECT_EQ(TextOf({"a1", "a3"}, {"a1", "a2", "a3"}, MatchMode::kExact), "a1=a1 a3=a3 +a2");
  EXPECT_EQ(TextOf({"a1", "a2", "a3"}, {"a1", "a3"}, MatchMode::kExact), "a1=a1 a2- a3=a3");
  EXPECT_EQ(TextOf({"a1", "a2", "a3"}, {"a1", "a5", "a3"}, MatchMode::kOrdered),
            "a1=a1 a2~a5 a3=a3");
}

TEST(RecordPairingTest, ExactWithoutKeysTakesTheFirstOfAKeyThatFits) {
  EXPECT_EQ(TextOf({"*2", "*1"}, {"a1", "b2"}, MatchMode::kExact), "*2=b2 *1=a1");
  // a2 stands behind a1, so it cannot come first.
  EXPECT_EQ(TextOf({"*2", "*1"}, {"a1", "a2"}, MatchMode::kExact), "*2~a2 *1=a1");
}

TEST(RecordPairingTest, OrderedIsTheOrderOfAll) {
  EXPECT_EQ(TextOf({"a1", "b1"}, {"a1", "b1"}, MatchMode::kOrdered), "a1=a1 b1=b1");
  EXPECT_EQ(TextOf({"a1", "b1"}, {"b1", "a1"}, MatchMode::kOrdered), "a1~a1 b1=b1");
}

TEST(RecordPairingTest, UnorderedFindsAWayWhereThereIsOne) {
  // The first expectation fits both; it must leave a1 to the second.
  EXPECT_EQ(TextOf({"a*", "a1"}, {"a1", "a2"}, MatchMode::kUnordered), "a*=a2 a1=a1");
  EXPECT_EQ(TextOf({"**", "a*", "a1"}, {"a1", "a2", "b1"}, MatchMode::kUnordered),
            "**=b1 a*=a2 a1=a1");
  EXPECT_EQ(TextOf({"a1"}, {"a1", "a1"}, MatchMode::kUnordered), "a1=a1 +a1");
}

TEST(RecordPairingTest, ContainsAndLastPerKey) {
  EXPECT_EQ(TextOf({"b1"}, {"a1", "b1", "c1"}, MatchMode::kContains), "b1=b1 +a1 +c1");
  EXPECT_EQ(TextOf({"a3", "b1"}, {"a1", "b1", "a3"}, MatchMode::kLastPerKey), "a3=a3 b1=b1");
  EXPECT_EQ(TextOf({"a1"}, {"a1", "a3"}, MatchMode::kLastPerKey), "a1~a3");
}

TEST(RecordPairingTest, WhateverComesEveryRecordStandsInOnePairing) {
  Random random(20'260'101);
  const auto records = [&](std::string_view keys) {
    Records made(static_cast<size_t>(random.Below(7)));
    for (std::string& record : made) {
      record = {keys[static_cast<size_t>(random.Below(static_cast<int64_t>(keys.size())))],
                static_cast<char>('1' + random.Below(2))};
    }
    return made;
  };
  for (int i = 0; i < 3000; ++i) {
    const Records expected = records("ab*");
    const Records actual = records("ab");
    for (const MatchMode mode :
         {MatchMode::kExact, MatchMode::kOrdered, MatchMode::kUnordered, MatchMode::kContains}) {
      SCOPED_TRACE(TextOf(expected, actual, mode));
      Records seen_expected;
      Records seen_actual;
      size_t fitting = 0;
      for (const Pairing& pairing : PairOf(expected, actual, mode)) {
        if (pairing.expected) seen_expected.push_back(expected[*pairing.expected]);
        if (pairing.actual) seen_actual.push_back(actual[*pairing.actual]);
        if (pairing.fits) ++fitting;
      }
      EXPECT_EQ(seen_expected, expected);
      Records all = actual;
      std::sort(all.begin(), all.end());
      std::sort(seen_actual.begin(), seen_actual.end());
      EXPECT_EQ(seen_actual, all);
      if (mode != MatchMode::kUnordered || expected.size() != actual.size()) continue;
      // The naive way: try every order.
      Records order = all;
      bool possible = false;
      do {
        bool good = true;
        for (size_t k = 0; k < order.size(); ++k) {
          good = good && (expected[k][0] == '*' || expected[k][0] == order[k][0]) &&
                 expected[k][1] == order[k][1];
        }
        possible = possible || good;
      } while (!possible && std::next_permutation(order.begin(), order.end()));
      EXPECT_EQ(fitting == expected.size(), possible);
    }
  }
}

}  // namespace
}  // namespace sidestream::harness
