// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/rdkafka/broker_watch.h"

#include <gtest/gtest.h>

namespace sidestream::kafka::rdkafka {
namespace {

MonotonicTime At(int64_t seconds) { return MonotonicTime(std::chrono::seconds(seconds)); }

TEST(BrokerWatchTest, AddressesAreDueASecondAfterTheLastNodeWent) {
  BrokerWatch watch(At(0));
  watch.OnState("a", 1, "UP", At(1));
  watch.OnState("b", 1, "UP", At(2));
  watch.OnState("a", 1, "DOWN", At(100));
  EXPECT_FALSE(watch.AddressesAreDue(At(200), true)) << "one is there";
  watch.OnState("b", 1, "DOWN", At(300));
  EXPECT_FALSE(watch.AddressesAreDue(At(300), true));
  EXPECT_TRUE(watch.AddressesAreDue(At(301), true));
  EXPECT_FALSE(watch.AddressesAreDue(At(302), true)) << "twice as long";
  EXPECT_TRUE(watch.AddressesAreDue(At(303), true));
}

TEST(BrokerWatchTest, TheyAreGivenMoreAndMoreRarelyUntilANodeIsThere) {
  BrokerWatch watch(At(0));
  int given = 0;
  for (int second = 0; second < 24 * 3'600; ++second) {
    given += watch.AddressesAreDue(At(second), true);
  }
  EXPECT_GT(given, 100);
  EXPECT_LT(given, 160) << "in a day";
  watch.OnState("a", 1, "UP", At(100'000));
  watch.OnState("a", 1, "DOWN", At(100'001));
  EXPECT_TRUE(watch.AddressesAreDue(At(100'002), true));
}

TEST(BrokerWatchTest, CoordinatorsAreNoNodes) {
  BrokerWatch watch(At(0));
  watch.OnState("GroupCoordinator", 1, "UP", At(1));
  watch.OnState("TxnCoordinator", 1, "UP", At(1));
  EXPECT_TRUE(watch.AddressesAreDue(At(1), true));
}

TEST(BrokerWatchTest, AClientAtRestMayBeWithoutANode) {
  BrokerWatch watch(At(0));
  EXPECT_FALSE(watch.AddressesAreDue(At(100), false));
  EXPECT_FALSE(watch.AddressesAreDue(At(100), true)) << "wanted since now";
  EXPECT_TRUE(watch.AddressesAreDue(At(101), true));
}

// What fails before it is connected was not connected.
TEST(BrokerWatchTest, FailedConnectionsDoNotPutItOff) {
  BrokerWatch watch(At(0));
  for (int second = 0; second < 10; ++second) watch.OnState("a", 1, "DOWN", At(second));
  EXPECT_TRUE(watch.AddressesAreDue(At(10), true));
}

}  // namespace
}  // namespace sidestream::kafka::rdkafka
