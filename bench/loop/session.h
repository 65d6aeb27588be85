// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What both hand-written loops have in common: a group member, a producer, positions, and a
// commit of outputs and positions together at each interval. Exactly-once is one transaction
// for each interval with the group's metadata; at-least-once an idempotent producer that is
// flushed before the positions are committed. This is the engine's guarantee without the engine:
// what fails ends the process, and the next one starts from what was committed.
//
// Threading: one thread; librdkafka's own threads stay behind its API.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bench/loop/handles.h"

namespace sidestream::bench {

struct SessionOptions {
  std::string bootstrap;
  std::string group;
  bool exactly_once = true;
  std::chrono::milliseconds commit_interval{100};
  std::vector<std::string> inputs;
};

class Session {
 public:
  /// A batch of input records; they end after the call. InputOf() names their topic.
  using Process = std::function<void(std::span<rd_kafka_message_t* const> records)>;
  struct Hooks {
    Process process;
    /// Before the flush of a commit: results that wait for it.
    std::function<void()> before_commit = [] {};
    /// A partition of inputs[input] is this process's from now on.
    std::function<void(size_t input, int32_t partition)> assigned = [](size_t, int32_t) {};
  };

  explicit Session(SessionOptions options);

  /// Until SIGTERM or SIGINT; commits what was processed before it returns.
  void Run(Hooks hooks);

  size_t InputOf(const rd_kafka_message_t& record);

  /// `name` is written to; before Run().
  Topic Output(const std::string& name);
  int PartitionCountOf(const std::string& name) { return PartitionCount(producer_.get(), name); }

  /// Copies key and value. Blocks while the producer's queue is full.
  void Produce(rd_kafka_topic_t* topic, int32_t partition, std::string_view key,
               std::string_view value);
  /// A record without a value.
  void Delete(rd_kafka_topic_t* topic, int32_t partition, std::string_view key);
  /// The record as it came in, under its own timestamp.
  void Forward(rd_kafka_topic_t* topic, const rd_kafka_message_t& record);
  /// The same with another value.
  void Forward(rd_kafka_topic_t* topic, const rd_kafka_message_t& record, std::string_view value);
  /// All at once, into each one's `partition`.
  void ProduceBatch(rd_kafka_topic_t* topic, std::span<rd_kafka_message_t> records);

 private:
  static void OnDelivery(rd_kafka_t* handle, const rd_kafka_message_t* message, void* opaque);
  static void OnRebalance(rd_kafka_t* handle, rd_kafka_resp_err_t code,
                          rd_kafka_topic_partition_list_t* partitions, void* opaque);

  void Advance(std::span<rd_kafka_message_t* const> records);
  void Commit();
  void Flush();
  void WaitForRoom();

  SessionOptions options_;
  Hooks hooks_;
  Handle consumer_;
  Handle producer_;
  /// Next offset of each [input][partition]; -1 when there is none to commit.
  std::vector<std::vector<int64_t>> positions_;
  std::vector<std::pair<const rd_kafka_topic_t*, size_t>> known_inputs_;
  std::chrono::steady_clock::time_point begun_at_;
  bool open_ = false;
};

}  // namespace sidestream::bench
