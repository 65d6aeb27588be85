// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Owners of librdkafka's objects. Every list, event and error lives in one of these:
// rd_kafka_destroy() waits for ever while a partition list that went through assign or seek is
// alive (engine.md A1, rule 4).

#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/check.h"
#include "base/ids.h"
#include "kafka/record.h"
#include "kafka/rdkafka/errors.h"

namespace sidestream::kafka::rdkafka {

template <auto kDestroy>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    kDestroy(object);
  }
};

using PartitionList =
    std::unique_ptr<rd_kafka_topic_partition_list_t, Deleter<rd_kafka_topic_partition_list_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, Deleter<rd_kafka_queue_destroy>>;
using Event = std::unique_ptr<rd_kafka_event_t, Deleter<rd_kafka_event_destroy>>;
using Error = std::unique_ptr<rd_kafka_error_t, Deleter<rd_kafka_error_destroy>>;
using TopicObject = std::unique_ptr<rd_kafka_topic_t, Deleter<rd_kafka_topic_destroy>>;

inline PartitionList NewPartitionList(size_t size) {
  return PartitionList(rd_kafka_topic_partition_list_new(static_cast<int>(size)));
}

inline rd_kafka_topic_partition_t* Add(const PartitionList& list, const TopicPartition& partition) {
  return rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(),
                                           partition.partition);
}

inline PartitionList ToList(std::span<const TopicPartition> partitions) {
  PartitionList list = NewPartitionList(partitions.size());
  for (const TopicPartition& partition : partitions) Add(list, partition);
  return list;
}

inline PartitionList ToList(std::span<const PartitionOffset> positions) {
  PartitionList list = NewPartitionList(positions.size());
  for (const PartitionOffset& position : positions) {
    CHECK(position.offset.value() >= 0) << position.partition << " has no numeric offset";
    Add(list, position.partition)->offset = position.offset.value();
  }
  return list;
}

/// For a commit: offsets with their metadata.
PartitionList ToList(std::span<const CommittedOffset> offsets);

inline TopicPartition ToTopicPartition(const rd_kafka_topic_partition_t& element) {
  return {element.topic, element.partition};
}

/// The facts of an error object, which is destroyed; empty when there was none.
std::optional<ErrorFacts> TakeFacts(rd_kafka_error_t* error);

}  // namespace sidestream::kafka::rdkafka
