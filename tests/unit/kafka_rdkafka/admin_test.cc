// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Against librdkafka's own mock cluster, whose answers can be chosen.

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <thread>

#include "kafka/rdkafka/rdkafka_cluster.h"

namespace sidestream::kafka {
namespace {

constexpr int16_t kOffsetFetch = 9;

class RdkafkaAdminTest : public testing::Test {
 protected:
  RdkafkaAdminTest() {
    char text[256];
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, nullptr);
    owner_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof(text));
    mock_ = rd_kafka_mock_cluster_new(owner_, 1);
    rd_kafka_mock_topic_create(mock_, "in", 1, 1);
    cluster_ = NewRdkafkaCluster(
                   {.common = {{"bootstrap.servers", rd_kafka_mock_cluster_bootstraps(mock_)}}})
                   .value();
    admin_ = cluster_->NewAdmin("admin").value();
  }
  ~RdkafkaAdminTest() override {
    admin_.reset();
    cluster_.reset();
    rd_kafka_mock_cluster_destroy(mock_);
    rd_kafka_destroy(owner_);
  }

  template <typename T>
  Result<T> Await(Admin::Reply<T> reply) {
    for (;;) {
      if (auto answer = reply->Poll()) return std::move(*answer);
      std::this_thread::yield();
    }
  }

  rd_kafka_t* owner_ = nullptr;
  rd_kafka_mock_cluster_t* mock_ = nullptr;
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<Admin> admin_;
};

TEST_F(RdkafkaAdminTest, AMovedCoordinatorIsOnlyAReasonToAskAgain) {
  rd_kafka_mock_push_request_errors(mock_, kOffsetFetch, 1, RD_KAFKA_RESP_ERR_NOT_COORDINATOR);
  const auto first = Await(admin_->CommittedOffsets("app", {{"in", 0}}, /*require_stable=*/false));
  EXPECT_TRUE(first.ok() || first.status().code() == StatusCode::kUnavailable) << first.status();
  const auto second = Await(admin_->CommittedOffsets("app", {{"in", 0}}, /*require_stable=*/false));
  ASSERT_TRUE(second.ok()) << second.status();
  ASSERT_EQ(second->size(), 1u);
  EXPECT_FALSE((*second)[0].offset);
}

}  // namespace
}  // namespace sidestream::kafka
