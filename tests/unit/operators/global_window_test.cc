// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// An aggregate without window whose results are held back: until all inputs have ended, or for a
// time of the wall clock.

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/operators/window_case.h"

namespace sidestream::testing {
namespace {

class GlobalWindowTest : public WindowCase {
 protected:
  static constexpr int64_t kEnd = kEndOfTime.value();
};

TEST_F(GlobalWindowTest, FinalGivesOneResultOfEachGroupWhenAllInputsHaveEnded) {
  Open("emit: final, fields: { n: count(), s: sum(value) }");
  Put("b", 30, "2");
  Put("a", 10, "1");
  EXPECT_EQ(Commit(), Lines{});
  Put("a", 5, "4");
  Advance(1'000'000);
  EXPECT_EQ(Commit(), Lines{});
  Advance(kEnd);
  EXPECT_EQ(Sent(), (Lines{R"(a {"n":2,"s":5} @10)", R"(b {"n":1,"s":2} @30)"}));
  EXPECT_EQ(Commit(), Lines{});
}

TEST_F(GlobalWindowTest, FinalComesOnceWhateverIsKnownOfTheWatermark) {
  Open("emit: final, value: count()");
  Put("a", 10);
  Advance(kEnd);
  Crash();
  Put("a", 10);
  Put("a", 11);
  Advance(kEnd);
  EXPECT_EQ(Commit(), Lines{"a 2 @11"});
  Crash();
  Advance(kEnd);
  EXPECT_EQ(Commit(), Lines{});
  committed_watermark_ = kNoWatermark;
  Crash();
  Advance(kEnd);
  EXPECT_EQ(Commit(), Lines{}) << "the store knows";
}

TEST_F(GlobalWindowTest, InputsThatEndAgainGiveResultsAgain) {
  Open("emit: final, value: count()");
  Put("a", 10);
  Put("b", 10);
  Advance(kEnd);
  EXPECT_EQ(Commit(), (Lines{"a 1 @10", "b 1 @10"}));
  committed_watermark_ = kNoWatermark;
  Crash();
  Put("a", 20);
  EXPECT_EQ(Commit(), Lines{});
  Advance(kEnd);
  EXPECT_EQ(Commit(), (Lines{"a 2 @20", "b 1 @10"}));
}

TEST_F(GlobalWindowTest, WhatComesBehindTheEndIsACorrection) {
  Open("emit: final, value: count()");
  Put("a", 10);
  Advance(kEnd);
  EXPECT_EQ(Commit(), Lines{"a 1 @10"});
  Put("a", 11);
  EXPECT_EQ(Commit(), Lines{"a 2 @11"});
}

TEST_F(GlobalWindowTest, WhatEveryHeldBackWaitsNoLongerUnderAnotherEmit) {
  for (const std::string emit : {"each", "changes", "final"}) {
    SCOPED_TRACE(emit);
    Open("emit: { every: 5s }, value: count()");
    AdvanceWall(0);
    Put("a", 1);
    EXPECT_EQ(Commit(), Lines{"a 1 @1"});
    Put("a", 2);
    EXPECT_EQ(Commit(), Lines{});
    EXPECT_EQ(Rows(), 2U);
    Reopen("emit: " + emit + ", value: count()");
    AdvanceWall(0);
    EXPECT_EQ(Commit(), emit == "final" ? Lines{} : Lines{"a 2 @2"});
    EXPECT_EQ(Rows(), 1U) << "none that says when";
    EXPECT_EQ(program_->NextWallTime(), std::nullopt);
    // And back again.
    Reopen("emit: { every: 5s }, value: count()");
    Put("a", 3);
    Commit();
    AdvanceWall(5000);
    Commit();
    Put("a", 4);
    EXPECT_EQ(Commit(), Lines{});
    AdvanceWall(5000);
    EXPECT_EQ(Commit(), Lines{"a 4 @4"});
    Advance(kEnd);
    EXPECT_EQ(Commit(), Lines{"a 4 @4"});
  }
}

TEST_F(GlobalWindowTest, EveryHoldsResultsBackForATimeOfTheClock) {
  Open("emit: { every: 5s }, value: count()");
  AdvanceWall(0);
  EXPECT_EQ(program_->NextWallTime(), std::nullopt);
  Put("a", 1);
  EXPECT_EQ(Commit(), Lines{"a 1 @1"}) << "the first one goes at once";
  AdvanceWall(1000);
  Put("a", 2);
  Put("b", 2);
  EXPECT_EQ(Commit(), Lines{"b 1 @2"});
  ASSERT_EQ(program_->NextWallTime(), context_.wall_time + 4000);
  AdvanceWall(3999);
  EXPECT_EQ(Commit(), Lines{});
  AdvanceWall(1);
  EXPECT_EQ(Commit(), Lines{"a 2 @2"}) << "without another record";
  AdvanceWall(5000);
  Put("a", 3);
  EXPECT_EQ(Commit(), Lines{"a 3 @3"}) << "the time is over";
  EXPECT_EQ(Rows(), 2U);
}

TEST_F(GlobalWindowTest, AResultThatDoesNotDifferIsNotSentWhenTheTimeIsOver) {
  Open("emit: { every: 5s }, value: max(value)");
  Put("a", 1, "9");
  EXPECT_EQ(Commit(), Lines{"a 9 @1"});
  Put("a", 2, "3");
  EXPECT_EQ(Commit(), Lines{});
  AdvanceWall(5000);
  EXPECT_EQ(Commit(), Lines{});
  Put("a", 3, "12");
  EXPECT_EQ(Commit(), Lines{"a 12 @3"}) << "nothing was sent in the last five seconds";
}

TEST_F(GlobalWindowTest, AHeldResultHasWhatTheTransactionTookUpToThen) {
  Open("emit: { every: 5s }, value: count()");
  Put("a", 1);
  Commit();
  Put("a", 2);
  Commit();
  Put("a", 3);
  AdvanceWall(5000);
  EXPECT_EQ(Sent(), Lines{"a 3 @3"});
  EXPECT_EQ(Commit(), Lines{});
  EXPECT_EQ(program_->NextWallTime(), std::nullopt);
}

TEST_F(GlobalWindowTest, AHeldResultComesAfterACrash) {
  Open("emit: { every: 5s }, value: count()");
  Put("a", 1);
  Commit();
  Put("a", 2);
  Commit();
  AdvanceWall(5000);
  Crash();
  AdvanceWall(0);
  EXPECT_EQ(Commit(), Lines{"a 2 @2"});
  Crash();
  AdvanceWall(5000);
  EXPECT_EQ(Commit(), Lines{});
}

TEST_F(GlobalWindowTest, EverySendsAllOnceMoreAtTheEnd) {
  Open("emit: { every: 5s }, value: count()");
  Put("a", 1);
  Put("b", 1);
  Commit();
  Put("a", 2);
  Commit();
  Put("a", 3);
  Advance(kEnd);
  EXPECT_EQ(Commit(), (Lines{"a 3 @3", "b 1 @1"}));
  EXPECT_EQ(Rows(), 3U) << "two groups, and that the end has come";
  AdvanceWall(5000);
  EXPECT_EQ(Commit(), Lines{});
}

TEST_F(GlobalWindowTest, KeysThatLookLikeOtherRowsAreGroups) {
  Open("emit: { every: 5s }, value: count()", "bytes", "fail", "bytes");
  for (const char* key : {"\xff" "e", "\xff", "\xffh12345678a", ""}) Put(key, 1);
  EXPECT_EQ(Commit(), (Lines{"\xff" "e 1 @1", "\xff 1 @1", "\xffh12345678a 1 @1", " 1 @1"}));
  Put("\xff", 2);
  Commit();
  AdvanceWall(5000);
  EXPECT_EQ(Commit(), Lines{"\xff 2 @2"});
  Advance(kEnd);
  EXPECT_EQ(Commit(), (Lines{" 1 @1", "\xff 2 @2", "\xff" "e 1 @1", "\xffh12345678a 1 @1"}));
}

TEST_F(GlobalWindowTest, AResultThatCannotBeComputedMeetsThePolicyOfTheStep) {
  Open("emit: final, value: 6 / sum(value)", "string", "skip");
  Put("a", 3, "0");
  Put("b", 3, "2");
  Advance(kEnd);
  EXPECT_EQ(Commit(), Lines{"b 3 @3"});
  EXPECT_EQ(context_.dropped("p.w", "skipped"), 1);
}

}  // namespace
}  // namespace sidestream::testing
