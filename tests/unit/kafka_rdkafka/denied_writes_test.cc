// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Missing access rights, on the cluster that librdkafka mocks: the library purges its queue when a
// transaction fails, so the deliveries do not tell the reason.

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "mock_cluster.h"


namespace sidestream::kafka {
namespace {

constexpr int16_t kInitProducerId = 22;
constexpr int16_t kAddPartitionsToTxn = 24;

class DeniedWritesTest : public testing::Test {
 protected:
  DeniedWritesTest() {
    for (const char* topic : {"out", "counts"}) {
      rd_kafka_mock_topic_create(mock_.get(), topic, 1, 1);
    }
  }

  /// The answer of the operation that was started.
  Status Answer() {
    for (int i = 0; i < 1'000; ++i) {
      if (const auto answer = producer_->Poll(Milliseconds(10))) return *answer;
    }
    return Status::Unavailable("no answer");
  }

  /// To "out" and, when there is one, to another topic.
  void Produce(std::optional<TopicHandle> other = std::nullopt) {
    OutgoingRecord record;
    record.topic = out_;
    record.value = "1";
    ASSERT_TRUE(producer_->Begin().ok());
    ASSERT_TRUE(producer_->Produce(record).ok());
    if (other) {
      record.topic = *other;
      ASSERT_TRUE(producer_->Produce(record).ok());
    }
    producer_->StartFlush();
  }

  void Answers(int16_t api, rd_kafka_resp_err_t error) {
    rd_kafka_mock_push_request_errors(mock_.get(), api, 1, error);
  }

  const MockCluster mock_{1};
  const std::unique_ptr<Cluster> cluster_ = mock_.Connect();
  const std::unique_ptr<Producer> producer_ =
      cluster_->NewProducer({.client_id = "p", .transactional_id = "t"}).value();
  const TopicHandle out_ = producer_->RegisterTopic("out");
};

TEST_F(DeniedWritesTest, APurgedDeliveryLeadsToTheReasonAndTheTopic) {
  producer_->StartInit();
  ASSERT_TRUE(Answer().ok());
  Answers(kAddPartitionsToTxn, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  Produce();
  EXPECT_TRUE(Answer().ok());
  ASSERT_TRUE(producer_->first_failure());
  EXPECT_EQ(producer_->first_failure()->topic, "out");
  const Status& why = producer_->first_failure()->status;
  EXPECT_EQ(why.code(), StatusCode::kInvalidConfig) << why;
  EXPECT_NE(why.message().find("topic=out"), std::string::npos) << why;
  EXPECT_NE(why.message().find("TOPIC_AUTHORIZATION_FAILED"), std::string::npos) << why;
}

// Which of several topics it is, the library does not say.
TEST_F(DeniedWritesTest, APurgedTransactionOfSeveralTopicsNamesThem) {
  const TopicHandle counts = producer_->RegisterTopic("counts");
  producer_->StartInit();
  ASSERT_TRUE(Answer().ok());
  Answers(kAddPartitionsToTxn, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  Produce(counts);
  const Status answer = Answer();
  EXPECT_EQ(answer.code(), StatusCode::kInvalidConfig) << answer;
  EXPECT_NE(answer.message().find("topic=counts or out"), std::string::npos) << answer;
}

// What is no lack of rights stays a failed delivery, which the next attempt may mend.
TEST_F(DeniedWritesTest, APurgedDeliveryOfAnotherReasonIsUndone) {
  producer_->StartInit();
  ASSERT_TRUE(Answer().ok());
  Answers(kAddPartitionsToTxn, RD_KAFKA_RESP_ERR_UNKNOWN);
  Produce();
  EXPECT_TRUE(Answer().ok());
  ASSERT_TRUE(producer_->first_failure());
  EXPECT_EQ(producer_->first_failure()->status.code(), StatusCode::kAbortRequired);
  producer_->StartAbort();
  EXPECT_TRUE(Answer().ok());
  Produce();
  EXPECT_TRUE(Answer().ok());
  EXPECT_FALSE(producer_->first_failure());
}

TEST_F(DeniedWritesTest, ATopicThatMayNotBeSeenIsNamed) {
  rd_kafka_mock_topic_set_error(mock_.get(), "out", RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  producer_->StartInit();
  const Status answer = Answer();
  EXPECT_EQ(answer.code(), StatusCode::kInvalidConfig) << answer;
  EXPECT_NE(answer.message().find("topic=out"), std::string::npos) << answer;
}

TEST_F(DeniedWritesTest, ATransactionalIdThatMayNotBeUsedIsAConfigurationError) {
  Answers(kInitProducerId, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
  producer_->StartInit();
  const Status answer = Answer();
  EXPECT_EQ(answer.code(), StatusCode::kInvalidConfig) << answer;
  EXPECT_NE(answer.message().find("TRANSACTIONAL_ID_AUTHORIZATION_FAILED"), std::string::npos)
      << answer;
}

}  // namespace
}  // namespace sidestream::kafka
