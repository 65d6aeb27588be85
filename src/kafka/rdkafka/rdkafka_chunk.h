// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Record chunks over librdkafka messages: one chunk owns the messages of one partition that one
// poll took, and parses headers only when asked.
//
// Threading: as RecordChunk. The chunk keeps the client alive, because a message holds references
// into it.

#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <vector>

#include "kafka/rdkafka/client.h"
#include "kafka/record.h"

namespace sidestream::kafka::rdkafka {

class RdkafkaChunk final : public RecordChunk {
 public:
  RdkafkaChunk(std::shared_ptr<Client> client, TopicPartition partition);
  ~RdkafkaChunk() override;
  RdkafkaChunk(const RdkafkaChunk&) = delete;
  RdkafkaChunk& operator=(const RdkafkaChunk&) = delete;

  std::span<const Header> Headers(size_t index) const override;

  /// Room for that many records; growing one by one would move them again and again.
  void Reserve(size_t records);
  /// Takes the message over.
  void Append(rd_kafka_message_t* message);
  void End(Offset position) { end_position_ = position; }

 private:
  const std::shared_ptr<Client> client_;
  std::vector<rd_kafka_message_t*> messages_;
  mutable std::vector<Header> headers_;
};

/// An error message of a partition or of the whole queue.
struct QueueError {
  int code = 0;
  /// Empty topic: of no partition.
  TopicPartition partition;
  Offset offset;
  std::string text;
};

struct Batch {
  std::vector<std::unique_ptr<RecordChunk>> chunks;
  std::vector<QueueError> errors;
};

/// Takes messages from `queue` and groups them: the one way in which records come in.
///
/// Threading: confined to one thread.
class BatchReader {
 public:
  BatchReader(std::shared_ptr<Client> client, rd_kafka_queue_t* queue);
  /// Up to `records_max` messages; waits at most `wait` for the first.
  Batch Take(size_t records_max, Milliseconds wait);

 private:
  void Sort(rd_kafka_message_t* message);
  RdkafkaChunk& ChunkOf(const rd_kafka_message_t& message);

  struct Open {
    rd_kafka_topic_t* topic;
    Partition partition;
    RdkafkaChunk* chunk;
  };
  const std::shared_ptr<Client> client_;
  rd_kafka_queue_t* const queue_;  // borrowed
  std::vector<rd_kafka_message_t*> messages_;
  std::vector<Open> open_;
  size_t left_ = 0;  // messages of this batch that are not sorted yet
  Batch batch_;
};

}  // namespace sidestream::kafka::rdkafka
