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
