// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// An aggregate without window whose groups end: by its ttl, in either clock.

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <random>
#include <string>

#include "operators/expiry.h"
#include "tests/unit/operators/window_case.h"

namespace sidestream::testing {
namespace {

class GroupTtlTest : public WindowCase {};

TEST_F(GroupTtlTest, ARecordThatComesTheTtlLaterBeginsANewGroup) {
  Open("ttl: 100ms, emit: each, fields: { n: count(), s: sum(value) }");
  Put("a", 1000, "1");
  Put("a", 1099, "2");
  Put("b", 1050, "7");
  Put("a", 1198, "4");
  Put("a", 1298, "8");
  EXPECT_EQ(Sent(), (Lines{R"(a {"n":1,"s":1} @1000)", R"(a {"n":2,"s":3} @1099)",
                           R"(b {"n":1,"s":7} @1050)", R"(a {"n":3,"s":7} @1198)",
                           R"(a {"n":1,"s":8} @1298)"}));
  // Out of order: what a later one has written is there, and does not become older.
  Put("a", 1210, "1");
  Put("a", 1397, "1");
  EXPECT_EQ(Sent(), (Lines{R"(a {"n":2,"s":9} @1298)", R"(a {"n":3,"s":10} @1397)"}));
}

TEST_F(GroupTtlTest, ALateRecordFindsWhatHasNotEndedAtTheWatermark) {
  Open("ttl: 100ms, emit: each, value: count()");
  Put("a", 1000);
  Put("b", 1050);
  Advance(1100);
  Put("a", 1040);
  Put("b", 1040);
  EXPECT_EQ(Sent(), (Lines{"a 1 @1000", "b 1 @1050", "a 1 @1040", "b 2 @1050"}));
}

TEST_F(GroupTtlTest, RowsGoInTheTransactionAndComeBackNever) {
  Open("ttl: 100ms, value: count()");
  Put("a", 1000);
  Put("b", 1060);
  EXPECT_EQ(Commit(), (Lines{"a 1 @1000", "b 1 @1060"}));
  EXPECT_EQ(Rows(), 4u) << "a row and its entry, of each";
  Put("a", 1050);
  EXPECT_EQ(Commit(), Lines{"a 2 @1050"});
  Advance(1149);
  EXPECT_EQ(Commit(), Lines{});
  EXPECT_EQ(Rows(), 4u);
  Advance(1150);
  Crash();
  EXPECT_EQ(Rows(), 4u);
  Advance(1150);
  EXPECT_EQ(Commit(), Lines{});
  EXPECT_EQ(Rows(), 2u);
  Crash();
  Advance(1160);
  EXPECT_EQ(Commit(), Lines{});
  EXPECT_EQ(Rows(), 0u);
}

TEST_F(GroupTtlTest, WhatEndsAtOnceGoesOverSeveralCommits) {
  Open("ttl: 100ms, value: count()");
  constexpr size_t kGroups = 5000;
  for (size_t i = 0; i < kGroups; ++i) Put(std::to_string(i), 1000);
  Commit();
  Advance(5000);
  int commits = 0;
  while (Rows() > 0) {
    const size_t before = Rows();
    Commit();
    EXPECT_LE(before - Rows(), 2 * 2 * operators::Expiry::kRowsMin);
    // Without another record.
    if (Rows() > 0) {
      EXPECT_EQ(program_->NextWallTime(), kNoTimestamp);
    }
    AdvanceWall(0);
    ASSERT_LT(++commits, 20);
  }
  EXPECT_GE(commits, 2);
  EXPECT_EQ(program_->NextWallTime(), std::nullopt);
}

TEST_F(GroupTtlTest, ByTheWallClockGroupsEndWithoutAnotherRecord) {
  Open("ttl: 10s, ttl_time: processing, emit: each, value: count()");
  Put("a", 5);
  AdvanceWall(9999);
  Put("a", 1'000'000'000);
  AdvanceWall(9999);
  Put("a", 5);
  Commit();
  AdvanceWall(10'000);
  Put("a", 5);
  EXPECT_EQ(Commit(), Lines{"a 1 @5"});
  EXPECT_EQ(Rows(), 2u);
  ASSERT_TRUE(program_->NextWallTime().has_value());
  while (program_->NextWallTime() && *program_->NextWallTime() <= context_.wall_time) {
    AdvanceWall(0);
    Commit();
  }
  ASSERT_TRUE(program_->NextWallTime().has_value());
  AdvanceWall(*program_->NextWallTime() - context_.wall_time);
  Commit();
  EXPECT_EQ(Rows(), 0u);
  EXPECT_EQ(program_->NextWallTime(), std::nullopt);
}

TEST_F(GroupTtlTest, AnUpdateIsWhatAFunctionTakesInOrAnyRecord) {
  const std::string count = "emit: each, value: count().where(value > 0)";
  Open("ttl: 100ms, " + count);
  Put("a", 1000, "1");
  Put("a", 1090, "0");
  Put("a", 1100, "1");
  EXPECT_EQ(Sent(), (Lines{"a 1 @1000", "a 1 @1090", "a 1 @1100"}));
  Open("ttl: 100ms, ttl_update: read_write, " + count);
  Put("a", 1000, "1");
  Put("a", 1090, "0");
  Put("a", 1100, "1");
  Put("a", 1200, "1");
  EXPECT_EQ(Sent(), (Lines{"a 1 @1000", "a 1 @1090", "a 2 @1100", "a 1 @1200"}));
}

TEST_F(GroupTtlTest, ARecordThatFailsEndsNothing) {
  Open("ttl: 100ms, emit: each, fold: { init: '0', step: 100 / value + acc }", "string", "skip");
  Put("a", 1000, "10");
  Put("a", 1100, "0");
  Put("a", 1099, "5");
  EXPECT_EQ(Sent(), (Lines{"a 10 @1000", "a 30 @1099"}));
}

TEST_F(GroupTtlTest, ANewGroupIsSentThoughItEqualsTheOldOne) {
  Open("ttl: 100ms, value: count()");
  Put("a", 1000);
  EXPECT_EQ(Commit(), Lines{"a 1 @1000"});
  Put("a", 1100);
  EXPECT_EQ(Commit(), Lines{"a 1 @1100"});
}

TEST_F(GroupTtlTest, AResultThatIsHeldIsNotLost) {
  Open("ttl: 100ms, emit: { every: 5s }, value: count()");
  Put("a", 1000);
  EXPECT_EQ(Commit(), Lines{"a 1 @1000"});
  Put("a", 1001);
  EXPECT_EQ(Commit(), Lines{});
  Advance(2000);
  EXPECT_EQ(Commit(), Lines{});
  AdvanceWall(5000);
  EXPECT_EQ(Commit(), Lines{"a 2 @1001"});
  Advance(10'000);
  Commit();
  EXPECT_EQ(Rows(), 0u);
}

TEST_F(GroupTtlTest, FinalSendsTheGroupsThatHaveNotEnded) {
  Open("ttl: 100ms, emit: final, value: count()");
  Put("a", 1000);
  Put("b", 1040);
  Commit();
  Advance(1110);
  Advance(kEndOfTime.value());
  EXPECT_EQ(Commit(), Lines{"b 1 @1040"});
}

TEST_F(GroupTtlTest, AnAggregateMayBeGivenATtlLater) {
  Open("value: count()");
  Put("a", 1000);
  Put("b", 1000);
  Commit();
  const std::map<std::string, std::string> rows = context_.store(0).committed();
  Open("ttl: 100ms, value: count()");
  for (const auto& [key, value] : rows) context_.store(0).Put(key, value);
  context_.Commit();
  Put("a", 5000);
  EXPECT_EQ(Commit(), Lines{"a 2 @5000"});
  Advance(6000);
  Commit();
  EXPECT_EQ(Rows(), 1u) << "b has none yet";
}

/// Groups as the page has them, each with all of its records.
TEST_F(GroupTtlTest, RandomRecordsGiveWhatANaiveModelGives) {
  for (uint32_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto draw = [&](int64_t most) { return static_cast<int64_t>(random() % (most + 1)); };
    const int64_t ttl = 1 + draw(80);
    Open("ttl: " + std::to_string(ttl) + "ms, emit: each, fields: { n: count(), s: sum(value) }");
    struct Model {
      int64_t number = 0;
      int64_t sum = 0;
      int64_t time = 0;
      int64_t updated = 0;
    };
    std::map<std::string, Model> models;
    std::map<std::string, Model> committed;
    int64_t clock = 1000;
    int64_t committed_clock = clock;
    for (int i = 0; i < 300; ++i) {
      clock += draw(10);
      const std::string key(1, static_cast<char>('a' + draw(3)));
      const int64_t at = clock - draw(draw(3) == 0 ? 150 : 10);
      Put(key, at, std::to_string(i));
      const int64_t now = std::max(at, watermark_.value());
      Model& model = models[key];
      if (model.updated + ttl <= now) model = {0, 0, at, now};
      ++model.number;
      model.sum += i;
      model.time = std::max(model.time, at);
      model.updated = std::max(model.updated, now);
      ASSERT_EQ(Sent(), Lines{key + " {\"n\":" + std::to_string(model.number) + ",\"s\":" +
                              std::to_string(model.sum) + "} @" + std::to_string(model.time)});
      if (draw(2) == 0) Advance(std::max(watermark_.value(), clock - draw(60)));
      if (draw(4) == 0) {
        Commit();
        committed = models;
        committed_clock = clock;
      }
      if (draw(15) == 0) {
        Crash();
        models = committed;
        clock = committed_clock;
      }
    }
    Advance(clock + 1000);
    Commit();
    EXPECT_EQ(Rows(), 0u);
  }
}

}  // namespace
}  // namespace sidestream::testing
