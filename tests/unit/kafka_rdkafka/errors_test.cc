// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/rdkafka/errors.h"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

namespace sidestream::kafka::rdkafka {
namespace {

constexpr auto kCommit = ProducerOperation::kCommit;
constexpr auto kSend = ProducerOperation::kSendOffsets;

ErrorFacts Retriable(int code) { return {.code = code, .retriable = true}; }
ErrorFacts Abortable(int code) { return {.code = code, .abortable = true}; }
ErrorFacts Fatal(int code) { return {.code = code, .fatal = true}; }
ErrorFacts Unflagged(int code) { return {.code = code}; }

// The rows are those of engine.md B3: the flag rules, the code refines.
TEST(ErrorsTest, ClassesProducerErrorsByFlagThenCode) {
  const struct {
    ProducerOperation operation;
    ErrorFacts error;
    StatusCode wanted;
  } rows[] = {
      {kCommit, Retriable(RD_KAFKA_RESP_ERR__TIMED_OUT), StatusCode::kUnavailable},
      {kSend, Retriable(RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE), StatusCode::kUnavailable},
      {kSend, Abortable(RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION), StatusCode::kTaskMigrated},
      {kSend, Abortable(RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID), StatusCode::kTaskMigrated},
      {kSend, Abortable(RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID), StatusCode::kTaskMigrated},
      {kSend, Abortable(RD_KAFKA_RESP_ERR_STALE_MEMBER_EPOCH), StatusCode::kTaskMigrated},
      {kSend, Abortable(RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE), StatusCode::kAbortRequired},
      {kSend, Abortable(RD_KAFKA_RESP_ERR_PRODUCER_FENCED), StatusCode::kFenced},
      {kSend, Abortable(RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED), StatusCode::kInvalidConfig},
      {kCommit, Abortable(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE), StatusCode::kAbortRequired},
      {kCommit, Abortable(RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED),
       StatusCode::kInvalidConfig},
      {kCommit, Abortable(120), StatusCode::kAbortRequired},
      {kCommit, Fatal(RD_KAFKA_RESP_ERR__FENCED), StatusCode::kFenced},
      {kCommit, Fatal(RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH), StatusCode::kFenced},
      {kCommit, Fatal(RD_KAFKA_RESP_ERR_INVALID_TXN_STATE), StatusCode::kUnknownOutcome},
      {kCommit, Fatal(RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER),
       StatusCode::kUnknownOutcome},
      {kCommit, Unflagged(RD_KAFKA_RESP_ERR_UNKNOWN), StatusCode::kUnknownOutcome},
      {kCommit, Unflagged(RD_KAFKA_RESP_ERR__STATE), StatusCode::kUnknownOutcome},
      {kSend, Unflagged(RD_KAFKA_RESP_ERR__STATE), StatusCode::kFatal},
      {ProducerOperation::kAbort, Unflagged(RD_KAFKA_RESP_ERR__STATE), StatusCode::kUnknownOutcome},
      {ProducerOperation::kAbort, Fatal(RD_KAFKA_RESP_ERR_INVALID_TXN_STATE),
       StatusCode::kUnknownOutcome},
      {ProducerOperation::kInit, Fatal(RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT),
       StatusCode::kInvalidConfig},
      {ProducerOperation::kInit, Retriable(RD_KAFKA_RESP_ERR__TIMED_OUT),
       StatusCode::kUnavailable},
      {ProducerOperation::kBegin, Unflagged(RD_KAFKA_RESP_ERR__STATE), StatusCode::kFatal},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(ProducerStatus(row.operation, row.error).code(), row.wanted)
        << rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(row.error.code));
  }
}

TEST(ErrorsTest, ClassesFailedDeliveries) {
  EXPECT_EQ(DeliveryStatus(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE).code(), StatusCode::kBadRecord);
  EXPECT_EQ(DeliveryStatus(RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE).code(),
            StatusCode::kBadRecord);
  EXPECT_EQ(DeliveryStatus(RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP).code(), StatusCode::kBadRecord);
  EXPECT_EQ(DeliveryStatus(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT).code(), StatusCode::kUnavailable);
  EXPECT_EQ(DeliveryStatus(RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION).code(), StatusCode::kStopped);
  EXPECT_EQ(DeliveryStatus(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED).code(),
            StatusCode::kInvalidConfig);
  EXPECT_EQ(DeliveryStatus(RD_KAFKA_RESP_ERR__PURGE_QUEUE).code(), StatusCode::kAbortRequired);
}

TEST(ErrorsTest, ClassesConsumerErrors) {
  const auto code = [](int error, bool fatal = false) {
    return ConsumerStatus({.code = error, .fatal = fatal}).code();
  };
  EXPECT_EQ(code(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN), StatusCode::kUnavailable);
  EXPECT_EQ(code(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART), StatusCode::kUnavailable);
  EXPECT_EQ(code(RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED), StatusCode::kUnavailable);
  EXPECT_EQ(code(RD_KAFKA_RESP_ERR__AUTHENTICATION), StatusCode::kInvalidConfig);
  EXPECT_EQ(code(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED), StatusCode::kInvalidConfig);
  EXPECT_EQ(code(RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, true), StatusCode::kFenced);
  EXPECT_EQ(code(RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET), StatusCode::kStopped);
  EXPECT_EQ(code(RD_KAFKA_RESP_ERR_UNKNOWN, true), StatusCode::kFatal);
}

TEST(ErrorsTest, ClassesOffsetCommits) {
  EXPECT_TRUE(CommitStatus(RD_KAFKA_RESP_ERR_NO_ERROR).ok());
  EXPECT_EQ(CommitStatus(RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION).code(), StatusCode::kTaskMigrated);
  EXPECT_EQ(CommitStatus(RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS).code(),
            StatusCode::kUnavailable);
  EXPECT_EQ(CommitStatus(RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE).code(), StatusCode::kFatal);
}

TEST(ErrorsTest, ClassesReaderAndAdminErrors) {
  const Status out_of_range = ReaderStatus(RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, "t-0 offset=5");
  EXPECT_EQ(out_of_range.code(), StatusCode::kStopped);
  EXPECT_NE(out_of_range.message().find("t-0 offset=5"), std::string::npos);
  EXPECT_EQ(ReaderStatus(RD_KAFKA_RESP_ERR__TRANSPORT, "").code(), StatusCode::kUnavailable);
  EXPECT_EQ(AdminStatus(RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP, "").code(), StatusCode::kStopped);
  EXPECT_EQ(AdminStatus(RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT, "").code(),
            StatusCode::kUnavailable);
  EXPECT_EQ(AdminStatus(RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, "").code(),
            StatusCode::kInvalidConfig);
}

}  // namespace
}  // namespace sidestream::kafka::rdkafka
