// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Record chunks: one chunk holds copies of the records of one partition that one poll took.
//
// Why copies: chunks stay until the commit. A message of librdkafka keeps some 500 bytes beside its
// record and the whole fetch response that it came in; given back at once, both are used again
// for the next fetch while they are in the cache.
//
// Threading: as RecordChunk.

#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/clock.h"
#include "kafka/record.h"

namespace sidestream::kafka::rdkafka {

class RdkafkaChunk final : public RecordChunk {
 public:
  explicit RdkafkaChunk(TopicPartition partition) { partition_ = std::move(partition); }

  std::span<const Header> Headers(size_t index) const override;

  /// Room for that many records; growing one by one would move them again and again.
  void Reserve(size_t records) { records_.reserve(records); }
  /// Copies the record; the message stays the caller's.
  void Append(rd_kafka_message_t* message);
  void End(Offset position) { end_position_ = position; }

 private:
  /// Of the headers of one record in headers_.
  struct Range {
    size_t first = 0;
    size_t count = 0;
  };
  std::optional<std::string_view> Copy(const void* bytes, size_t size);
  void AppendHeaders(const rd_kafka_headers_t& headers);

  Arena memory_;
  std::vector<Header> headers_;
  /// As records_, up to the last record with headers: most topics have none.
  std::vector<Range> ranges_;
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
  explicit BatchReader(rd_kafka_queue_t* queue) : queue_(queue) {}
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
  rd_kafka_queue_t* const queue_;  // borrowed
  std::vector<rd_kafka_message_t*> messages_;
  std::vector<Open> open_;
  size_t left_ = 0;  // messages of this batch that are not sorted yet
  Batch batch_;
};

}  // namespace sidestream::kafka::rdkafka
