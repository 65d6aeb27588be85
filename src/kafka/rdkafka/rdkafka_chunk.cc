// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/rdkafka/rdkafka_chunk.h"

#include <algorithm>
#include <utility>

namespace sidestream::kafka::rdkafka {
namespace {

// What the library and we hold of a message beside its key and value: its op, and the record.
constexpr size_t kMessageBytes = 512;

std::optional<std::string_view> View(const void* bytes, size_t size) {
  if (bytes == nullptr) return std::nullopt;
  return std::string_view(static_cast<const char*>(bytes), size);
}

}  // namespace

RdkafkaChunk::RdkafkaChunk(std::shared_ptr<Client> client, TopicPartition partition)
    : client_(std::move(client)) {
  partition_ = std::move(partition);
}

RdkafkaChunk::~RdkafkaChunk() {
  for (rd_kafka_message_t* message : messages_) rd_kafka_message_destroy(message);
}

void RdkafkaChunk::Reserve(size_t records) {
  records_.reserve(records);
  messages_.reserve(records);
}

void RdkafkaChunk::Append(rd_kafka_message_t* message) {
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const int64_t timestamp = rd_kafka_message_timestamp(message, &type);
  records_.push_back({.offset = Offset(message->offset),
                      .timestamp = type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? kNoTimestamp
                                                                            : Timestamp(timestamp),
                      .key = View(message->key, message->key_len),
                      .value = View(message->payload, message->len)});
  bytes_ += kMessageBytes + message->key_len + message->len;
  messages_.push_back(message);
}

std::span<const Header> RdkafkaChunk::Headers(size_t index) const {
  headers_.clear();
  rd_kafka_headers_t* parsed = nullptr;  // stays the message's
  if (rd_kafka_message_headers(messages_[index], &parsed) != RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  const char* name = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  for (size_t i = 0; rd_kafka_header_get_all(parsed, i, &name, &value, &size) ==
                     RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    headers_.push_back({name, View(value, size)});
  }
  return headers_;
}

BatchReader::BatchReader(std::shared_ptr<Client> client, rd_kafka_queue_t* queue)
    : client_(std::move(client)), queue_(queue) {}

Batch BatchReader::Take(size_t records_max, Milliseconds wait) {
  if (messages_.size() < records_max) messages_.resize(records_max);
  // The library waits until the batch is full or the time is over, so only a single record may be
  // waited for.
  ssize_t count = rd_kafka_consume_batch_queue(queue_, 0, messages_.data(), records_max);
  if (count == 0 && wait.count() > 0) {
    count = rd_kafka_consume_batch_queue(queue_, static_cast<int>(wait.count()), messages_.data(),
                                         1);
    if (count == 1 && records_max > 1) {
      count += std::max<ssize_t>(0, rd_kafka_consume_batch_queue(queue_, 0, messages_.data() + 1,
                                                                 records_max - 1));
    }
  }
  left_ = static_cast<size_t>(std::max<ssize_t>(count, 0));
  for (size_t i = 0; left_ > 0; ++i, --left_) Sort(messages_[i]);
  open_.clear();
  return std::exchange(batch_, {});
}

void BatchReader::Sort(rd_kafka_message_t* message) {
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    ChunkOf(*message).Append(message);
    return;
  }
  if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    ChunkOf(*message).End(Offset(message->offset));
    std::erase_if(open_, [&](const Open& open) {
      return open.topic == message->rkt && open.partition == message->partition;
    });
  } else {
    const char* topic = message->rkt != nullptr ? rd_kafka_topic_name(message->rkt) : "";
    batch_.errors.push_back({.code = message->err,
                             .partition = {topic, message->partition},
                             .offset = Offset(message->offset),
                             .text = rd_kafka_message_errstr(message)});
  }
  rd_kafka_message_destroy(message);
}

RdkafkaChunk& BatchReader::ChunkOf(const rd_kafka_message_t& message) {
  // Messages come in runs, so the one asked for is nearly always the last.
  for (auto open = open_.rbegin(); open != open_.rend(); ++open) {
    if (open->topic == message.rkt && open->partition == message.partition) return *open->chunk;
  }
  auto chunk = std::make_unique<RdkafkaChunk>(
      client_, TopicPartition{rd_kafka_topic_name(message.rkt), message.partition});
  // Mostly the rest of a batch is of one partition.
  if (open_.empty()) chunk->Reserve(left_);
  open_.push_back({message.rkt, message.partition, chunk.get()});
  batch_.chunks.push_back(std::move(chunk));
  return *static_cast<RdkafkaChunk*>(batch_.chunks.back().get());
}

}  // namespace sidestream::kafka::rdkafka
