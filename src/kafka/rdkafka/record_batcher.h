// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Collects records of one topic that have neither timestamp nor headers and hands them over by
// rd_kafka_produce_batch: a quarter of the CPU of single calls (engine.md D2). Bytes are copied
// twice, into the arena here and into librdkafka's message there, which is cheap beside the call.
//
// Threading: confined to the producer's thread.

#pragma once

#include <librdkafka/rdkafka.h>

#include <cstddef>
#include <functional>
#include <vector>

#include "base/arena.h"
#include "kafka/producer.h"

namespace sidestream::kafka::rdkafka {

class RecordBatcher {
 public:
  /// Told of a record that librdkafka refused at hand-over, with its error code.
  using OnRefused = std::function<void(Partition partition, int code)>;

  /// `topic` is borrowed and must outlive the batcher.
  explicit RecordBatcher(rd_kafka_topic_t* topic) : topic_(topic) {}

  bool full() const;
  bool empty() const { return messages_.empty(); }
  size_t size() const { return messages_.size(); }
  void Add(const OutgoingRecord& record);
  /// Hands over what is collected. False: librdkafka's queue is full, the rest stays, in order.
  bool Flush(const OnRefused& on_refused);
  /// Drops what is collected; says how many records that were.
  size_t Clear();

 private:
  rd_kafka_topic_t* const topic_;
  std::vector<rd_kafka_message_t> messages_;
  Arena bytes_;
  size_t bytes_size_ = 0;
};

}  // namespace sidestream::kafka::rdkafka
