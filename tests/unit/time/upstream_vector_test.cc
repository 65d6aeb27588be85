// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "time/upstream_vector.h"

#include <gtest/gtest.h>

namespace sidestream::time {
namespace {

constexpr ClockReading kNow{};

UpstreamTime Active(uint32_t task, uint32_t generation, int64_t watermark) {
  return {task, generation, Progress::kActive, Timestamp(watermark)};
}
UpstreamTime Idle(uint32_t task, uint32_t generation, int64_t watermark) {
  return {task, generation, Progress::kIdle, Timestamp(watermark)};
}
UpstreamTime Finished(uint32_t task) { return {task, 1, Progress::kFinished, Timestamp(1)}; }

TEST(UpstreamVectorTest, HoldsForAnUpstreamThatWasNeverHeard) {
  UpstreamVector vector(2, {}, kNow);
  EXPECT_EQ(vector.progress(), Progress::kActive);
  EXPECT_EQ(vector.watermark(), kNoWatermark);
  vector.Take({2, {Active(0, 1, 10)}}, kNow);
  EXPECT_EQ(vector.watermark(), kNoWatermark);
  vector.Take({2, {Active(1, 1, 7)}}, kNow);
  EXPECT_EQ(vector.watermark(), Timestamp(7));
}

TEST(UpstreamVectorTest, KeepsTheMaximumOfEachAndIgnoresOlderGenerations) {
  UpstreamVector vector(1, {}, kNow);
  vector.Take({1, {Active(0, 3, 10)}}, kNow);
  vector.Take({1, {Active(0, 3, 8)}}, kNow);
  EXPECT_EQ(vector.watermark(), Timestamp(10));
  vector.Take({1, {Active(0, 2, 99)}}, kNow);
  vector.Take({1, {Idle(0, 2, 99)}}, kNow);
  EXPECT_EQ(vector.watermark(), Timestamp(10));
  EXPECT_EQ(vector.progress(), Progress::kActive);
  vector.Take({1, {Active(0, 4, 11)}}, kNow);
  EXPECT_EQ(vector.watermark(), Timestamp(11));
}

TEST(UpstreamVectorTest, NewOwnerWithoutTimeDoesNotTakeBackWhatWasSaid) {
  UpstreamVector vector(2, {}, kNow);
  vector.Take({2, {Idle(0, 1, 50), Active(1, 1, 20)}}, kNow);
  EXPECT_EQ(vector.watermark(), Timestamp(20));
  // Offsets were reset from outside: the stamp with the time is gone.
  vector.Take({2, {{0, 2, Progress::kUnknown, Timestamp()}}}, kNow);
  vector.Take({2, {Active(1, 1, 90)}}, kNow);
  EXPECT_EQ(vector.watermark(), Timestamp(50));
}

TEST(UpstreamVectorTest, LeavesIdleAndFinishedOnesOut) {
  UpstreamVector vector(3, {}, kNow);
  vector.Take({3, {Active(0, 1, 10), Idle(1, 1, 5), Finished(2)}}, kNow);
  EXPECT_EQ(vector.progress(), Progress::kActive);
  EXPECT_EQ(vector.watermark(), Timestamp(10));
  vector.Take({3, {Idle(0, 1, 12)}}, kNow);
  EXPECT_EQ(vector.progress(), Progress::kIdle);
  EXPECT_EQ(vector.watermark(), Timestamp(12));
  vector.Take({3, {Finished(0)}}, kNow);
  EXPECT_EQ(vector.progress(), Progress::kIdle);
  EXPECT_EQ(vector.watermark(), Timestamp(5));
  vector.Take({3, {Finished(1)}}, kNow);
  EXPECT_EQ(vector.progress(), Progress::kFinished);
  EXPECT_EQ(vector.watermark(), kEndOfTime);
}

TEST(UpstreamVectorTest, AMarkOfANewerPlanHoldsUntilThatPlanRuns) {
  UpstreamVector vector(1, {}, kNow);
  vector.Take({1, {Active(0, 1, 10)}}, kNow);
  vector.Take({2, {Active(0, 2, 30), Active(1, 2, 5)}}, kNow);
  EXPECT_EQ(vector.watermark(), kNoWatermark);
  EXPECT_EQ(vector.newer_plan_tasks(), 2u);
  const UpstreamVector newer(2, vector.Heard(), kNow);
  EXPECT_EQ(newer.watermark(), kNoWatermark) << "task 1 is known to nobody yet";
}

TEST(UpstreamVectorTest, DropsEntriesOutsideOfThePlanAtTheStart) {
  const std::vector<UpstreamTime> heard = {Active(0, 1, 10), Active(1, 1, 3)};
  const UpstreamVector vector(1, heard, kNow);
  EXPECT_EQ(vector.watermark(), Timestamp(10));
  EXPECT_EQ(vector.Heard().size(), 1u);
}

TEST(UpstreamVectorTest, WhatItKeepsIsWhatItHeard) {
  UpstreamVector vector(4, {}, kNow);
  vector.Take({4, {Active(1, 1, 10), Idle(2, 6, -1)}}, kNow);
  const UpstreamVector again(4, vector.Heard(), kNow);
  EXPECT_EQ(again.Heard(), vector.Heard());
  EXPECT_EQ(again.watermark(), vector.watermark());
  EXPECT_EQ(vector.Heard().size(), 2u);
}

/// design-review 5: [U1 data 10:00:12] [U2 mark 10:01:00] [U1 data … 10:00:20] [U1 mark 10:00:07],
/// after U1 was idle. Its opening mark stands before its data.
TEST(UpstreamVectorTest, ReturnFromIdlenessIsKnownBeforeTheDataOfAnother) {
  UpstreamVector vector(2, {}, kNow);
  vector.Take({2, {Idle(0, 1, 5'000), Active(1, 1, 10'000)}}, kNow);
  EXPECT_EQ(vector.watermark(), Timestamp(10'000));
  vector.Take({2, {Active(0, 1, 5'000)}}, kNow);
  vector.Take({2, {Active(1, 1, 60'000)}}, kNow);
  EXPECT_EQ(vector.watermark(), Timestamp(5'000))
      << "12 s is not late; the task's own maximum stays";
  vector.Take({2, {Active(0, 1, 20'000)}}, kNow);
  EXPECT_EQ(vector.watermark(), Timestamp(20'000));
}

}  // namespace
}  // namespace sidestream::time
