// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/restore_pace.h"

#include <gtest/gtest.h>

namespace sidestream::app {
namespace {

MonotonicTime At(int64_t seconds) { return MonotonicTime(std::chrono::seconds(seconds)); }

TEST(RestorePaceTest, IsTheRateOfTheLastTenSeconds) {
  RestorePace pace;
  EXPECT_EQ(pace.Note(At(0), 0, 10'000).seconds_left, 0) << "one look is no pace";
  // A slow start is forgotten.
  for (int second = 1; second <= 20; ++second) pace.Note(At(second), 10 * second, 10'000);
  RestorePace::Report report;
  for (int second = 21; second <= 40; ++second) {
    report = pace.Note(At(second), 200 + 500 * (second - 20), 5'000);
  }
  EXPECT_DOUBLE_EQ(report.per_second, 500);
  EXPECT_DOUBLE_EQ(report.seconds_left, 10);
}

TEST(RestorePaceTest, EndsWithTheRestore) {
  RestorePace pace;
  pace.Note(At(0), 0, 100);
  EXPECT_GT(pace.Note(At(1), 50, 50).seconds_left, 0);
  EXPECT_EQ(pace.Note(At(2), 100, 0).per_second, 0);
  EXPECT_EQ(pace.Note(At(3), 100, 900).per_second, 0) << "another restore";
}

TEST(RestorePaceTest, AStandstillHasNoEnd) {
  RestorePace pace;
  pace.Note(At(0), 7, 100);
  const auto report = pace.Note(At(5), 7, 100);
  EXPECT_EQ(report.per_second, 0);
  EXPECT_EQ(report.seconds_left, 0);
}

}  // namespace
}  // namespace sidestream::app
