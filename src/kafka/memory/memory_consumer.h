// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The port Consumer on the in-process broker.
//
// Stops are late, as in librdkafka: a partition that was unassigned loses its forward some
// polls later (chosen by the broker's seed), also when it was assigned and forwarded again
// meanwhile; then it delivers nowhere. A seek is answered behind unfinished stops, so the
// order of kafka/consumer.h always works and any other sometimes goes silent.
//
// Threading: as the port; every call takes the broker's mutex.

#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "kafka/memory/group_client.h"
#include "kafka/memory/partition_fetcher.h"

namespace sidestream::kafka::memory {

class MemoryFetchQueue;

class MemoryConsumer final : public Consumer {
 public:
  /// `broker` is borrowed and outlives the consumer.
  MemoryConsumer(Broker& broker, const ConsumerOptions& options);
  /// Without StartClose() and closed(): as if the process was killed.
  ~MemoryConsumer() override;

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
  friend class MemoryFetchQueue;

  /// Work that the library does later, in order.
  struct Operation {
    std::vector<TopicPartition> stops;
    std::vector<PartitionOffset> seeks;
    bool answered = false;  // a seek, answered by SeekDone
    int64_t polls_left = 0;
  };
  struct PendingCommit {
    Exchange exchange;
  };

  std::vector<std::unique_ptr<RecordChunk>> PollQueue(MemoryFetchQueue& queue, size_t records_max);
  void ForgetQueue(const MemoryFetchQueue* queue);
  /// Before a stop or pause: see BrokerOptions::drop_outdated_records.
  void LeaveOutdated(const TopicPartition& partition);
  void Serve();
  void RunOperations();
  /// Forgets partitions, also in seeks that are not answered yet.
  void Drop(const std::vector<TopicPartition>& stopped);
  void CheckCommits();
  Status CheckHeld(std::span<const TopicPartition> partitions) const;

  Broker& broker_;
  const ConsumerOptions options_;
  /// Expires with this object: answers find nobody.
  std::shared_ptr<const int> alive_ = std::make_shared<const int>(0);
  std::deque<ConsumerEvent> events_;
  GroupClient group_;
  PartitionFetcher fetcher_;
  std::map<TopicPartition, MemoryFetchQueue*> forwards_;
  std::deque<Operation> operations_;
  std::map<uint64_t, PendingCommit> commits_;
};

}  // namespace sidestream::kafka::memory
