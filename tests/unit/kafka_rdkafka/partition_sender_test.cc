// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A producer without a broker: what was handed over waits in its queue, and a purge reports it.

#include "kafka/rdkafka/partition_sender.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kafka/rdkafka/handle.h"

namespace sidestream::kafka::rdkafka {
namespace {

class PartitionSenderTest : public testing::Test {
 protected:
  void SetUp() override { Open({}); }
  void TearDown() override { Close(); }

  void Open(const std::vector<std::pair<std::string, std::string>>& properties) {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set_opaque(conf, this);
    rd_kafka_conf_set_log_cb(conf, nullptr);
    rd_kafka_conf_set_dr_msg_cb(conf, [](rd_kafka_t*, const rd_kafka_message_t* message, void* me) {
      static_cast<PartitionSenderTest*>(me)->reports_.push_back(TextOf(*message));
      static_cast<PartitionSenderTest*>(me)->sender_.OnReport();
    });
    for (const auto& [name, value] : properties) {
      ASSERT_EQ(rd_kafka_conf_set(conf, name.c_str(), value.c_str(), nullptr, 0), RD_KAFKA_CONF_OK);
    }
    char text[256];
    client_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof(text));
    ASSERT_NE(client_, nullptr) << text;
    topic_ = rd_kafka_topic_new(client_, "out", nullptr);
  }

  void Close() {
    rd_kafka_purge(client_, RD_KAFKA_PURGE_F_QUEUE);
    rd_kafka_flush(client_, 1'000);
    rd_kafka_topic_destroy(topic_);
    rd_kafka_destroy(client_);
  }

  // key=value{header=value}; the library tells no timestamp of what was not sent.
  static std::string TextOf(const rd_kafka_message_t& message) {
    std::string text(static_cast<const char*>(message.key), message.key_len);
    text += "=";
    text += message.payload == nullptr
                ? "null"
                : std::string(static_cast<const char*>(message.payload), message.len);
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const char* name = nullptr;
      const void* value = nullptr;
      size_t size = 0;
      for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == 0; ++i) {
        text += std::string("{") + name + "=" +
                (value == nullptr ? "null" : std::string(static_cast<const char*>(value), size)) +
                "}";
      }
    }
    return text;
  }

  void Add(std::string_view key, std::optional<std::string_view> value,
           std::vector<Header> headers = {}) {
    OutgoingRecord record;
    record.key = key;
    record.value = value;
    record.headers = headers;
    sender_.Add(record, PartitionSender::SizeOf(record), limits_);
  }

  size_t HandOver() {
    return sender_.HandOver({client_, topic_, 0, /*known=*/false}, [&](const ErrorFacts& error) {
      refused_.push_back(rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(error.code)));
    });
  }

  std::vector<std::string> TakeReports() {
    rd_kafka_purge(client_, RD_KAFKA_PURGE_F_QUEUE);
    rd_kafka_flush(client_, 1'000);
    return std::exchange(reports_, {});
  }

  PartitionSender sender_;
  BatchLimits limits_{.bytes = 1'000'000, .records = 2};
  rd_kafka_t* client_ = nullptr;
  rd_kafka_topic_t* topic_ = nullptr;
  std::vector<std::string> reports_;
  std::vector<std::string> refused_;
};

TEST_F(PartitionSenderTest, NextBatchFollowsTheReportsOfTheLast) {
  for (const char* key : {"a", "b", "c", "d", "e"}) Add(key, "1");
  EXPECT_TRUE(sender_.full());
  EXPECT_GT(HandOver(), 0u);
  EXPECT_EQ(rd_kafka_outq_len(client_), 2);
  EXPECT_EQ(HandOver(), 0u) << "two records are under way";
  EXPECT_FALSE(sender_.full());
  EXPECT_EQ(TakeReports(), (std::vector<std::string>{"a=1", "b=1"}));
  EXPECT_GT(HandOver(), 0u);
  EXPECT_EQ(TakeReports(), (std::vector<std::string>{"c=1", "d=1"}));
  EXPECT_GT(HandOver(), 0u);
  EXPECT_EQ(TakeReports(), (std::vector<std::string>{"e=1"}));
  EXPECT_TRUE(sender_.empty());
}

TEST_F(PartitionSenderTest, BytesEndABatchToo) {
  limits_ = {.bytes = 400, .records = 100};
  const std::string value(150, 'x');
  for (const char* key : {"a", "b", "c"}) Add(key, value);
  EXPECT_GT(HandOver(), 0u);
  EXPECT_EQ(TakeReports().size(), 1u);
  EXPECT_GT(HandOver(), 0u);
  EXPECT_EQ(TakeReports().size(), 1u);
}

TEST_F(PartitionSenderTest, HandedOverBytesAreThoseThatWereAdded) {
  OutgoingRecord record;
  record.key = "key";
  record.value = "value";
  const Header header{"name", "text"};
  record.headers = {&header, 1};
  sender_.Add(record, PartitionSender::SizeOf(record), limits_);
  EXPECT_EQ(HandOver(), PartitionSender::SizeOf(record));
}

TEST_F(PartitionSenderTest, KeepsNullsAndHeaders) {
  limits_.records = 10;
  Add("plain", "");
  Add("null", std::nullopt);
  Add("rich", "1", {{"trace", "t"}, {"none", std::nullopt}, {"empty", ""}});
  HandOver();
  EXPECT_EQ(TakeReports(), (std::vector<std::string>{
                               "plain=", "null=null", "rich=1{trace=t}{none=null}{empty=}"}));
}

TEST_F(PartitionSenderTest, FullQueueKeepsTheRestInOrder) {
  Close();
  Open({{"queue.buffering.max.messages", "2"}});
  limits_.records = 10;
  for (const char* key : {"a", "b", "c"}) Add(key, "1");
  EXPECT_EQ(HandOver(), 0u) << "the batch is not through";
  EXPECT_EQ(TakeReports(), (std::vector<std::string>{"a=1", "b=1"}));
  Add("d", "1");
  EXPECT_GT(HandOver(), 0u);
  EXPECT_EQ(TakeReports(), (std::vector<std::string>{"c=1"}));
  HandOver();
  EXPECT_EQ(TakeReports(), (std::vector<std::string>{"d=1"}));
  EXPECT_TRUE(refused_.empty());
}

TEST_F(PartitionSenderTest, ARefusedRecordIsToldAndDoesNotStopTheNext) {
  Close();
  Open({{"message.max.bytes", "1000"}, {"batch.size", "1000"}});
  Add("large", std::string(2'000, 'x'));
  HandOver();
  EXPECT_EQ(refused_, (std::vector<std::string>{"MSG_SIZE_TOO_LARGE"}));
  Add("small", "1");
  EXPECT_GT(HandOver(), 0u);
  EXPECT_EQ(TakeReports(), (std::vector<std::string>{"small=1"}));
}

TEST_F(PartitionSenderTest, ClearDropsWhatWaitsOnly) {
  for (const char* key : {"a", "b", "c"}) Add(key, "1");
  HandOver();
  EXPECT_EQ(sender_.Clear(), 1u);
  EXPECT_TRUE(sender_.empty());
  EXPECT_EQ(TakeReports(), (std::vector<std::string>{"a=1", "b=1"}));
}

}  // namespace
}  // namespace sidestream::kafka::rdkafka
