// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A task that nobody owns makes an instance unready; one that is being handed over does not.

#include "app/run_health.h"

#include <gtest/gtest.h>

namespace sidestream::app {
namespace {

TEST(RunHealthTest, TaskThatNobodyOwnsIsAReasonToBeUnready) {
  const http::HealthCheck check = OwnershipCheck(2, /*too_long=*/true);
  EXPECT_FALSE(check.ok);
  EXPECT_EQ(check.reason, "no member of the group owns 2 tasks");
}

TEST(RunHealthTest, HandOverIsToldButNotUnready) {
  const http::HealthCheck check = OwnershipCheck(1, /*too_long=*/false);
  EXPECT_TRUE(check.ok);
  EXPECT_EQ(check.reason, "no member of the group owns 1 tasks");
  EXPECT_TRUE(OwnershipCheck(0, false).ok);
}

}  // namespace
}  // namespace sidestream::app
