// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Each case runs in a process of its own (a death test): signals are seen once per process.

#include "app/signals.h"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

namespace sidestream::app {
namespace {

TEST(SignalsDeathTest, TheFirstSignalAsksAndEndsEveryWait) {
  EXPECT_EXIT(
      {
        InstallStopSignals();
        if (StopRequested()) std::exit(10);
        std::raise(SIGTERM);
        const auto start = std::chrono::steady_clock::now();
        WaitForStop(Milliseconds(60'000));
        WaitForStop(Milliseconds(60'000));
        const bool at_once = std::chrono::steady_clock::now() - start < std::chrono::seconds(30);
        std::exit(StopRequested() && at_once ? 0 : 11);
      },
      ::testing::ExitedWithCode(0), "");
}

TEST(SignalsDeathTest, TheSecondSignalEndsTheProcessWithItsNumber) {
  EXPECT_EXIT(
      {
        InstallStopSignals();
        std::raise(SIGTERM);
        std::raise(SIGINT);
      },
      ::testing::ExitedWithCode(128 + SIGINT), "");
}

TEST(DoorbellTest, EndsWaitsOfAnotherThreadForGood) {
  Doorbell bell;
  EXPECT_FALSE(bell.Wait(Milliseconds(0)));
  const auto start = std::chrono::steady_clock::now();
  std::thread waiting([&] { WaitForStop(Milliseconds(60'000), &bell); });
  bell.Ring();
  waiting.join();
  EXPECT_TRUE(bell.Wait(Milliseconds(60'000)));
  WaitForStop(Milliseconds(60'000), &bell);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30));
}

}  // namespace
}  // namespace sidestream::app
