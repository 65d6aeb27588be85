// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Missing access rights, on the cluster that librdkafka mocks: the library purges its queue when a
// transaction fails, so the deliveries do not tell the reason.

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <memory>
#include <optional>
#include <string>

#include "kafka/rdkafka/rdkafka_cluster.h"

namespace sidestream::kafka {
namespace {

constexpr int16_t kInitProducerId = 22;
constexpr int16_t kAddPartitionsToTxn = 24;

class DeniedWritesTest : public testing::Test {
 protected:
  void SetUp() override {
    char text[256];
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, nullptr);
    host_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof(text));
    ASSERT_NE(host_, nullptr) << text;
    mock_ = rd_kafka_mock_cluster_new(host_, 1);
    for (const char* topic : {"out", "counts"}) rd_kafka_mock_topic_create(mock_, topic, 1, 1);
    cluster_ = NewRdkafkaCluster(
                   {.common = {{"bootstrap.servers", rd_kafka_mock_cluster_bootstraps(mock_)}}})
                   .value();
    producer_ = cluster_->NewProducer({.client_id = "p", .transactional_id = "t"}).value();
    out_ = producer_->RegisterTopic("out");
  }
  void TearDown() override {
    producer_.reset();
    cluster_.reset();
    rd_kafka_mock_cluster_destroy(mock_);
    rd_kafka_destroy(host_);
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
    rd_kafka_mock_push_request_errors(mock_, api, 1, error);
  }

  rd_kafka_t* host_ = nullptr;
  rd_kafka_mock_cluster_t* mock_ = nullptr;
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<Producer> producer_;
  TopicHandle out_;
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
  rd_kafka_mock_topic_set_error(mock_, "out", RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
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
