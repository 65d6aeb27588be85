// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Against librdkafka's own mock cluster, whose answers can be chosen.

#include <gtest/gtest.h>

#include <thread>

#include "base/clock.h"
#include "kafka/rdkafka/rdkafka_admin.h"
#include "mock_cluster.h"

namespace sidestream::kafka {
namespace {

constexpr int16_t kOffsetFetch = 9;
constexpr int32_t kBroker = 1;

class RdkafkaAdminTest : public testing::Test {
 protected:
  RdkafkaAdminTest() { rd_kafka_mock_topic_create(mock_.get(), "in", 1, 1); }

  template <typename T>
  Result<T> Await(Admin::Reply<T> reply) {
    for (;;) {
      if (auto answer = reply->Poll()) return std::move(*answer);
      std::this_thread::yield();
    }
  }

  const MockCluster mock_{1};
  const std::unique_ptr<Cluster> cluster_ = mock_.Connect();
  const std::unique_ptr<Admin> admin_ = cluster_->NewAdmin("admin").value();
};

TEST_F(RdkafkaAdminTest, AMovedCoordinatorIsOnlyAReasonToAskAgain) {
  rd_kafka_mock_push_request_errors(mock_.get(), kOffsetFetch, 1, RD_KAFKA_RESP_ERR_NOT_COORDINATOR);
  const auto first = Await(admin_->CommittedOffsets("app", {{"in", 0}}, /*require_stable=*/false));
  EXPECT_TRUE(first.ok() || first.status().code() == StatusCode::kUnavailable) << first.status();
  const auto second = Await(admin_->CommittedOffsets("app", {{"in", 0}}, /*require_stable=*/false));
  ASSERT_TRUE(second.ok()) << second.status();
  ASSERT_EQ(second->size(), 1u);
  EXPECT_FALSE((*second)[0].offset);
}

// A request that had timed out inside of librdkafka was freed twice when the coordinator came, and the
// process aborted; where the library has no assertions (ours from setup.sh), only memory was damaged.
TEST_F(RdkafkaAdminTest, ACoordinatorThatComesTooLateIsAskedAnew) {
  const RdkafkaOptions options{
      .common = {{"bootstrap.servers", rd_kafka_mock_cluster_bootstraps(mock_.get())},
                 {"reconnect.backoff.ms", "1"},
                 {"reconnect.backoff.max.ms", "1"}}};
  const std::unique_ptr<Admin> admin =
      rdkafka::RdkafkaAdmin::Make(rdkafka::AdminProperties(options, "admin"), Milliseconds(50))
          .value();
  rd_kafka_mock_broker_set_down(mock_.get(), kBroker);
  const auto early = Await(admin->CommittedOffsets("app", {{"in", 0}}, false));
  EXPECT_EQ(early.status().code(), StatusCode::kUnavailable) << early.status();
  rd_kafka_mock_broker_set_up(mock_.get(), kBroker);
  // The client of the request has time to find the coordinator.
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(Await(admin_->CommittedOffsets(std::to_string(i), {{"in", 0}}, false)).ok());
  }
  while (!Await(admin->CommittedOffsets("app", {{"in", 0}}, false)).ok()) {
  }
}

TEST_F(RdkafkaAdminTest, ALeaderThatIsBackIsFoundAfterTheNextRefresh) {
  const MockCluster mock(1);
  rd_kafka_mock_topic_create(mock.get(), "in", 1, 1);
  rd_kafka_mock_partition_set_leader(mock.get(), "in", 0, -1);
  const std::unique_ptr<Admin> admin = mock.Connect()->NewAdmin("admin").value();
  const auto list = [&] {
    return Await(admin->ListOffsets({{"in", 0}}, OffsetSpec::kLatest,
                                    IsolationLevel::kReadUncommitted))
        .status();
  };
  EXPECT_EQ(list().code(), StatusCode::kUnavailable);
  rd_kafka_mock_partition_set_leader(mock.get(), "in", 0, kBroker);
  const SystemClock clock;
  const MonotonicTime deadline = clock.Now() + Milliseconds(30'000);
  Status last;
  while (!(last = list()).ok() && clock.Now() < deadline) std::this_thread::yield();
  EXPECT_TRUE(last.ok()) << last;
}

}  // namespace
}  // namespace sidestream::kafka
