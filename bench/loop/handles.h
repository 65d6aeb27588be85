// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The little of librdkafka's C API that the programs of bench/ share: owning handles,
// configuration from pairs, creation of topics. Nothing here comes from src/: a yardstick
// that shared the engine's code would bend with it.
//
// Errors: these are tools; a failure prints its reason and ends the process with exit code 1.
//
// Threading: free functions.

#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace sidestream::bench {

[[noreturn]] void Die(std::string_view what);

struct HandleDeleter {
  void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
  void operator()(rd_kafka_consumer_group_metadata_t* metadata) const {
    rd_kafka_consumer_group_metadata_destroy(metadata);
  }
};
using Handle = std::unique_ptr<rd_kafka_t, HandleDeleter>;
using Queue = std::unique_ptr<rd_kafka_queue_t, HandleDeleter>;
using Topic = std::unique_ptr<rd_kafka_topic_t, HandleDeleter>;
using PartitionList = std::unique_ptr<rd_kafka_topic_partition_list_t, HandleDeleter>;
using GroupMetadata = std::unique_ptr<rd_kafka_consumer_group_metadata_t, HandleDeleter>;

using Settings = std::initializer_list<std::pair<const char*, std::string>>;

/// `prepare` sets callbacks. Dies when the library refuses a setting.
Handle NewHandle(rd_kafka_type_t type, Settings settings,
                 const std::function<void(rd_kafka_conf_t*)>& prepare = {});

/// Creates the topic when it does not exist. Its records are never deleted.
void CreateTopic(rd_kafka_t* handle, const std::string& name, int partitions, bool compacted);

int PartitionCount(rd_kafka_t* handle, const std::string& name);

/// High watermark (the log's end, markers included) of one partition.
int64_t EndOffset(rd_kafka_t* handle, const std::string& name, int32_t partition);

/// Murmur2 of the key as the Java client places records.
int32_t PartitionOf(std::string_view key, int partitions);

/// Value of `--name`, or `fallback`; dies without both.
std::string Option(int argc, char** argv, std::string_view name, const char* fallback = nullptr);

}  // namespace sidestream::bench
