// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/rdkafka/rdkafka_chunk.h"

#include <algorithm>
#include <utility>

namespace sidestream::kafka::rdkafka {
namespace {

// What we hold of a record beside its bytes.
constexpr size_t kRecordBytes = sizeof(Record);

}  // namespace

std::optional<std::string_view> RdkafkaChunk::Copy(const void* bytes, size_t size) {
  if (bytes == nullptr) return std::nullopt;
  return memory_.Copy({static_cast<const char*>(bytes), size});
}

void RdkafkaChunk::Append(rd_kafka_message_t* message) {
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const int64_t timestamp = rd_kafka_message_timestamp(message, &type);
  records_.push_back({.offset = Offset(message->offset),
                      .timestamp = type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? kNoTimestamp
                                                                            : Timestamp(timestamp),
                      .key = Copy(message->key, message->key_len),
                      .value = Copy(message->payload, message->len)});
  bytes_ += kRecordBytes + message->key_len + message->len;
  rd_kafka_headers_t* headers = nullptr;  // stays the message's
  if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    AppendHeaders(*headers);
  }
}

void RdkafkaChunk::AppendHeaders(const rd_kafka_headers_t& headers) {
  const size_t first = headers_.size();
  const char* name = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  for (size_t i = 0; rd_kafka_header_get_all(&headers, i, &name, &value, &size) ==
                     RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    headers_.push_back({memory_.Copy(name), Copy(value, size)});
    bytes_ += sizeof(Header) + headers_.back().name.size() + size;
  }
  ranges_.resize(records_.size() - 1);
  ranges_.push_back({first, headers_.size() - first});
}

std::span<const Header> RdkafkaChunk::Headers(size_t index) const {
  if (index >= ranges_.size()) return {};
  return std::span(headers_).subspan(ranges_[index].first, ranges_[index].count);
}

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
  } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
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
      TopicPartition{rd_kafka_topic_name(message.rkt), message.partition});
  // Mostly the rest of a batch is of one partition.
  if (open_.empty()) chunk->Reserve(left_);
  open_.push_back({message.rkt, message.partition, chunk.get()});
  batch_.chunks.push_back(std::move(chunk));
  return *static_cast<RdkafkaChunk*>(batch_.chunks.back().get());
}

}  // namespace sidestream::kafka::rdkafka
