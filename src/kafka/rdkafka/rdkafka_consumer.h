// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Consumer port over librdkafka.
//
// Rebalances come as events (RD_KAFKA_EVENT_REBALANCE), because a callback would have to be
// answered before it returns. Answers are given in one call each, as the library's state machine
// wants it (engine.md A1).
//
// A seek runs inside Poll(), in slices: the library answers a partition that has not started yet,
// or whose stop is unfinished, with an error, and the seek is sent again until all have answered.
//
// Threading: as Consumer. Fetch queues report their partitions' errors through PartitionErrors,
// which has a lock.

#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "kafka/consumer.h"
#include "kafka/rdkafka/client.h"
#include "kafka/rdkafka/handle.h"
#include "kafka/rdkafka/rdkafka_chunk.h"
#include "kafka/rdkafka/session_lease.h"

namespace sidestream::kafka::rdkafka {

/// Errors that surfaced in a worker's queue, on their way to the member. Thread-safe.
class PartitionErrors {
 public:
  void Add(Status status);
  std::optional<Status> Take();

 private:
  std::mutex mutex_;
  std::deque<Status> errors_;  // guarded by mutex_
};

class RdkafkaFetchQueue final : public FetchQueue {
 public:
  RdkafkaFetchQueue(std::shared_ptr<Client> client, std::shared_ptr<PartitionErrors> errors);
  std::vector<std::unique_ptr<RecordChunk>> Poll(size_t records_max, Milliseconds wait) override;
  rd_kafka_queue_t* get() const { return queue_.get(); }

 private:
  const std::shared_ptr<Client> client_;
  const std::shared_ptr<PartitionErrors> errors_;
  const Queue queue_;
  BatchReader reader_;
};

class RdkafkaConsumer final : public Consumer {
 public:
  static Result<std::unique_ptr<Consumer>> Make(const Properties& properties,
                                                Milliseconds session_timeout);
  RdkafkaConsumer(std::shared_ptr<Client> client, std::shared_ptr<const SessionLease> lease);
  /// Without StartClose() the member vanishes, as in a crash.
  ~RdkafkaConsumer() override;

  Status Subscribe(std::span<const std::string> topics) override;
  std::optional<ConsumerEvent> Poll(Milliseconds wait) override;
  Status CompleteAssign(std::span<const PartitionOffset> positions) override;
  Status CompleteRevoke(std::span<const TopicPartition> partitions) override;
  void StartSeek(std::span<const PartitionOffset> positions) override;
  Status Forward(const TopicPartition& partition, FetchQueue& queue) override;
  Status Pause(std::span<const TopicPartition> partitions) override;
  Status Resume(std::span<const TopicPartition> partitions) override;
  std::unique_ptr<FetchQueue> NewQueue() override;
  std::shared_ptr<const GroupMetadata> Membership() override;
  bool AssignmentLost() const override;
  MonotonicTime HeldUntil() const override;
  void StartCommit(uint64_t token, std::vector<CommittedOffset> offsets) override;
  std::optional<Offset> HighWatermark(const TopicPartition& partition) const override;
  void StartClose() override;
  bool closed() const override;

 private:
  struct Seek {
    std::vector<TopicPartition> partitions;  // all of the request
    std::vector<PartitionOffset> waiting;    // those without an answer
    MonotonicTime deadline;
  };

  std::optional<ConsumerEvent> TakeReady();
  void AdvanceSeek();
  /// Makes the fetchers of these partitions look at them now.
  void WakeFetchers(const PartitionList& list);
  std::optional<ConsumerEvent> Translate(rd_kafka_event_t& event);
  ConsumerEvent TranslateRebalance(rd_kafka_event_t& event);
  std::optional<ConsumerEvent> TranslateError(rd_kafka_event_t& event);
  ConsumerEvent TranslateCommit(rd_kafka_event_t& event);
  bool Cooperative() const;
  bool GroupEnded() const;
  void Release();

  const std::shared_ptr<Client> client_;
  const std::shared_ptr<const SessionLease> lease_;
  const std::shared_ptr<PartitionErrors> partition_errors_;
  Queue queue_;
  Queue close_queue_;
  std::deque<Seek> seeks_;
  std::set<TopicPartition> unsought_;  // assigned, and no seek has answered since
  std::deque<ConsumerEvent> ready_;
  std::vector<std::string> subscribed_;
  std::deque<ConsumerEvent> held_rebalances_;
  bool rebalance_unanswered_ = false;
  bool closing_ = false;
};

}  // namespace sidestream::kafka::rdkafka
