// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Two processes on a real cluster, each with a disk of its own: one is killed, and the other, which
// kept its tasks' stores up to date, reads only the tail. Wants SIDESTREAM_TEST_BOOTSTRAP.

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "tests/integration/awaited.h"
#include "tests/integration/dedup_application.h"
#include "tests/integration/spawned.h"

namespace sidestream::integration {
namespace {

constexpr int32_t kPartitions = 4;
constexpr int64_t kRecords = 20'000;

TEST(StandbyTest, TheSuccessorOfAKilledInstanceReadsOnlyTheTail) {
  const SystemClock clock;
  DedupApplication application("standby-" + std::to_string(clock.WallTime().value()),
                               {.partitions = kPartitions, .standby_replicas = 1});
  const auto killed = application.Start("killed");
  application.Feed(0, kRecords);
  ASSERT_TRUE(application.AwaitAllRead()) << ReadText(killed->log());
  const auto successor = application.Start("successor");
  // Two of the four tasks move, and the other two are followed.
  const auto followed = [&] {
    const auto tasks = Found(*successor, "standby caught up: task=(\\S+)");
    return std::set<std::string>(tasks.begin(), tasks.end()).size();
  };
  ASSERT_TRUE(Until([&] { return followed() >= 2; }, Milliseconds(90'000)))
      << ReadText(successor->log());
  const size_t before = Found(*successor, "task \\S+: restored (\\d+) records, 0 stores").size();
  const size_t full_before = Found(*successor, "restored \\d+ records, ([1-9]\\d*) stores").size();

  const MonotonicTime killed_at = clock.Now();
  EXPECT_EQ(killed->End(SIGKILL, Milliseconds(5'000)), -SIGKILL);
  application.Feed(kRecords, kRecords + 100);
  ASSERT_TRUE(application.AwaitAllRead()) << ReadText(successor->log());
  const auto pause = std::chrono::duration_cast<Milliseconds>(clock.Now() - killed_at);

  int64_t read = 0;
  const auto restored = Found(*successor, "task \\S+: restored (\\d+) records, 0 stores");
  for (size_t i = before; i < restored.size(); ++i) read += std::stoll(restored[i]);
  EXPECT_LT(read, kRecords / kPartitions / 10) << "of " << kRecords / 2 << " in two changelogs";
  // What was there is what is worked with.
  EXPECT_EQ(Found(*successor, "(moved aside)").size(), 0U);
  EXPECT_EQ(Found(*successor, "restored \\d+ records, ([1-9]\\d*) stores").size(), full_before);
  RecordProperty("pause_ms", static_cast<int>(pause.count()));
  RecordProperty("read", static_cast<int>(read));
  // Nothing is lost, and nothing of what was seen before is new.
  EXPECT_EQ(application.CountOut(), kRecords + 100);
  application.Feed(0, 100);
  ASSERT_TRUE(application.AwaitAllRead());
  EXPECT_EQ(application.CountOut(), kRecords + 100)
      << "repeats are known to the store that was taken over";
  EXPECT_EQ(successor->End(SIGTERM, Milliseconds(30'000)), 0);
}

}  // namespace
}  // namespace sidestream::integration
