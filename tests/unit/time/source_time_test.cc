// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "time/source_time.h"

#include <gtest/gtest.h>

namespace sidestream::time {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class SourceTimeTest : public ::testing::Test {
 protected:
  SourceTime Start(const WatermarkPolicy& policy, const SourceTime::Kept& kept = {}) {
    return SourceTime(policy, kept, Now());
  }
  ClockReading Now() const { return Read(clock_); }
  static Timestamp At(int64_t second) { return ManualClock::kStart + second * 1'000; }

  ManualClock clock_;
  WatermarkPolicy policy_{
      .lateness = seconds(5), .idle = seconds(30), .max_ahead = hours(1), .max_drift = {}};
};

TEST_F(SourceTimeTest, StaysBehindTheHighestTimestampAndNeverGoesBack) {
  SourceTime time = Start(policy_);
  EXPECT_EQ(time.progress(), Progress::kUnknown);
  EXPECT_EQ(time.watermark(), kNoWatermark);
  EXPECT_TRUE(time.Take(At(10), Now()));
  EXPECT_EQ(time.progress(), Progress::kActive);
  EXPECT_EQ(time.watermark(), At(5) - 1);
  EXPECT_TRUE(time.Take(At(3), Now()));
  EXPECT_EQ(time.watermark(), At(5) - 1);
  EXPECT_TRUE(time.Take(At(11), Now()));
  EXPECT_EQ(time.watermark(), At(6) - 1);
}

TEST_F(SourceTimeTest, RecordOfAnotherDecadeMovesNothing) {
  SourceTime time = Start(policy_);
  EXPECT_FALSE(time.Take(At(10LL * 365 * 86'400), Now()));
  EXPECT_EQ(time.watermark(), kNoWatermark);
  EXPECT_EQ(time.kept().highest, kNoTimestamp);
  // An hour is not too far.
  EXPECT_TRUE(time.Take(At(3'600), Now()));
  EXPECT_EQ(time.watermark(), At(3'595) - 1);
  EXPECT_FALSE(time.Take(At(3'601), Now()));
  EXPECT_TRUE(time.Take(Timestamp(0), Now()));
  EXPECT_EQ(time.watermark(), At(3'595) - 1);
}

TEST_F(SourceTimeTest, IsIdleOnlyWhenCaughtUpAndSilentLongEnough) {
  SourceTime time = Start(policy_);
  time.Take(At(0), Now());
  clock_.Advance(seconds(29));
  time.Wait(true, Now());
  EXPECT_EQ(time.progress(), Progress::kActive);
  clock_.Advance(seconds(1));
  time.Wait(std::nullopt, Now());
  EXPECT_EQ(time.progress(), Progress::kActive) << "nobody knows the end of the log";
  time.Wait(false, Now());
  EXPECT_EQ(time.progress(), Progress::kActive) << "a tail that cannot be read is never idle";
  time.Wait(true, Now());
  EXPECT_EQ(time.progress(), Progress::kIdle);
}

TEST_F(SourceTimeTest, ReturnsWithARecordAndWithATailThatIsOnItsWay) {
  SourceTime time = Start(policy_);
  time.Take(At(0), Now());
  clock_.Advance(seconds(30));
  time.Wait(true, Now());
  time.Wait(false, Now());
  EXPECT_EQ(time.progress(), Progress::kActive);
  time.Wait(true, Now());
  EXPECT_EQ(time.progress(), Progress::kIdle);
  time.Take(At(1), Now());
  EXPECT_EQ(time.progress(), Progress::kActive);
  clock_.Advance(seconds(30));
  time.Wait(true, Now());
  time.Hear(Now());
  EXPECT_EQ(time.progress(), Progress::kActive) << "a record without a time";
  EXPECT_EQ(time.watermark(), At(-4) - 1);
}

TEST_F(SourceTimeTest, NeverHeardIsSilentSinceTheStart) {
  SourceTime time = Start(policy_);
  clock_.Advance(seconds(30));
  time.Wait(true, Now());
  EXPECT_EQ(time.progress(), Progress::kIdle);
  EXPECT_EQ(time.IdleWatermark(Now()), kNoWatermark);
}

TEST_F(SourceTimeTest, IdleFollowsTheClockButNotAboveIt) {
  SourceTime time = Start(policy_);
  time.Take(At(0), Now());
  clock_.Advance(seconds(60));
  time.Wait(true, Now());
  EXPECT_EQ(time.IdleWatermark(Now()), At(55) - 1);
  SourceTime ahead = Start(policy_);
  ahead.Take(At(60 + 20), Now());
  clock_.Advance(seconds(10));
  ahead.Wait(true, Now());
  EXPECT_EQ(ahead.IdleWatermark(Now()), At(75) - 1) << "above the clock by records only";
  clock_.Advance(seconds(10));
  EXPECT_EQ(ahead.IdleWatermark(Now()), At(80));
}

TEST_F(SourceTimeTest, HoldFreezes) {
  policy_.follows_clock = false;
  SourceTime time = Start(policy_);
  time.Take(At(0), Now());
  clock_.Advance(hours(1));
  EXPECT_EQ(time.IdleWatermark(Now()), At(-5) - 1);
}

TEST_F(SourceTimeTest, StatedWatermarksTakeThePlaceOfLateness) {
  policy_.kind = WatermarkPolicy::Kind::kStated;
  SourceTime time = Start(policy_);
  time.Take(At(100), Now());
  EXPECT_EQ(time.watermark(), kNoWatermark);
  EXPECT_TRUE(time.State(At(50), Now()));
  EXPECT_TRUE(time.State(At(40), Now()));
  EXPECT_EQ(time.watermark(), At(50));
  EXPECT_FALSE(time.State(At(86'400), Now()));
  EXPECT_EQ(time.watermark(), At(50));
}

TEST_F(SourceTimeTest, KeepsItsTimeAcrossOwnersAndTakesALargerLatenessForTheFuture) {
  SourceTime first = Start(policy_);
  first.Take(At(10), Now());
  policy_.lateness = seconds(8);
  SourceTime second = Start(policy_, first.kept());
  EXPECT_EQ(second.watermark(), At(5) - 1);
  second.Take(At(12), Now());
  EXPECT_EQ(second.watermark(), At(5) - 1);
  second.Take(At(14), Now());
  EXPECT_EQ(second.watermark(), At(6) - 1);
}

TEST_F(SourceTimeTest, RestoredIdlenessFollowsTheClockOnlyOnceItIsSeen) {
  SourceTime first = Start(policy_);
  first.Take(At(0), Now());
  clock_.Advance(seconds(30));
  first.Wait(true, Now());
  SourceTime second = Start(policy_, first.kept());
  EXPECT_EQ(second.progress(), Progress::kIdle);
  clock_.Advance(seconds(3));
  EXPECT_EQ(second.IdleWatermark(Now()), At(-5) - 1) << "records may wait there";
  second.Wait(true, Now());
  EXPECT_EQ(second.IdleWatermark(Now()), At(28) - 1);
}

TEST_F(SourceTimeTest, SilenceGoesOnAcrossOwners) {
  SourceTime first = Start(policy_);
  clock_.Advance(seconds(10));
  SourceTime second = Start(policy_, first.kept());
  clock_.Advance(seconds(20));
  second.Wait(true, Now());
  EXPECT_EQ(second.progress(), Progress::kIdle) << "since the first one started";
  second.Take(At(30), Now());
  clock_.Advance(seconds(20));
  SourceTime third = Start(policy_, second.kept());
  third.Wait(true, Now());
  EXPECT_EQ(third.progress(), Progress::kActive);
  clock_.Advance(seconds(10));
  third.Wait(true, Now());
  EXPECT_EQ(third.progress(), Progress::kIdle);
  EXPECT_EQ(third.IdleWatermark(Now()), At(55) - 1);
}

TEST_F(SourceTimeTest, AnOwnerWhoseClockIsBehindCountsFromItsStart) {
  SourceTime::Kept kept;
  kept.progress = Progress::kActive;
  kept.heard = At(100);
  SourceTime time = Start(policy_, kept);
  clock_.Advance(seconds(29));
  time.Wait(true, Now());
  EXPECT_EQ(time.progress(), Progress::kActive);
  clock_.Advance(seconds(1));
  time.Wait(true, Now());
  EXPECT_EQ(time.progress(), Progress::kIdle);
}

TEST_F(SourceTimeTest, FinishedStaysFinished) {
  SourceTime time = Start(policy_);
  time.Finish(Now());
  clock_.Advance(hours(1));
  time.Wait(true, Now());
  time.Wait(false, Now());
  EXPECT_EQ(time.progress(), Progress::kFinished);
}

}  // namespace
}  // namespace sidestream::time
