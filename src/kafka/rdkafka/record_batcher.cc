// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/rdkafka/record_batcher.h"

namespace sidestream::kafka::rdkafka {
namespace {

constexpr size_t kRecordsMax = 256;
constexpr size_t kBytesMax = 256 * 1024;

}  // namespace

bool RecordBatcher::full() const {
  return messages_.size() >= kRecordsMax || bytes_size_ >= kBytesMax;
}

void RecordBatcher::Add(const OutgoingRecord& record) {
  rd_kafka_message_t message{};
  message.partition = record.partition;
  // A null pointer is a null key or value, so an empty one keeps a pointer.
  if (record.value) {
    message.payload = const_cast<char*>(bytes_.Copy(*record.value).data());
    message.len = record.value->size();
  }
  if (record.key) {
    message.key = const_cast<char*>(bytes_.Copy(*record.key).data());
    message.key_len = record.key->size();
  }
  bytes_size_ += message.len + message.key_len;
  messages_.push_back(message);
}

bool RecordBatcher::Flush(const OnRefused& on_refused) {
  if (messages_.empty()) return true;
  rd_kafka_produce_batch(topic_, RD_KAFKA_PARTITION_UA,
                         RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_PARTITION, messages_.data(),
                         static_cast<int>(messages_.size()));
  // A full queue refuses the first that does not fit and all behind it.
  size_t kept = 0;
  for (rd_kafka_message_t& message : messages_) {
    if (message.err == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      message.err = RD_KAFKA_RESP_ERR_NO_ERROR;
      messages_[kept++] = message;
    } else if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      on_refused(message.partition, message.err);
    }
  }
  messages_.resize(kept);
  if (kept > 0) return false;
  bytes_.Reset();
  bytes_size_ = 0;
  return true;
}

size_t RecordBatcher::Clear() {
  const size_t dropped = messages_.size();
  messages_.clear();
  bytes_.Reset();
  bytes_size_ = 0;
  return dropped;
}

}  // namespace sidestream::kafka::rdkafka
