// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tasks/mark_schedule.h"

#include <gtest/gtest.h>

namespace sidestream::tasks {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using time::Progress;
using Audience = MarkSchedule::Audience;
using Said = MarkSchedule::Said;

class MarkScheduleTest : public ::testing::Test {
 protected:
  static Said Active(int64_t watermark) { return {Progress::kActive, Timestamp(watermark)}; }
  static Said Idle(int64_t watermark) { return {Progress::kIdle, Timestamp(watermark)}; }
  void Tell(const Said& said) {
    schedule_.Tell(said, schedule_.AudienceOf(said, clock_.Now()), clock_.Now());
    schedule_.Committed();
  }
  bool Due(const Said& said) const { return schedule_.Due(said, clock_.Now()); }

  ManualClock clock_;
  MarkSchedule schedule_{{4}, {}, clock_.Now()};
};

TEST_F(MarkScheduleTest, OpensBeforeTheFirstDataOfALife) {
  EXPECT_TRUE(schedule_.MustOpen());
  EXPECT_EQ(schedule_.Open(kNoWatermark, clock_.Now()), Said());
  EXPECT_FALSE(schedule_.MustOpen());
  schedule_.Aborted();
  EXPECT_TRUE(schedule_.MustOpen()) << "it was not said";
  schedule_.Open(Timestamp(5), clock_.Now());
  schedule_.Committed();
  EXPECT_FALSE(schedule_.MustOpen());
  EXPECT_FALSE(Due(Active(5)));
}

TEST_F(MarkScheduleTest, OpensBeforeTheFirstDataAfterIdleness) {
  Tell(Active(5));
  EXPECT_FALSE(schedule_.MustOpen());
  EXPECT_TRUE(Due(Idle(5)));
  Tell(Idle(5));
  EXPECT_TRUE(schedule_.MustOpen());
  EXPECT_EQ(schedule_.Open(Timestamp(9), clock_.Now()), Active(9));
}

TEST_F(MarkScheduleTest, AdvancesGoToTouchedPartitionsAndToAllOnceASecond) {
  Tell(Active(5));
  schedule_.Touch(0, 2);
  EXPECT_EQ(schedule_.AudienceOf(Active(6), clock_.Now()), Audience::kTouched);
  EXPECT_TRUE(schedule_.Touched(0, 2));
  EXPECT_FALSE(schedule_.Touched(0, 1));
  Tell(Active(6));
  EXPECT_FALSE(schedule_.Touched(0, 2)) << "of this transaction only";
  EXPECT_FALSE(Due(Active(6)));
  clock_.Advance(seconds(1));
  EXPECT_TRUE(Due(Active(6))) << "the others were not told yet";
  EXPECT_EQ(schedule_.AudienceOf(Active(6), clock_.Now()), Audience::kAll);
  Tell(Active(6));
  EXPECT_EQ(schedule_.AudienceOf(Active(6), clock_.Now()), Audience::kNobody);
}

TEST_F(MarkScheduleTest, WhoSaysHisLastWordTellsAllWhatTheyDoNotKnow) {
  schedule_.Open(Timestamp(5), clock_.Now());
  schedule_.Committed();
  EXPECT_EQ(schedule_.AudienceOf(Active(6), clock_.Now(), /*to_all=*/true), Audience::kAll);
  EXPECT_EQ(schedule_.AudienceOf(Active(5), clock_.Now(), /*to_all=*/true), Audience::kNobody);
}

TEST_F(MarkScheduleTest, WhatDidNotChangeIsRepeatedOnceAMinute) {
  Tell(Active(5));
  clock_.Advance(seconds(59));
  EXPECT_FALSE(Due(Active(5)));
  clock_.Advance(seconds(1));
  EXPECT_TRUE(Due(Active(5)));
  Tell(Active(5));
  EXPECT_FALSE(Due(Active(5)));
}

TEST_F(MarkScheduleTest, ATaskThatKnowsNothingSaysNothing) {
  clock_.Advance(hours(1));
  EXPECT_FALSE(Due(Said()));
  EXPECT_EQ(schedule_.AudienceOf(Said(), clock_.Now()), Audience::kNobody);
  EXPECT_EQ(MarkSchedule::SaidOf(Progress::kActive, kNoWatermark), Said());
  EXPECT_EQ(MarkSchedule::SaidOf(Progress::kIdle, kNoWatermark).progress, Progress::kIdle);
}

TEST_F(MarkScheduleTest, TheClocksAdvancesBecomeRarerWithTheSilence) {
  Tell(Idle(0));
  clock_.Advance(seconds(1));
  EXPECT_TRUE(Due(Idle(1'000)));
  Tell(Idle(1'000));
  clock_.Advance(hours(1));
  Tell(Idle(3'600'000));
  clock_.Advance(seconds(59));
  EXPECT_FALSE(Due(Idle(3'659'000)));
  clock_.Advance(seconds(1));
  EXPECT_TRUE(Due(Idle(3'660'000)));
  EXPECT_TRUE(Due(Active(3'660'000))) << "a return is told at once";
}

TEST_F(MarkScheduleTest, WithoutRepartitionTopicsThereIsNothingToSay) {
  MarkSchedule none({}, {}, clock_.Now());
  EXPECT_FALSE(none.MustOpen());
  EXPECT_FALSE(none.Due(Idle(5), clock_.Now()));
  EXPECT_EQ(none.AudienceOf(Active(5), clock_.Now()), Audience::kNobody);
}

}  // namespace
}  // namespace sidestream::tasks
