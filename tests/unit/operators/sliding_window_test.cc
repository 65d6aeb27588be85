// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Sliding windows, as Kafka Streams defines them: one ends with each record, one begins behind it
// if anything follows within the length.

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/operators/window_case.h"

namespace sidestream::testing {
namespace {

class SlidingTest : public WindowCase {};

TEST_F(SlidingTest, AWindowEndsWithEachRecordAndBeginsBehindEach) {
  Open("window: { sliding: 10ms }, fields: { n: count() }");
  for (const int at : {108, 100, 105}) Put("a", at);
  Advance(107);
  EXPECT_EQ(Commit(), (Lines{R"(a {"n":1,"window_start":90,"window_end":101} @100)",
                             R"(a {"n":2,"window_start":95,"window_end":106} @105)"}));
  Advance(200);
  EXPECT_EQ(Commit(), (Lines{R"(a {"n":3,"window_start":98,"window_end":109} @108)",
                             R"(a {"n":2,"window_start":101,"window_end":112} @111)",
                             R"(a {"n":1,"window_start":106,"window_end":117} @116)"}));
  EXPECT_EQ(Rows(), 0U);
}

TEST_F(SlidingTest, RecordsOfOneInstantAreInTheSameWindows) {
  Open("window: { sliding: 10ms }, value: sum(value)");
  Put("a", 100, "1");
  Put("a", 100, "2");
  Put("a", 111, "4");
  Advance(200);
  EXPECT_EQ(Commit(), (Lines{"a 3 @100", "a 4 @111"}));
}

TEST_F(SlidingTest, ALateRecordChangesTheWindowsThatAreOpenForIt) {
  Open("window: { sliding: 10ms }, allowed_lateness: 20ms, value: count()");
  Put("a", 100);
  Put("a", 105);
  Advance(112);
  EXPECT_EQ(Commit(), (Lines{"a 1 @100", "a 2 @105", "a 1 @111"}));
  Put("a", 103);
  EXPECT_EQ(Commit(), (Lines{"a 2 @103", "a 3 @105", "a 2 @111"}));
  Advance(200);
  EXPECT_EQ(Commit(), Lines{"a 1 @114"});
  EXPECT_EQ(Rows(), 0U);
}

TEST_F(SlidingTest, WhatNoWindowCanHoldIsLate) {
  Open("window: { sliding: 10ms }, value: count()");
  Advance(110);
  Put("a", 100);
  Put("a", 101);
  Put("a", 111);
  Advance(111);
  EXPECT_EQ(Commit(), (Lines{"late a 1 @100", "a 2 @111"}));
}

TEST_F(SlidingTest, EachSendsEveryWindowThatARecordTouches) {
  Open("window: { sliding: 10ms }, emit: each, fields: { n: count() }");
  Put("a", 100);
  EXPECT_EQ(Sent(), Lines{R"(a {"n":1,"window_start":90,"window_end":101} @100)"});
  Put("a", 104);
  EXPECT_EQ(Sent(), (Lines{R"(a {"n":2,"window_start":94,"window_end":105} @104)",
                           R"(a {"n":1,"window_start":101,"window_end":112} @104)"}));
  Advance(200);
  EXPECT_EQ(Commit(), Lines{});
}

TEST_F(SlidingTest, UnderEachACorrectionHasTheLargestTimeToo) {
  Open("window: { sliding: 10ms }, allowed_lateness: 20ms, emit: each, value: count()");
  Put("a", 100);
  Put("a", 105);
  Advance(112);
  Commit();
  Put("a", 103);
  EXPECT_EQ(Sent(), Lines{"a 1 @105"}) << "the window behind it, which is not over";
  EXPECT_EQ(Commit(), (Lines{"a 2 @103", "a 3 @105", "a 2 @105"}));
}

TEST_F(SlidingTest, ChangesComeAtTheCommitWhereTheResultDiffers) {
  Open("window: { sliding: 10ms }, emit: changes, fields: { high: max(value) }");
  Put("a", 100, "5");
  Put("a", 104, "7");
  EXPECT_EQ(Commit(), (Lines{R"(a {"high":5,"window_start":90,"window_end":101} @100)",
                             R"(a {"high":7,"window_start":94,"window_end":105} @104)",
                             R"(a {"high":7,"window_start":101,"window_end":112} @104)"}));
  Put("a", 102, "6");
  EXPECT_EQ(Commit(), (Lines{R"(a {"high":6,"window_start":92,"window_end":103} @102)",
                             R"(a {"high":7,"window_start":103,"window_end":114} @104)"}))
      << "what the others hold now gives the same";
  Put("a", 102, "1");
  EXPECT_EQ(Commit(), Lines{});
  Put("a", 101, "8");
  // Its windows end before the commit: their last change does not get lost.
  Advance(200);
  EXPECT_EQ(Sent(), (Lines{R"(a {"high":8,"window_start":91,"window_end":102} @101)",
                           R"(a {"high":8,"window_start":92,"window_end":103} @102)",
                           R"(a {"high":8,"window_start":94,"window_end":105} @104)",
                           R"(a {"high":8,"window_start":101,"window_end":112} @104)",
                           R"(a {"high":7,"window_start":102,"window_end":113} @104)"}));
  EXPECT_EQ(Commit(), Lines{});
  EXPECT_EQ(Rows(), 0U);
}

TEST_F(SlidingTest, WhatWasSentOfAWindowIsARowWithoutRecords) {
  Open("window: { sliding: 10ms }, emit: changes, value: count()");
  Put("a", 100);
  Commit();
  const std::map<std::string, std::string>& rows = context_.store(0).committed();
  const auto row = rows.find(std::string("va\0\x01\x80\0\0\0\0\0\0\x64", 12));
  ASSERT_NE(row, rows.end());
  EXPECT_EQ(row->second, std::string("\x02\x08\xc8\x01\x06\x6f\xbc\x13\x13\x01\0\x02\x03\x02", 14));
}

TEST_F(SlidingTest, EveryHoldsResultsOfEachWindowAndSendsItsEnd) {
  Open("window: { sliding: 10ms }, emit: { every: 5s }, value: count()");
  AdvanceWall(0);
  Put("a", 100);
  EXPECT_EQ(Commit(), Lines{"a 1 @100"}) << "the first one goes at once";
  Put("a", 100);
  EXPECT_EQ(Commit(), Lines{});
  Crash();
  AdvanceWall(5000);
  EXPECT_EQ(Commit(), Lines{"a 2 @100"});
  Put("a", 100);
  EXPECT_EQ(Commit(), Lines{});
  Advance(100);
  EXPECT_EQ(Commit(), Lines{"a 3 @100"});
  AdvanceWall(10'000);
  EXPECT_EQ(Commit(), Lines{});
  EXPECT_EQ(program_->NextWallTime(), std::nullopt);
  Advance(111);
  EXPECT_EQ(Commit(), Lines{});
  EXPECT_EQ(Rows(), 0U);
}

TEST_F(SlidingTest, WhatOnlyEveryKeepsGoesUnderAnotherEmit) {
  for (const std::string emit : {"each", "final"}) {
    SCOPED_TRACE(emit);
    Open("window: { sliding: 10ms }, emit: { every: 5s }, value: count()");
    AdvanceWall(0);
    Put("a", 100);
    EXPECT_EQ(Commit(), Lines{"a 1 @100"});
    Put("a", 100);
    EXPECT_EQ(Commit(), Lines{});
    const size_t rows = Rows();
    Reopen("window: { sliding: 10ms }, emit: " + emit + ", value: count()");
    AdvanceWall(0);
    EXPECT_EQ(Commit(), Lines{});
    EXPECT_EQ(Rows(), rows - 2) << "what was sent, and when the next one may be";
    EXPECT_EQ(program_->NextWallTime(), std::nullopt);
    Advance(111);
    EXPECT_EQ(Commit(), emit == "final" ? Lines{"a 2 @100"} : Lines{});
    EXPECT_EQ(Rows(), 0U);
  }
}

TEST_F(SlidingTest, ALateRecordCorrectsUnderEveryMode) {
  for (const char* emit : {"each", "changes", "{ every: 5s }"}) {
    SCOPED_TRACE(emit);
    const bool end = emit[0] == '{';
    Open("window: { sliding: 10ms }, allowed_lateness: 20ms, emit: " + std::string(emit) +
         ", value: count()");
    Put("a", 100);
    Put("a", 105);
    Commit();
    Advance(112);
    EXPECT_EQ(Commit(), end ? (Lines{"a 1 @100", "a 2 @105", "a 1 @111"}) : Lines{});
    Put("a", 103);
    EXPECT_EQ(Sent(), emit[0] == 'e' ? Lines{"a 1 @105"} : Lines{}) << "one begins behind it";
    EXPECT_EQ(Commit(), end               ? (Lines{"a 2 @103", "a 3 @105", "a 2 @111", "a 1 @105"})
                        : emit[0] == 'e' ? (Lines{"a 2 @103", "a 3 @105", "a 2 @105"})
                                         : (Lines{"a 2 @103", "a 3 @105", "a 2 @105", "a 1 @105"}));
    Advance(200);
    EXPECT_EQ(Commit(), end ? Lines{"a 1 @114"} : Lines{});
    EXPECT_EQ(Rows(), 0U);
  }
}

TEST_F(SlidingTest, ALateRecordIsACorrectionAlsoWhereTheWatermarkIsNotKnown) {
  Open("window: { sliding: 10ms }, allowed_lateness: 20ms, value: count()");
  Put("a", 105);
  Advance(112);
  EXPECT_EQ(Commit(), Lines{"a 1 @105"});
  committed_watermark_ = kNoWatermark;
  Crash();
  Put("a", 103);
  EXPECT_EQ(Commit(), (Lines{"a 1 @103", "a 2 @105"}));
}

TEST_F(SlidingTest, WindowsSurviveACrash) {
  Open("window: { sliding: 10ms }, value: count()");
  Put("a", 100);
  Put("a", 104);
  Advance(102);
  EXPECT_EQ(Commit(), Lines{"a 1 @100"});
  Crash();
  Advance(200);
  EXPECT_EQ(Commit(), (Lines{"a 2 @104", "a 1 @111"}));
}

}  // namespace
}  // namespace sidestream::testing
