// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tasks/watchdog.h"

#include <gtest/gtest.h>

namespace sidestream::tasks {
namespace {

TEST(WatchdogTest, NamesThePartThatHangsAndOnlyThen) {
  ManualClock clock;
  MonotonicTime member = clock.Now();
  MonotonicTime worker = clock.Now();
  Watchdog watchdog(clock, Milliseconds(1'000), Milliseconds(500),
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

/// A clock whose time of day somebody sets.
class SetClock final : public Clock {
 public:
  MonotonicTime Now() const override { return clock_.Now(); }
  Timestamp WallTime() const override { return clock_.WallTime() + offset_.count(); }
  void Advance(Milliseconds by) { clock_.Advance(by); }
  void Set(Milliseconds by) { offset_ += by; }

 private:
  ManualClock clock_;
  Milliseconds offset_{0};
};

TEST(WatchdogTest, ATimeOfDayThatIsSetFarBackIsAHangAndNoOtherIs) {
  SetClock clock;
  Watchdog watchdog(clock, Milliseconds(1'000), Milliseconds(500), {});
  clock.Advance(Milliseconds(200));
  clock.Set(Milliseconds(-500));
  EXPECT_EQ(watchdog.Check(), std::nullopt) << "the limit itself is allowed";
  clock.Advance(Milliseconds(5'000));
  EXPECT_EQ(watchdog.Check(), std::nullopt);
  clock.Set(Milliseconds(3'600'000));
  EXPECT_EQ(watchdog.Check(), std::nullopt) << "the client only wakes up too early";
  clock.Set(Milliseconds(-501));
  const std::optional<std::string> hang = watchdog.Check();
  ASSERT_TRUE(hang);
  EXPECT_NE(hang->find("set back by 501 ms"), std::string::npos) << *hang;
}

}  // namespace
}  // namespace sidestream::tasks
