// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "bench/loop/handles.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

namespace sidestream::bench {
namespace {

constexpr int kTimeoutMs = 30'000;
constexpr int kMetadataAttempts = 100;
constexpr std::chrono::milliseconds kMetadataPause{50};

struct MetadataDeleter {
  void operator()(const rd_kafka_metadata_t* metadata) const {
    rd_kafka_metadata_destroy(metadata);
  }
};

}  // namespace

void Die(std::string_view what) {
  std::fprintf(stderr, "[bench] error: %.*s\n", static_cast<int>(what.size()), what.data());
  std::exit(1);
}

Handle NewHandle(rd_kafka_type_t type, Settings settings,
                 const std::function<void(rd_kafka_conf_t*)>& prepare) {
  char text[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf, name, value.c_str(), text, sizeof(text)) != RD_KAFKA_CONF_OK) {
      Die(text);
    }
  }
  if (prepare) prepare(conf);
  Handle handle(rd_kafka_new(type, conf, text, sizeof(text)));
  if (!handle) Die(text);
  return handle;
}

void CreateTopic(rd_kafka_t* handle, const std::string& name, int partitions, bool compacted) {
  char text[512];
  rd_kafka_NewTopic_t* topic =
      rd_kafka_NewTopic_new(name.c_str(), partitions, 1, text, sizeof(text));
  if (topic == nullptr) Die(text);
  rd_kafka_NewTopic_set_config(topic, "retention.ms", "-1");
  if (compacted) rd_kafka_NewTopic_set_config(topic, "cleanup.policy", "compact");
  const Queue queue(rd_kafka_queue_new(handle));
  rd_kafka_CreateTopics(handle, &topic, 1, nullptr, queue.get());
  rd_kafka_NewTopic_destroy(topic);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue.get(), kTimeoutMs);
  if (event == nullptr || rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    Die("no topic could be created");
  }
  size_t count = 0;
  const rd_kafka_topic_result_t** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
  const rd_kafka_resp_err_t error = rd_kafka_topic_result_error(results[0]);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR && error != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
    Die(rd_kafka_err2str(error));
  }
  rd_kafka_event_destroy(event);
}

int PartitionCount(rd_kafka_t* handle, const std::string& name) {
  const Topic topic(rd_kafka_topic_new(handle, name.c_str(), nullptr));
  // A broker may learn of a new topic a little later than its controller.
  for (int attempt = 0; attempt < kMetadataAttempts; ++attempt) {
    const rd_kafka_metadata_t* raw = nullptr;
    if (rd_kafka_metadata(handle, 0, topic.get(), &raw, kTimeoutMs) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      Die("no metadata of " + name);
    }
    const std::unique_ptr<const rd_kafka_metadata_t, MetadataDeleter> metadata(raw);
    if (raw->topic_cnt == 1 && raw->topics[0].partition_cnt > 0) {
      return raw->topics[0].partition_cnt;
    }
    std::this_thread::sleep_for(kMetadataPause);
  }
  Die("no such topic: " + name);
}

int64_t EndOffset(rd_kafka_t* handle, const std::string& name, int32_t partition) {
  int64_t low = 0;
  int64_t high = 0;
  if (rd_kafka_query_watermark_offsets(handle, name.c_str(), partition, &low, &high, kTimeoutMs) !=
      RD_KAFKA_RESP_ERR_NO_ERROR) {
    Die("no end offset of " + name);
  }
  return high;
}

int32_t PartitionOf(std::string_view key, int partitions) {
  constexpr uint32_t kMultiplier = 0x5bd1e995;
  uint32_t hash = 0x9747b28cU ^ static_cast<uint32_t>(key.size());
  const char* at = key.data();
  size_t left = key.size();
  for (; left >= 4; at += 4, left -= 4) {
    uint32_t k = 0;
    std::memcpy(&k, at, sizeof(k));
    k *= kMultiplier;
    k ^= k >> 24;
    hash = (hash * kMultiplier) ^ (k * kMultiplier);
  }
  for (size_t i = left; i > 0; --i) {
    hash ^= static_cast<uint32_t>(static_cast<unsigned char>(at[i - 1])) << (8 * (i - 1));
  }
  if (left > 0) hash *= kMultiplier;
  hash ^= hash >> 13;
  hash *= kMultiplier;
  hash ^= hash >> 15;
  return static_cast<int32_t>((hash & 0x7fffffffU) % static_cast<uint32_t>(partitions));
}

std::string Option(int argc, char** argv, std::string_view name, const char* fallback) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (argv[i] == "--" + std::string(name)) return argv[i + 1];
  }
  if (fallback == nullptr) Die("--" + std::string(name) + " is missing");
  return fallback;
}

}  // namespace sidestream::bench
