// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Collects the records of one partition and hands them to librdkafka one request's worth at a
// time, the next when the reports of the last are in.
//
// Why not at once: an idempotent producer of librdkafka has one request of a partition under way,
// and while records wait behind it their linger time is over, so that its broker thread asks
// poll() with a time-out of 0 until the answer is there (seen with 2.14.2: two thirds of the
// CPU of a pass-through). With nothing behind the request the thread sleeps. Records without
// timestamp and headers go by rd_kafka_produce_batch, a quarter of the CPU of single calls
// (engine.md D2).
//
// Threading: confined to the producer's thread.

#pragma once

#include <librdkafka/rdkafka.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/arena.h"
#include "kafka/producer.h"
#include "kafka/rdkafka/errors.h"

namespace sidestream::kafka::rdkafka {

/// Where a partition's records go. All borrowed.
struct SendTarget {
  rd_kafka_t* client = nullptr;
  rd_kafka_topic_t* topic = nullptr;
  Partition partition = 0;
  /// The topic's metadata is there; without it only single calls find their way.
  bool known = false;
};

/// What librdkafka puts into one request of a partition.
struct BatchLimits {
  size_t bytes = 1'000'000;
  size_t records = 10'000;
};

class PartitionSender {
 public:
  /// Told of a record that librdkafka refused at hand-over.
  using OnRefused = std::function<void(const ErrorFacts& error)>;

  /// What librdkafka compares with message.max.bytes.
  static size_t SizeOf(const OutgoingRecord& record);
  /// Copies the record, of that size.
  void Add(const OutgoingRecord& record, size_t size, const BatchLimits& limits);
  /// Hands the oldest batch over when nothing is under way. Returns the bytes that no longer wait;
  /// what librdkafka's queue has no room for stays, in order.
  size_t HandOver(const SendTarget& target, const OnRefused& on_refused);
  /// The report of a record that was handed over is in.
  void OnReport() { --under_way_; }
  /// Drops what waits; returns the number of records.
  size_t Clear();

  /// Nothing waits.
  bool empty() const { return batches_.empty(); }
  /// A whole request's worth waits, and nothing is in its way.
  bool full() const { return batches_.size() > 1 && under_way_ == 0; }

 private:
  struct Extra {
    int64_t timestamp = 0;
    uint32_t headers_begin = 0;
    uint32_t headers_end = 0;
  };
  struct Batch {
    /// Has neither timestamps nor headers.
    bool plain = true;
    size_t bytes = 0;
    size_t handed = 0;  // records, from the front
    std::vector<rd_kafka_message_t> messages;
    std::vector<Extra> extras;
    std::vector<Header> headers;
    Arena arena;
  };

  void AddExtra(const OutgoingRecord& record, Batch& batch);
  bool HandOverPlain(const SendTarget& target, Batch& batch, const OnRefused& on_refused);
  bool HandOverSingly(const SendTarget& target, Batch& batch, const OnRefused& on_refused);

  std::vector<std::unique_ptr<Batch>> batches_;  // few: what waits is bounded
  size_t under_way_ = 0;  // records
};

}  // namespace sidestream::kafka::rdkafka
