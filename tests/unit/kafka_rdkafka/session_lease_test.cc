// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/rdkafka/session_lease.h"

#include <gtest/gtest.h>

namespace sidestream::kafka::rdkafka {
namespace {

constexpr int16_t kJoinGroup = 11;
constexpr int16_t kHeartbeat = 12;
constexpr int16_t kSyncGroup = 14;
constexpr int16_t kFetch = 1;

MonotonicTime At(int64_t ms) { return MonotonicTime(Milliseconds(ms)); }

class SessionLeaseTest : public ::testing::Test {
 protected:
  void Exchange(int16_t api_key, int64_t sent, int64_t answered) {
    lease_.OnRequestSent(api_key, At(sent));
    lease_.OnResponse(api_key, /*transport_error=*/false, At(answered));
    lease_.OnResponse(api_key, /*transport_error=*/false, At(answered));
  }
  void Join() {
    Exchange(kJoinGroup, 1'000, 1'010);
    Exchange(kSyncGroup, 1'010, 1'020);
  }

  SessionLease lease_{Milliseconds(6'000)};
};

TEST_F(SessionLeaseTest, NothingIsHeldBeforeTheJoinIsKnownToBeAnsweredWell) {
  EXPECT_EQ(lease_.held_until(), MonotonicTime());
  Exchange(kJoinGroup, 1'000, 1'010);
  EXPECT_EQ(lease_.held_until(), MonotonicTime());
  lease_.OnRequestSent(kSyncGroup, At(1'010));
  EXPECT_EQ(lease_.held_until(), At(7'000));
}

TEST_F(SessionLeaseTest, EachHeartbeatThatIsAnsweredInTimeRenewsItFromWhenItWasSent) {
  Join();
  Exchange(kHeartbeat, 4'000, 4'500);
  EXPECT_EQ(lease_.held_until(), At(10'000));
}

TEST_F(SessionLeaseTest, AHeartbeatWithoutAnAnswerDoesNot) {
  Join();
  const MonotonicTime before = lease_.held_until();
  lease_.OnRequestSent(kHeartbeat, At(4'000));
  lease_.OnResponse(kHeartbeat, /*transport_error=*/true, At(4'500));
  lease_.OnRequestSent(kHeartbeat, At(5'000));
  Exchange(kFetch, 5'000, 5'001);
  EXPECT_EQ(lease_.held_until(), before);
}

TEST_F(SessionLeaseTest, AnAnswerAfterItsEndMayBeThatTheMemberIsUnknown) {
  Join();
  const MonotonicTime before = lease_.held_until();
  Exchange(kHeartbeat, 20'000, 20'010);
  EXPECT_EQ(lease_.held_until(), before) << "the process stood still";
  lease_.OnRequestSent(kHeartbeat, At(20'500));
  EXPECT_EQ(lease_.held_until(), At(26'000)) << "the membership goes on";
}

}  // namespace
}  // namespace sidestream::kafka::rdkafka
