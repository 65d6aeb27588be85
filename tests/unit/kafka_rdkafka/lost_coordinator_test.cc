// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The group's coordinator leaves the cluster for good, on the cluster that librdkafka mocks.

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "kafka/rdkafka/rdkafka_group_metadata.h"
#include "mock_cluster.h"

namespace sidestream::kafka {
namespace {

constexpr int32_t kStaying = 1;
constexpr int32_t kLeaving = 2;
constexpr int32_t kSuccessor = 3;

class LostCoordinatorTest : public testing::Test {
 protected:
  LostCoordinatorTest() {
    for (const char* topic : {"in", "out"}) {
      rd_kafka_mock_topic_create(mock_.get(), topic, 1, 3);
      rd_kafka_mock_partition_set_leader(mock_.get(), topic, 0, kStaying);
    }
    rd_kafka_mock_coordinator_set(mock_.get(), "transaction", "t", kStaying);
    rd_kafka_mock_coordinator_set(mock_.get(), "group", "g", kLeaving);
  }

  Status Answer() {
    for (;;) {
      if (const auto answer = producer_->Poll(Milliseconds(10))) return *answer;
    }
  }
  Status Init() {
    producer_->StartInit();
    return Answer();
  }
  Status Write() {
    if (Status status = producer_->Begin(); !status.ok()) return status;
    OutgoingRecord record;
    record.topic = out_;
    record.value = "1";
    if (Status status = producer_->Produce(record); !status.ok()) return status;
    producer_->StartFlush();
    return Answer();
  }
  Status SendOffsets() {
    producer_->StartSendOffsets({{{"in", 0}, Offset(1), ""}}, membership_, Milliseconds(1'000));
    return Answer();
  }
  Status Commit() {
    producer_->StartCommit();
    return Answer();
  }

  const MockCluster mock_{3};
  const std::unique_ptr<Cluster> cluster_ = mock_.Connect();
  const std::unique_ptr<Producer> producer_ =
      cluster_
          ->NewProducer({.client_id = "p",
                         .transactional_id = "t",
                         .transaction_timeout = Milliseconds(3'000)})
          .value();
  const TopicHandle out_ = producer_->RegisterTopic("out");
  const std::shared_ptr<const GroupMetadata> membership_ =
      std::make_shared<rdkafka::RdkafkaGroupMetadata>(
          rd_kafka_consumer_group_metadata_new_with_genid("g", 1, "member", nullptr));
};

// librdkafka waits for the one it knew, whatever the time-out (its issues 5456 and 5511), until the
// connection to any node changes: the call hung for good, and the worker with it (fault 6).
TEST_F(LostCoordinatorTest, SendingOffsetsComesBack) {
  ASSERT_TRUE(Init().ok());
  ASSERT_TRUE(Write().ok());
  ASSERT_TRUE(SendOffsets().ok());
  ASSERT_TRUE(Commit().ok());

  rd_kafka_mock_coordinator_set(mock_.get(), "group", "g", kSuccessor);
  rd_kafka_mock_broker_decommission(mock_.get(), kLeaving);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(Write().ok());
    ASSERT_TRUE(Commit().ok());
  }

  ASSERT_TRUE(Write().ok());
  const Status sent = SendOffsets();
  EXPECT_TRUE(sent.ok()) << sent.ToString();
  EXPECT_TRUE(Commit().ok());
}

// librdkafka would go on waiting for the coordinator of before (fault 36).
TEST_F(LostCoordinatorTest, OffsetsAreNotSentOnceAllNodesWereLost) {
  ASSERT_TRUE(Init().ok());
  for (const int32_t node : {kStaying, kLeaving, kSuccessor}) {
    rd_kafka_mock_broker_set_down(mock_.get(), node);
  }
  ASSERT_TRUE(Write().ok()) << "flushed, not delivered";
  ASSERT_TRUE(producer_->first_failure().has_value());
  const Status sent = SendOffsets();
  EXPECT_EQ(sent.code(), StatusCode::kAbortRequired) << sent.ToString();
  EXPECT_NE(sent.message().find("all nodes were lost"), std::string::npos) << sent.ToString();
  EXPECT_TRUE(producer_->tainted());
}

}  // namespace
}  // namespace sidestream::kafka
