// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/memory/group_coordinator.h"

#include <gtest/gtest.h>

namespace sidestream::kafka::memory {
namespace {

using std::chrono::seconds;

// Kafka's pending sync: who beats without syncing would hold the group up for good, whose commits are
// refused meanwhile. Here the leader closed between its join and its sync (schedule 13925).
TEST(GroupCoordinatorTest, WhoDoesNotSyncIsOutWhenTheRebalanceTimeoutIsOver) {
  ManualClock clock;
  GroupCoordinator groups(clock, {});
  JoinAnswer joined;
  groups.Join({.group = "g", .client_id = "c", .rebalance_timeout = seconds(30), .protocol = "range"},
              [&](JoinAnswer answer) { joined = std::move(answer); });
  groups.Step();
  ASSERT_EQ(joined.error, ErrorCode::kNone);
  const MemberProof proof{.group = "g", .generation = joined.generation, .member_id = joined.member_id};
  for (int second = 0; second < 29; ++second) {
    clock.Advance(seconds(1));
    groups.Step();
    ASSERT_EQ(groups.Heartbeat(proof), ErrorCode::kNone) << second;
    ASSERT_EQ(groups.Commit(proof, {}), ErrorCode::kRebalanceInProgress) << second;
  }
  clock.Advance(seconds(1));
  groups.Step();
  EXPECT_EQ(groups.Heartbeat(proof), ErrorCode::kUnknownMemberId);
}

}  // namespace
}  // namespace sidestream::kafka::memory
