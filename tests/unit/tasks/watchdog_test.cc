// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tasks/watchdog.h"

#include <gtest/gtest.h>

namespace sidestream::tasks {
namespace {

TEST(WatchdogTest, NamesThePartThatHangsAndOnlyThen) {
  ManualClock clock;
  MonotonicTime member = clock.Now();
  MonotonicTime worker = clock.Now();
  const Watchdog watchdog(clock, Milliseconds(1'000),
                          {{"group member", [&] { return member; }},
                           {"worker 1", [&] { return worker; }}});
  clock.Advance(Milliseconds(1'000));
  member = clock.Now();
  EXPECT_EQ(watchdog.Check(), std::nullopt) << "the limit itself is allowed";
  clock.Advance(Milliseconds(1));
  const std::optional<std::string> hang = watchdog.Check();
  ASSERT_TRUE(hang);
  EXPECT_NE(hang->find("worker 1"), std::string::npos) << *hang;
  EXPECT_NE(hang->find("max.poll.interval.ms"), std::string::npos) << *hang;
  worker = clock.Now();
  EXPECT_EQ(watchdog.Check(), std::nullopt);
}

}  // namespace
}  // namespace sidestream::tasks
