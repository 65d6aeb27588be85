// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Sessions: which records make one, when it ends, what merges, what is late.

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/operators/window_case.h"

namespace sidestream::testing {
namespace {

class SessionTest : public WindowCase {};

TEST_F(SessionTest, RecordsAtMostTheGapApartAreOneSession) {
  Open("window: { session: 10ms }, fields: { n: count() }");
  Put("a", 100);
  Put("a", 110);
  Put("a", 121);
  Advance(119);
  EXPECT_EQ(Commit(), Lines{});
  Advance(120);
  EXPECT_EQ(Commit(), Lines{R"(a {"n":2,"window_start":100,"window_end":120} @120)"});
  Advance(131);
  EXPECT_EQ(Commit(), Lines{R"(a {"n":1,"window_start":121,"window_end":131} @131)"});
  EXPECT_EQ(Rows(), 0U);
}

TEST_F(SessionTest, ARecordBetweenTwoSessionsMakesThemOne) {
  Open("window: { session: 10ms }, fields: { n: count(), s: sum(value) }");
  Put("a", 100, "1");
  Put("a", 118, "2");
  Commit();
  Put("a", 109, "4");
  Advance(128);
  EXPECT_EQ(Commit(), Lines{R"(a {"n":3,"s":7,"window_start":100,"window_end":128} @128)"});
  EXPECT_EQ(Rows(), 0U);
}

TEST_F(SessionTest, TheOrderOfArrivalDoesNotMatter) {
  for (const std::vector<int>& order :
       {std::vector<int>{100, 105, 112, 130}, {130, 112, 105, 100}, {112, 130, 100, 105}}) {
      Open("window: { session: 10ms }, fields: { n: count() }");
    for (const int at : order) {
      Put("a", at);
      Commit();
    }
    Advance(200);
    EXPECT_EQ(Commit(), (Lines{R"(a {"n":3,"window_start":100,"window_end":122} @122)",
                               R"(a {"n":1,"window_start":130,"window_end":140} @140)"}));
  }
}

TEST_F(SessionTest, ARecordIsLateByTheSessionThatItJoins) {
  Open("window: { session: 10ms }, value: count()");
  Put("a", 100);
  Advance(105);
  // Alone it would end at 103, with the other at 110.
  Put("a", 93);
  Put("b", 93);
  EXPECT_EQ(Sent(), Lines{"late b 1 @93"});
  Advance(110);
  EXPECT_EQ(Sent(), Lines{"a 2 @110"});
  Put("a", 100);
  EXPECT_EQ(Commit(), Lines{"late a 1 @100"});
}

TEST_F(SessionTest, ALateRecordThatJoinsTwoFiredSessionsGivesOneCorrectedResult) {
  Open("window: { session: 10ms }, allowed_lateness: 50ms, fields: { n: count() }");
  Put("a", 100);
  Put("a", 118);
  Advance(130);
  EXPECT_EQ(Commit(), (Lines{R"(a {"n":1,"window_start":100,"window_end":110} @110)",
                             R"(a {"n":1,"window_start":118,"window_end":128} @128)"}));
  Put("a", 109);
  EXPECT_EQ(Commit(), Lines{R"(a {"n":3,"window_start":100,"window_end":128} @128)"});
  Advance(178);
  EXPECT_EQ(Commit(), Lines{});
  EXPECT_EQ(Rows(), 0U);
}

TEST_F(SessionTest, ALateRecordMayOpenASessionAgain) {
  Open("window: { session: 10ms }, allowed_lateness: 50ms, value: count()");
  Put("a", 100);
  Advance(110);
  EXPECT_EQ(Commit(), Lines{"a 1 @110"});
  Put("a", 110);
  EXPECT_EQ(Commit(), Lines{}) << "it ends at 120 now";
  Advance(120);
  EXPECT_EQ(Commit(), Lines{"a 2 @120"});
}

TEST_F(SessionTest, MaxLengthCutsASession) {
  Open("window: { session: 10ms, max_length: 20ms }, fields: { n: count() }");
  for (const int at : {100, 108, 116, 119, 120, 125}) Put("a", at);
  Advance(119);
  EXPECT_EQ(Sent(), Lines{});
  Advance(120);
  EXPECT_EQ(Sent(), Lines{R"(a {"n":4,"window_start":100,"window_end":120} @120)"});
  Advance(200);
  EXPECT_EQ(Commit(), Lines{R"(a {"n":2,"window_start":120,"window_end":135} @135)"});
}

TEST_F(SessionTest, WhereASessionIsCutDoesNotDependOnTheOrderOfArrival) {
  for (const std::vector<int>& order :
       {std::vector<int>{100, 108, 116, 119, 120, 125}, {125, 120, 119, 116, 108, 100},
        {119, 125, 108, 100, 120, 116}}) {
      Open("window: { session: 10ms, max_length: 20ms }, fields: { n: count() }");
    Advance(99);
    for (const int at : order) {
      Put("a", at);
      if (at % 2 == 0) Commit();
    }
    Advance(110);
    Commit();
    Advance(200);
    EXPECT_EQ(Commit(), (Lines{R"(a {"n":4,"window_start":100,"window_end":120} @120)",
                               R"(a {"n":2,"window_start":120,"window_end":135} @135)"}));
    EXPECT_EQ(Rows(), 0U);
  }
}

TEST_F(SessionTest, EarlyResultsAreThoseOfTheSessionsAsTheyStand) {
  Open("window: { session: 10ms, max_length: 20ms }, emit: each, fields: { n: count() }");
  for (const int at : {100, 108, 116}) Put("a", at);
  EXPECT_EQ(Sent(), (Lines{R"(a {"n":1,"window_start":100,"window_end":110} @100)",
                           R"(a {"n":2,"window_start":100,"window_end":118} @108)",
                           R"(a {"n":3,"window_start":100,"window_end":120} @116)"}));
  Put("a", 95);
  EXPECT_EQ(Sent(), (Lines{R"(a {"n":3,"window_start":95,"window_end":115} @108)",
                           R"(a {"n":1,"window_start":116,"window_end":126} @116)"}))
      << "it is cut elsewhere";
  Commit();
  Crash();
  Put("a", 117);
  EXPECT_EQ(Sent(), Lines{R"(a {"n":2,"window_start":116,"window_end":127} @117)"});
  Advance(200);
  EXPECT_EQ(Commit(), Lines{});
  EXPECT_EQ(Rows(), 0U);
}

TEST_F(SessionTest, ChangesOfSessionsThatAreCutElsewhereAreSentOnce) {
  Open("window: { session: 10ms, max_length: 20ms }, emit: changes, fields: { n: count() }");
  for (const int at : {100, 108, 116}) Put("a", at);
  EXPECT_EQ(Commit(), Lines{R"(a {"n":3,"window_start":100,"window_end":120} @116)"});
  EXPECT_EQ(Commit(), Lines{});
  Put("a", 95);
  EXPECT_EQ(Commit(), (Lines{R"(a {"n":3,"window_start":95,"window_end":115} @108)",
                             R"(a {"n":1,"window_start":116,"window_end":126} @116)"}));
  Advance(110);
  EXPECT_EQ(Commit(), Lines{});
  Put("a", 117);
  Advance(200);
  EXPECT_EQ(Commit(), Lines{R"(a {"n":2,"window_start":116,"window_end":127} @117)"});
  EXPECT_EQ(Rows(), 0U);
}

TEST_F(SessionTest, AHeldResultIsThatOfTheSessionAsItStands) {
  Open("window: { session: 10ms, max_length: 20ms }, emit: { every: 5s }, fields: { n: count() }");
  Put("a", 100);
  EXPECT_EQ(Commit(), Lines{R"(a {"n":1,"window_start":100,"window_end":110} @100)"});
  Put("a", 108);
  EXPECT_EQ(Commit(), Lines{});
  Put("a", 95);
  EXPECT_EQ(Commit(), Lines{});
  Crash();
  AdvanceWall(5000);
  EXPECT_EQ(Commit(), Lines{R"(a {"n":3,"window_start":95,"window_end":115} @108)"});
  Advance(115);
  EXPECT_EQ(Commit(), Lines{R"(a {"n":3,"window_start":95,"window_end":115} @115)"});
  AdvanceWall(5000);
  EXPECT_EQ(Commit(), Lines{});
  EXPECT_EQ(Rows(), 0U);
}

TEST_F(SessionTest, ALateRecordDoesNotPutASessionTogetherAcrossItsCut) {
  Open("window: { session: 10ms, max_length: 8ms }, allowed_lateness: 50ms, fields: { n: count() }");
  for (const int at : {100, 105, 110}) Put("a", at);
  Advance(111);
  EXPECT_EQ(Commit(), Lines{R"(a {"n":2,"window_start":100,"window_end":108} @108)"});
  Put("a", 109);
  Advance(200);
  EXPECT_EQ(Commit(), Lines{R"(a {"n":2,"window_start":109,"window_end":117} @117)"});
}

TEST_F(SessionTest, ASessionThatGrowsHasAnotherKeyWhereTheKeyHasItsBounds) {
  Open("window: { session: 10ms }, emit: changes, output_key: windowed_json, value: max(value)",
       "json");
  Put("a", 100, "9");
  EXPECT_EQ(Commit(), Lines{R"({"key":"a","window_start":100,"window_end":110} 9 @100)"});
  Put("a", 105, "3");
  EXPECT_EQ(Commit(), Lines{R"({"key":"a","window_start":100,"window_end":115} 9 @105)"});
}

TEST_F(SessionTest, ASessionSurvivesCrashesAndKeepsItsTime) {
  Open("window: { session: 10ms }, fields: { n: count() }");
  Put("a", 100);
  Commit();
  Put("a", 105);
  Crash();
  Put("a", 107);
  Commit();
  Advance(110);
  EXPECT_EQ(Commit(), Lines{});
  Crash();
  Advance(117);
  EXPECT_EQ(Commit(), Lines{R"(a {"n":2,"window_start":100,"window_end":117} @117)"});
  EXPECT_EQ(Rows(), 0U);
}

TEST_F(SessionTest, EarlyResultsFollowTheSession) {
  Open("window: { session: 10ms }, emit: changes, value: count()");
  Put("a", 100);
  Put("a", 104);
  EXPECT_EQ(Commit(), Lines{"a 2 @104"});
  Put("a", 90);
  EXPECT_EQ(Commit(), Lines{"a 3 @104"});
  Advance(114);
  EXPECT_EQ(Commit(), Lines{});
  Open("window: { session: 10ms }, emit: { every: 5s }, value: count()");
  Put("a", 100);
  EXPECT_EQ(Commit(), Lines{"a 1 @100"});
  Put("a", 104);
  EXPECT_EQ(Commit(), Lines{});
  AdvanceWall(5000);
  EXPECT_EQ(Commit(), Lines{"a 2 @104"});
  Advance(114);
  EXPECT_EQ(Commit(), Lines{"a 2 @114"});
}

TEST_F(SessionTest, EachSessionOfAKeyIsHeldForItsOwnTime) {
  Open("window: { session: 10ms }, emit: { every: 5s }, value: count()");
  Put("a", 100);
  EXPECT_EQ(Commit(), Lines{"a 1 @100"});
  AdvanceWall(2000);
  Put("a", 200);
  EXPECT_EQ(Commit(), Lines{"a 1 @200"});
  Put("a", 101);
  Put("a", 201);
  EXPECT_EQ(Commit(), Lines{});
  AdvanceWall(3000);
  EXPECT_EQ(Commit(), Lines{"a 2 @101"});
  AdvanceWall(2000);
  EXPECT_EQ(Commit(), Lines{"a 2 @201"});
}

TEST_F(SessionTest, TheBinaryKeyHasTheBoundsOfKafkaStreams) {
  Open("window: { session: 10ms }, output_key: windowed_binary, value: count()", "bytes");
  Put("a", 1);
  Put("a", 3);
  Advance(13);
  EXPECT_EQ(Commit(),
            Lines{std::string("a\0\0\0\0\0\0\0\x03\0\0\0\0\0\0\0\x01", 17) + " 2 @13"});
}

}  // namespace
}  // namespace sidestream::testing
