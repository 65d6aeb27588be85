// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Windows that lie on the time line: what comes out when, with which key and time, what is late,
// and what is left in the store.

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/operators/window_case.h"

namespace sidestream::testing {
namespace {

class TumblingTest : public WindowCase {};
class HoppingTest : public WindowCase {};
class CountWindowTest : public WindowCase {};

TEST_F(TumblingTest, AFinalResultComesWhenTheWatermarkReachesTheEndAndLeavesNoRow) {
  Open("window: { tumbling: 10ms }, fields: { n: count() }");
  Put("a", 3);
  Put("a", 9);
  Put("b", 5);
  Put("a", 10);
  EXPECT_EQ(Commit(), Lines{});
  EXPECT_EQ(Rows(), 3U);
  Advance(8);
  EXPECT_EQ(Commit(), Lines{});
  Advance(9);
  EXPECT_EQ(Sent(), (Lines{R"(a {"n":2,"window_start":0,"window_end":10} @9)",
                           R"(b {"n":1,"window_start":0,"window_end":10} @9)"}));
  EXPECT_EQ(Commit(), Lines{});
  EXPECT_EQ(Rows(), 1U);
  Advance(kEndOfTime.value());
  EXPECT_EQ(Commit(), Lines{R"(a {"n":1,"window_start":10,"window_end":20} @19)"});
  EXPECT_EQ(Rows(), 0U);
}

TEST_F(TumblingTest, AWindowThatEndsInTheTransactionThatOpenedItWritesNothing) {
  Open("window: { tumbling: 10ms }, value: count()");
  Put("a", 3);
  Advance(9);
  EXPECT_EQ(Commit(), Lines{"a 1 @9"});
  EXPECT_EQ(context_.store(0).puts(), 0);
  EXPECT_EQ(Rows(), 0U);
}

TEST_F(TumblingTest, ResultsComeByWindowAndKeyWhereverTheyLie) {
  Open("window: { tumbling: 10ms }, value: sum(value)");
  Put("c", 1);
  Put("a", 11);
  Put("a", 2);
  Commit();
  Put("b", 3, "7");
  Put("a", 4, "2");
  Put("b", 12);
  Advance(19);
  EXPECT_EQ(Commit(), (Lines{"a 3 @9", "b 7 @9", "c 1 @9", "a 1 @19", "b 1 @19"}));
}

TEST_F(TumblingTest, WhatNoWindowTakesIsLateAndGoesToItsSide) {
  Open("window: { tumbling: 10ms }, value: count()");
  Advance(9);
  Put("a", 9, R"({"x":1})");
  Put("a", 10);
  EXPECT_EQ(Sent(), Lines{R"(late a {"x":1} @9)"});
  Advance(19);
  EXPECT_EQ(Commit(), Lines{"a 1 @19"});
}

TEST_F(TumblingTest, ALateRecordCorrectsOncePerCommitUntilItsLatenessIsOver) {
  Open("window: { tumbling: 10ms }, allowed_lateness: 20ms, value: count()");
  Put("a", 1);
  Advance(9);
  EXPECT_EQ(Commit(), Lines{"a 1 @9"});
  Put("a", 2);
  Put("a", 3);
  EXPECT_EQ(Sent(), Lines{});
  EXPECT_EQ(Commit(), Lines{"a 3 @9"});
  EXPECT_EQ(Commit(), Lines{});
  // One that opens a window gives its result at the commit, too.
  Put("b", 4);
  EXPECT_EQ(Commit(), Lines{"b 1 @9"});
  Advance(28);
  Put("a", 5);
  // The window goes before the commit: what it owes comes first.
  Advance(29);
  EXPECT_EQ(Sent(), Lines{"a 4 @9"});
  Put("a", 6);
  EXPECT_EQ(Commit(), Lines{"late a 1 @6"});
  EXPECT_EQ(Rows(), 0U);
}

TEST_F(TumblingTest, EachSendsEveryStateOfTheWindowWithTheLargestTime) {
  Open("window: { tumbling: 10ms }, emit: each, value: sum(value)");
  Put("a", 5, "1");
  Put("a", 3, "2");
  Put("b", 4, "5");
  EXPECT_EQ(Sent(), (Lines{"a 1 @5", "a 3 @5", "b 5 @4"}));
  Advance(9);
  EXPECT_EQ(Commit(), Lines{}) << "the end adds nothing";
}

TEST_F(TumblingTest, ChangesComeAtTheCommitWhereTheResultDiffers) {
  Open("window: { tumbling: 10ms }, emit: changes, value: max(value)");
  Put("a", 5, "4");
  Put("a", 6, "3");
  EXPECT_EQ(Commit(), Lines{"a 4 @6"});
  Put("a", 7, "2");
  EXPECT_EQ(Commit(), Lines{});
  Put("a", 8, "9");
  Advance(9);
  EXPECT_EQ(Commit(), Lines{"a 9 @8"}) << "the window goes, its last change does not";
}

TEST_F(TumblingTest, EveryHoldsResultsBackAndSendsTheEnd) {
  Open("window: { tumbling: 10ms }, emit: { every: 5s }, value: count()");
  AdvanceWall(0);
  EXPECT_EQ(program_->NextWallTime(), std::nullopt);
  Put("a", 1);
  EXPECT_EQ(Commit(), Lines{"a 1 @1"}) << "the first one goes at once";
  Put("a", 2);
  EXPECT_EQ(Commit(), Lines{});
  ASSERT_EQ(program_->NextWallTime(), context_.wall_time + 5000);
  AdvanceWall(4999);
  EXPECT_EQ(Commit(), Lines{});
  AdvanceWall(1);
  EXPECT_EQ(Commit(), Lines{"a 2 @2"}) << "without another record";
  Put("a", 3);
  EXPECT_EQ(Commit(), Lines{});
  Advance(9);
  EXPECT_EQ(Commit(), Lines{"a 3 @9"});
  AdvanceWall(10'000);
  EXPECT_EQ(Commit(), Lines{});
  EXPECT_EQ(Rows(), 0U);
}

TEST_F(TumblingTest, ACorrectionThatTheClockSendsHasTheTimeOfTheEnd) {
  Open("window: { tumbling: 10ms }, allowed_lateness: 20ms, emit: { every: 5s }, value: count()");
  Put("a", 1);
  Commit();
  Put("a", 2);
  EXPECT_EQ(Commit(), Lines{});
  Advance(9);
  EXPECT_EQ(Commit(), Lines{"a 2 @9"});
  Put("a", 3);
  AdvanceWall(5000);
  EXPECT_EQ(Commit(), Lines{"a 3 @9"});
}

TEST_F(TumblingTest, AResultThatIsHeldComesAfterACrash) {
  Open("window: { tumbling: 10ms }, emit: { every: 5s }, value: count()");
  Put("a", 1);
  Commit();
  Put("a", 2);
  Commit();
  Crash();
  AdvanceWall(0);
  EXPECT_EQ(program_->NextWallTime(), context_.wall_time + 5000);
  AdvanceWall(5000);
  EXPECT_EQ(Commit(), Lines{"a 2 @2"});
}

TEST_F(TumblingTest, ResultsSeeTheWindow) {
  Open("window: { tumbling: 10ms }, fields: { from: window.start, window_end: time.to_ms(window.end), k: key }");
  Put("a", 3);
  Advance(9);
  EXPECT_EQ(Commit(),
            Lines{R"(a {"from":"1970-01-01T00:00:00Z","window_end":10,"k":"a","window_start":0} @9)"});
}

TEST_F(TumblingTest, AWindowedKeyIsAnObjectOrTheBytesOfKafkaStreams) {
  Open("window: { tumbling: 10ms }, output_key: windowed_json, value: count()", "json");
  Put("a", 3);
  Advance(9);
  EXPECT_EQ(Commit(), Lines{R"({"key":"a","window_start":0,"window_end":10} 1 @9)"});
  Open("window: { tumbling: 10ms }, output_key: windowed_binary, value: count()", "bytes");
  Put("a", 13);
  Advance(19);
  EXPECT_EQ(Commit(), Lines{std::string("a\0\0\0\0\0\0\0\x0a", 9) + " 1 @19"});
}

TEST_F(TumblingTest, AResultThatCannotBeComputedMeetsThePolicyOfTheStep) {
  Open("window: { tumbling: 10ms }, value: 6 / sum(value)", "string", "skip");
  Put("a", 3, "0");
  Put("b", 3, "2");
  Advance(9);
  EXPECT_EQ(Commit(), Lines{"b 3 @9"});
  EXPECT_EQ(context_.dropped("p.w", "skipped"), 1);
  EXPECT_EQ(Rows(), 0U);
}

TEST_F(TumblingTest, ARecordThatFailsLeavesNoWindow) {
  Open("window: { tumbling: 10ms }, value: sum(value)", "string", "skip");
  Put("a", 3, R"("text")");
  Advance(9);
  EXPECT_EQ(Commit(), Lines{});
  EXPECT_EQ(context_.dropped("p.w", "skipped"), 1);
}

TEST_F(TumblingTest, DaysAndMonthsAreThoseOfTheZone) {
  // 2026-03-29 has 23 hours in Berlin.
  Open("window: { tumbling: 1d, zone: Europe/Berlin }, fields: { n: count() }");
  Put("a", 1'774'738'800'000);  // 2026-03-29T00:00 local
  Put("a", 1'774'738'799'999);
  Put("a", 1'774'821'599'999);  // the last of the day
  Put("a", 1'774'821'600'000);
  Advance(kEndOfTime.value());
  EXPECT_EQ(Commit(),
            (Lines{R"(a {"n":1,"window_start":1774652400000,"window_end":1774738800000} @1774738799999)",
                   R"(a {"n":2,"window_start":1774738800000,"window_end":1774821600000} @1774821599999)",
                   R"(a {"n":1,"window_start":1774821600000,"window_end":1774908000000} @1774907999999)"}));
  Open("window: { tumbling: 1mo, zone: UTC, offset: 6h }, fields: { n: count() }");
  Put("a", 1'772'344'800'000);  // 2026-03-01T06:00
  Put("a", 1'772'344'799'999);
  Advance(kEndOfTime.value());
  EXPECT_EQ(Commit(),
            (Lines{R"(a {"n":1,"window_start":1769925600000,"window_end":1772344800000} @1772344799999)",
                   R"(a {"n":1,"window_start":1772344800000,"window_end":1775023200000} @1775023199999)"}));
}

TEST_F(HoppingTest, ARecordIsInAllWindowsThatHoldIt) {
  Open("window: { hopping: 20ms, every: 10ms }, value: sum(value)");
  Put("a", 5, "1");
  Put("a", 15, "2");
  Put("b", 25, "4");
  Advance(8);
  EXPECT_EQ(Commit(), Lines{});
  Advance(9);
  EXPECT_EQ(Commit(), Lines{"a 1 @9"});
  Advance(29);
  EXPECT_EQ(Commit(), (Lines{"a 3 @19", "a 2 @29", "b 4 @29"}));
  Advance(kEndOfTime.value());
  EXPECT_EQ(Commit(), Lines{"b 4 @39"});
  EXPECT_EQ(Rows(), 1U) << "up to where windows were fired";
}

TEST_F(HoppingTest, ARecordMayBeTooLateForSomeOfItsWindows) {
  Open("window: { hopping: 20ms, every: 10ms }, value: count()");
  Put("a", 5);
  Advance(12);
  EXPECT_EQ(Sent(), Lines{"a 1 @9"});
  Put("a", 6);
  Put("a", 1);
  Advance(19);
  EXPECT_EQ(Sent(), Lines{"a 3 @19"});
  Put("a", 9);
  EXPECT_EQ(Commit(), Lines{"late a 1 @9"});
}

TEST_F(HoppingTest, EachWindowHasItsOwnLateness) {
  Open("window: { hopping: 20ms, every: 10ms }, allowed_lateness: 5ms, value: count()");
  Put("a", 5);
  Advance(13);
  EXPECT_EQ(Commit(), Lines{"a 1 @9"});
  Put("a", 6);
  EXPECT_EQ(Commit(), Lines{"a 2 @9"});
  Put("a", 7);
  Advance(14);
  EXPECT_EQ(Sent(), Lines{"a 3 @9"}) << "the window closes, its correction comes first";
  Put("a", 8);
  Advance(19);
  EXPECT_EQ(Commit(), Lines{"a 4 @19"});
  Put("a", 8);
  Put("a", 12);
  EXPECT_EQ(Commit(), Lines{"a 6 @19"});
}

TEST_F(HoppingTest, ProvisionalResultsAreThoseOfEachWindow) {
  Open("window: { hopping: 20ms, every: 10ms }, emit: each, fields: { n: count() }");
  Put("a", 15);
  EXPECT_EQ(Sent(), (Lines{R"(a {"n":1,"window_start":10,"window_end":30} @15)",
                           R"(a {"n":1,"window_start":0,"window_end":20} @15)"}));
}

TEST_F(HoppingTest, FiredWindowsStayFiredWhenTheWatermarkIsUnknownAgain) {
  Open("window: { hopping: 20ms, every: 10ms }, value: count()");
  Put("a", 15);
  Advance(19);
  EXPECT_EQ(Commit(), Lines{"a 1 @19"});
  committed_watermark_ = kNoWatermark;
  Crash();
  Advance(20);
  EXPECT_EQ(Commit(), Lines{});
  Advance(29);
  EXPECT_EQ(Commit(), Lines{"a 1 @29"});
}

TEST_F(HoppingTest, AFiringSeeksTheSlicesThatExistAndNotThoseThatCould) {
  Open("window: { hopping: 1h, every: 1s }, value: count()");
  constexpr int64_t kHour = 3'600'000;
  const auto scans = [this] { return context_.store(0).scans(); };
  for (const int64_t at : {kHour, kHour + 600'000, kHour + 1'200'000}) Put("a", at);
  Advance(kHour);
  for (int64_t second = 1; second <= 500; ++second) {
    const int64_t before = scans();
    Advance(kHour + second * 1000);
    EXPECT_LE(scans() - before, 8) << second;
    if (second % 100 == 0) {
      EXPECT_EQ(Commit().size(), 100U);
    }
  }
  // What a new owner does not have in memory is read for each window, but only what is there.
  Crash();
  Lines fired;
  for (int64_t second = 501; second <= 510; ++second) {
    const int64_t before = scans();
    Advance(kHour + second * 1000);
    EXPECT_LE(scans() - before, 8 + 3 * 2) << second;
    fired.push_back("a 1 @" + std::to_string(kHour + second * 1000 - 1));
  }
  EXPECT_EQ(Commit(), fired);
}

TEST_F(CountWindowTest, IsCompleteByArrivalAndStartsAgain) {
  Open("window: { count: 3 }, fields: { s: sum(value) }");
  for (const int at : {9, 2, 5, 7}) Put("a", at, std::to_string(at));
  EXPECT_EQ(Sent(), Lines{R"(a {"s":16} @9)"});
  EXPECT_EQ(Commit(), Lines{});
  Crash();
  Put("a", 1, "1");
  Put("b", 1, "1");
  Put("a", 2, "2");
  EXPECT_EQ(Commit(), Lines{R"(a {"s":10} @7)"});
  EXPECT_EQ(Rows(), 1U);
}

TEST_F(CountWindowTest, WithEveryResultsComeOftenerButNotBeforeTheCount) {
  Open("window: { count: 4, every: 2 }, value: sum(value)");
  for (int i = 1; i <= 9; ++i) {
    Put("a", i, std::to_string(i));
    if (i == 5) Commit();
  }
  EXPECT_EQ(Commit(), (Lines{"a 18 @6", "a 26 @8"}));
}

TEST_F(CountWindowTest, EachSendsEveryWindowThatIsComplete) {
  Open("window: { count: 2, every: 1 }, emit: each, value: sum(value)");
  for (int i = 1; i <= 4; ++i) Put("a", i, std::to_string(i));
  EXPECT_EQ(Sent(), (Lines{"a 3 @2", "a 5 @3", "a 7 @4"}));
  EXPECT_EQ(Commit(), Lines{});
}

TEST_F(CountWindowTest, ChangesSendsTheNewestWindowOfTheCommitWhereItDiffers) {
  Open("window: { count: 2, every: 1 }, emit: changes, value: max(value)");
  Put("a", 1, "4");
  EXPECT_EQ(Commit(), Lines{}) << "not complete";
  for (const char* value : {"3", "2", "9"}) Put("a", 2, value);
  EXPECT_EQ(Sent(), Lines{});
  EXPECT_EQ(Commit(), Lines{"a 9 @2"});
  Crash();
  Put("a", 3, "1");
  EXPECT_EQ(Commit(), Lines{});
  Put("a", 4, "5");
  EXPECT_EQ(Commit(), Lines{"a 5 @4"});
}

TEST_F(CountWindowTest, EveryHoldsTheNewestWindowBack) {
  Open("window: { count: 2 }, emit: { every: 5s }, value: sum(value)");
  AdvanceWall(0);
  EXPECT_EQ(program_->NextWallTime(), std::nullopt);
  for (int i = 1; i <= 2; ++i) Put("a", i, std::to_string(i));
  EXPECT_EQ(Commit(), Lines{"a 3 @2"});
  for (int i = 3; i <= 4; ++i) Put("a", i, std::to_string(i));
  EXPECT_EQ(Commit(), Lines{});
  for (int i = 5; i <= 6; ++i) Put("a", i, std::to_string(i));
  EXPECT_EQ(Commit(), Lines{});
  Crash();
  AdvanceWall(4999);
  EXPECT_EQ(Commit(), Lines{});
  AdvanceWall(1);
  EXPECT_EQ(Commit(), Lines{"a 11 @6"}) << "without another record";
  AdvanceWall(5000);
  EXPECT_EQ(Commit(), Lines{});
  EXPECT_EQ(program_->NextWallTime(), std::nullopt);
}

TEST_F(CountWindowTest, WhatEveryHeldBackWaitsNoLongerUnderAnotherEmit) {
  for (const std::string emit : {"each", "changes", "final"}) {
    SCOPED_TRACE(emit);
    Open("window: { count: 2 }, emit: { every: 5s }, value: sum(value)");
    AdvanceWall(0);
    for (int i = 1; i <= 2; ++i) Put("a", i, std::to_string(i));
    EXPECT_EQ(Commit(), Lines{"a 3 @2"});
    for (int i = 3; i <= 4; ++i) Put("a", i, std::to_string(i));
    EXPECT_EQ(Commit(), Lines{});
    EXPECT_EQ(Rows(), 2U);
    Reopen("window: { count: 2 }, emit: " + emit + ", value: sum(value)");
    AdvanceWall(0);
    EXPECT_EQ(Commit(), emit == "changes" ? Lines{"a 7 @4"} : Lines{});
    EXPECT_EQ(Rows(), 1U) << "none that says when";
    EXPECT_EQ(program_->NextWallTime(), std::nullopt);
  }
}

TEST_F(CountWindowTest, NothingIsHeldBackWhenTheInputsHaveEnded) {
  Open("window: { count: 1 }, emit: { every: 5s }, value: sum(value)");
  AdvanceWall(0);
  for (int i = 1; i <= 3; ++i) {
    Put("a", i, std::to_string(i));
    EXPECT_EQ(Commit(), i == 1 ? Lines{"a 1 @1"} : Lines{});
  }
  Crash();
  Put("b", 4, "4");
  EXPECT_EQ(Commit(), Lines{"b 4 @4"});
  Put("b", 5, "5");
  Advance(kEndOfTime.value());
  EXPECT_EQ(Commit(), (Lines{"a 3 @3", "b 5 @5"}));
}

}  // namespace
}  // namespace sidestream::testing
