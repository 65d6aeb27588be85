// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The port Producer on the in-process broker, with librdkafka's ways: one message set per
// partition under way, sequence numbers per partition, a transaction that fails abortably
// or for good, offsets sent as AddOffsetsToTxn and then TxnOffsetCommit.
//
// Invariants
//  P1. The sequence numbers of a refused batch are spent: the next batch to that partition is
//      out of order, once (the abort that follows moves the epoch).
//  P2. Once fatal_ is set every operation answers it.
//
// Threading: as the port; every call takes the broker's mutex.

#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "kafka/cluster.h"
#include "kafka/memory/memory_broker.h"

namespace sidestream::kafka::memory {

class MemoryProducer final : public Producer {
 public:
  /// `broker` is borrowed and outlives the producer.
  MemoryProducer(Broker& broker, const ProducerOptions& options);
  /// Queued records are gone and an open transaction stays open, as after kill -9.
  ~MemoryProducer() override;

  TopicHandle RegisterTopic(std::string_view topic) override;
  void StartInit() override;
  Status Begin() override;
  Status Produce(const OutgoingRecord& record) override;
  void StartFlush() override;
  void StartSendOffsets(std::vector<CommittedOffset> offsets,
                        std::shared_ptr<const GroupMetadata> membership,
                        Milliseconds timeout) override;
  void StartCommit() override;
  void StartAbort() override;
  std::optional<Status> Poll(Milliseconds wait) override;
  int64_t in_flight() const override;
  const std::optional<DeliveryFailure>& first_failure() const override { return first_failure_; }
  std::optional<Offset> DeliveredEnd(TopicHandle topic, Partition partition) const override;
  bool tainted() const override;

 private:
  enum class Operation { kNone, kInit, kFlush, kSendOffsets, kCommit, kAbort };
  /// Steps of an operation that sends several requests.
  enum class Phase { kDrain, kAddOffsets, kCommitOffsets, kEnd, kBumpEpoch };

  struct Lane {
    std::deque<std::shared_ptr<RecordBatch>> queue;
    std::shared_ptr<const RecordBatch> sending;  // its answer is out, or it waits for a retry
    int32_t sending_sequence = 0;
    int32_t next_sequence = 0;
    MonotonicTime retry_at;
    MonotonicTime oldest;  // when the oldest record was queued
    bool added = false;    // to the transaction
    std::optional<Offset> delivered_end;
    Exchange exchange;
  };

  bool transactional() const { return !options_.transactional_id.empty(); }
  void StartOperation(Operation operation, Phase phase);
  void Pump();
  void PumpInit(MonotonicTime now);
  void PumpPartitions(MonotonicTime now);
  void PumpLane(const TopicPartition& partition, Lane& lane, MonotonicTime now);
  void SendBatch(const TopicPartition& partition, Lane& lane);
  void OnProduced(const TopicPartition& partition, Lane& lane, const AppendResult& result);
  void FailLane(const TopicPartition& partition, Lane& lane, Status status);
  /// The coordinator added no partition, because one of their topics may not be written.
  void OnDenied();
  void PurgeQueues(const Status& status);

  std::optional<Status> Advance(MonotonicTime now);
  std::optional<Status> AdvanceSendOffsets(MonotonicTime now);
  std::optional<Status> AdvanceCommit(MonotonicTime now);
  std::optional<Status> AdvanceAbort(MonotonicTime now);
  void SendInit();
  void SendAddOffsets();
  void SendCommitOffsets();
  void SendEnd(bool commit);
  void EndLocally();
  /// Whether the request of this step must be sent (again) now.
  bool MaySend(MonotonicTime now);
  void RetryLater() { retry_at_ = broker_.clock().Now() + broker_.options().retry_backoff; }
  void RequireAbort(Status status);
  void Fatal(Status status);
  void OnRequestError(ErrorCode error, std::string_view request);

  Broker& broker_;
  const ProducerOptions options_;
  std::shared_ptr<const int> alive_ = std::make_shared<const int>(0);
  const Sender sender_;
  std::vector<std::string> topics_;
  std::map<TopicPartition, Lane> lanes_;
  int64_t in_flight_ = 0;

  ProducerIdentity identity_;
  bool initialized_ = false;
  bool in_transaction_ = false;
  bool partitions_sent_ = false;  // the coordinator heard of this transaction
  bool bump_wanted_ = false;
  bool tainted_ = false;
  std::optional<Status> abort_required_;
  std::optional<Status> fatal_;
  std::optional<DeliveryFailure> first_failure_;
  /// Of a transaction that may not write: one of several topics, the library does not say which.
  std::optional<Status> denied_;
  Exchange add_partitions_;
  MonotonicTime add_retry_at_;

  Operation operation_ = Operation::kNone;
  Phase phase_ = Phase::kDrain;
  bool step_done_ = false;
  int sends_ = 0;  // of the step's request
  Exchange exchange_;
  MonotonicTime retry_at_;
  MonotonicTime deadline_;
  std::vector<CommittedOffset> offsets_;
  MemberProof proof_;
  std::optional<Status> offsets_refused_;
};

}  // namespace sidestream::kafka::memory
