// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "time/task_time.h"

#include <gtest/gtest.h>

namespace sidestream::time {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class TaskTimeTest : public ::testing::Test {
 protected:
  SourceTime Source(WatermarkPolicy::Kind kind = WatermarkPolicy::Kind::kLateness) {
    return SourceTime({.kind = kind, .idle = seconds(30), .max_drift = {}}, {}, Now());
  }
  ClockReading Now() const { return Read(clock_); }
  static Timestamp At(int64_t second) { return ManualClock::kStart + second * 1'000; }

  ManualClock clock_;
};

TEST_F(TaskTimeTest, IsTheMinimumOverInputsAndSaysWhoHoldsIt) {
  TaskTime time({Source(), Source()}, kNoWatermark);
  time.source(0)->Take(At(10), Now());
  EXPECT_FALSE(time.Update(Now())) << "the other one was never heard";
  EXPECT_EQ(time.Holder(), 1u);
  time.source(1)->Take(At(5), Now());
  EXPECT_TRUE(time.Update(Now()));
  EXPECT_EQ(time.watermark(), At(5) - 1);
  EXPECT_EQ(time.Holder(), 1u);
  time.source(1)->Take(At(20), Now());
  EXPECT_TRUE(time.Update(Now()));
  EXPECT_EQ(time.watermark(), At(10) - 1);
  EXPECT_EQ(time.Holder(), 0u);
}

TEST_F(TaskTimeTest, LeavesIdleInputsOutAndTakesThemBack) {
  TaskTime time({Source(), Source()}, kNoWatermark);
  time.source(0)->Take(At(10), Now());
  clock_.Advance(seconds(30));
  time.source(1)->Wait(true, Now());
  EXPECT_TRUE(time.Update(Now()));
  EXPECT_EQ(time.watermark(), At(10) - 1);
  time.source(1)->Take(At(3), Now());
  EXPECT_FALSE(time.Update(Now())) << "never back";
  time.source(0)->Take(At(50), Now());
  EXPECT_FALSE(time.Update(Now())) << "the returned one holds";
  EXPECT_EQ(time.Holder(), 1u);
}

TEST_F(TaskTimeTest, AllIdleFollowsTheHighestClock) {
  TaskTime time({Source(), Source()}, kNoWatermark);
  time.source(0)->Take(At(-100), Now());
  time.source(1)->Take(At(-20), Now());
  time.Update(Now());
  clock_.Advance(seconds(30));
  for (size_t i = 0; i < 2; ++i) time.source(i)->Wait(true, Now());
  EXPECT_TRUE(time.Update(Now()));
  EXPECT_EQ(time.progress(), Progress::kIdle);
  EXPECT_EQ(time.watermark(), At(10) - 1);
  clock_.Advance(seconds(1));
  EXPECT_TRUE(time.Update(Now()));
  EXPECT_EQ(time.watermark(), At(11) - 1);
  EXPECT_EQ(time.Holder(), std::nullopt);
}

TEST_F(TaskTimeTest, OnlyAllFinishedIsTheEndOfTime) {
  TaskTime time({Source(), Source()}, kNoWatermark);
  time.source(1)->Take(At(0), Now());
  time.source(0)->Finish(Now());
  time.Update(Now());
  EXPECT_EQ(time.watermark(), At(0) - 1);
  clock_.Advance(seconds(30));
  time.source(1)->Wait(true, Now());
  time.Update(Now());
  EXPECT_EQ(time.progress(), Progress::kIdle) << "FLINK-38477: finished and idle is not the end";
  EXPECT_EQ(time.watermark(), At(30) - 1);
  time.source(1)->Finish(Now());
  EXPECT_TRUE(time.Update(Now()));
  EXPECT_EQ(time.watermark(), kEndOfTime);
  EXPECT_EQ(time.progress(), Progress::kFinished);
}

TEST_F(TaskTimeTest, RepartitionTopicsCountByTheirUpstreams) {
  TaskTime time({Source(), UpstreamVector(1, {}, Now())}, kNoWatermark);
  time.source(0)->Take(At(10), Now());
  EXPECT_FALSE(time.Update(Now()));
  time.hop(1)->Take({1, {{0, 1, Progress::kActive, At(4)}}}, Now());
  EXPECT_TRUE(time.Update(Now()));
  EXPECT_EQ(time.watermark(), At(4));
  time.hop(1)->Take({1, {{0, 1, Progress::kIdle, At(6)}}}, Now());
  EXPECT_TRUE(time.Update(Now()));
  EXPECT_EQ(time.watermark(), At(10) - 1);
}

TEST_F(TaskTimeTest, ProcessingTimeIsTheWallClock) {
  TaskTime time({Source(WatermarkPolicy::Kind::kClock)}, kNoWatermark);
  EXPECT_TRUE(time.Update(Now()));
  EXPECT_EQ(time.watermark(), At(0) - 1);
  clock_.Advance(hours(1));
  EXPECT_TRUE(time.Update(Now()));
  EXPECT_EQ(time.watermark(), At(3'600) - 1);
}

TEST_F(TaskTimeTest, NeverGoesBehindWhatWasCommitted) {
  TaskTime time({Source()}, At(100));
  time.source(0)->Take(At(10), Now());
  EXPECT_FALSE(time.Update(Now()));
  EXPECT_EQ(time.watermark(), At(100));
}

}  // namespace
}  // namespace sidestream::time
