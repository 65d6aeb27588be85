// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The first schedules of the long run (scripts/simulate.sh). SIDESTREAM_SEED=<n> runs one alone,
// SIDESTREAM_SEEDS=<n> runs more of them.

#include "schedule.h"

#include <gtest/gtest.h>

namespace sidestream::simulation {
namespace {

TEST(ScheduleTest, NoScheduleViolatesAnything) {
  const int64_t only = FromEnvironment("SIDESTREAM_SEED", 0);
  const int64_t last = only != 0 ? only : SeedCount(200);
  int failed = 0;
  for (int64_t number = only != 0 ? only : 1; number <= last && failed < 3; ++number) {
    const auto schedule = static_cast<uint64_t>(number);
    const ScheduleResult result = RunSchedule(schedule);
    EXPECT_TRUE(result.violations.empty())
        << "schedule " << number << ": " << Describe(ScheduleOf(schedule)) << "\n"
        << Text(result.violations);
    if (!result.violations.empty()) ++failed;
  }
}

// 549: where tasks got another anchor and no record came, nobody else was let in. 3629: a static member
// took what it had as another version for another member of that version (G6). 13925: the group waited
// for good for a leader that closed instead of syncing.
TEST(ScheduleTest, WhatALongRunFoundStaysMended) {
  for (const uint64_t number : {549, 3'629, 13'925}) {
    EXPECT_EQ(Text(RunSchedule(number).violations), "") << "schedule " << number;
  }
}

TEST(ScheduleTest, ANumberReplaysItsScheduleStepByStep) {
  for (const uint64_t number : {1, 2, 3, 4}) {
    const ScheduleResult once = RunSchedule(number);
    const ScheduleResult again = RunSchedule(number);
    EXPECT_EQ(once.trace, again.trace) << "schedule " << number;
    EXPECT_EQ(once.violations, again.violations) << "schedule " << number;
  }
}

}  // namespace
}  // namespace sidestream::simulation
