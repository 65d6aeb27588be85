// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Against librdkafka's own mock cluster, whose answers can be chosen.

#include <gtest/gtest.h>

#include <thread>

#include "mock_cluster.h"


namespace sidestream::kafka {
namespace {

constexpr int16_t kOffsetFetch = 9;

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

}  // namespace
}  // namespace sidestream::kafka
