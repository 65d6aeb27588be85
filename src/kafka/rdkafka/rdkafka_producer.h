// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Producer port over librdkafka.
//
//   StartInit          metadata of all registered topics, twice ─▶ init_transactions, in slices
//   StartFlush         flush, in slices
//   StartSendOffsets   send_offsets_to_transaction, once (a second call is a second request)
//   StartCommit        commit_transaction, in slices (it resumes)
//   StartAbort         flush of at most one second ─▶ abort_transaction, in slices
//
// Every slice runs inside Poll() on the caller's thread.
//
// Threading: as Producer. Delivery reports come inside Poll(), Produce() and the slices; only
// Taint is touched by librdkafka's own threads.

#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "kafka/producer.h"
#include "kafka/rdkafka/client.h"
#include "kafka/rdkafka/errors.h"
#include "kafka/rdkafka/handle.h"
#include "kafka/rdkafka/partition_sender.h"
#include "kafka/rdkafka/taint.h"

namespace sidestream::kafka::rdkafka {

class RdkafkaProducer final : public Producer {
 public:
  /// `properties` tell whether it is transactional; `may_send` is ProducerOptions::may_send.
  static Result<std::unique_ptr<Producer>> Make(const Properties& properties,
                                                std::function<bool()> may_send);
  ~RdkafkaProducer() override;
  RdkafkaProducer(const RdkafkaProducer&) = delete;
  RdkafkaProducer& operator=(const RdkafkaProducer&) = delete;

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
  int64_t in_flight() const override { return in_flight_; }
  const std::optional<DeliveryFailure>& first_failure() const override { return first_failure_; }
  std::optional<Offset> DeliveredEnd(TopicHandle topic, Partition partition) const override;
  bool tainted() const override;

 private:
  enum class Operation { kNone, kMetadata, kInit, kFlush, kSendOffsets, kCommit, kAbortFlush, kAbort };

  struct TopicPartitionState {
    PartitionSender sender;
    int64_t delivered_end = -1;  // -1: nothing
    bool waiting = false;        // it is in waiting_
  };
  struct Topic {
    std::string name;
    TopicObject object;
    /// Its metadata is known, so that batches go straight to their partitions.
    bool known = false;
    std::vector<TopicPartitionState> partitions;
  };
  struct Waiting {
    size_t topic = 0;
    size_t partition = 0;
  };

  RdkafkaProducer(bool transactional, std::function<bool()> may_send)
      : transactional_(transactional), may_send_(std::move(may_send)) {}
  static rd_kafka_resp_err_t OnNew(rd_kafka_t* handle, const rd_kafka_conf_t* conf, void* opaque,
                                   char* text, size_t text_size);

  void Start(Operation operation);
  std::optional<Status> Advance(Milliseconds wait);
  std::optional<Status> AdvanceMetadata();
  std::optional<Status> AdvanceInit();
  std::optional<Status> AdvanceFlush(Milliseconds wait);
  std::optional<Status> AdvanceSendOffsets();
  std::optional<Status> AdvanceEnd(ProducerOperation operation);
  std::optional<Status> AdvanceAbortFlush();
  /// Empty: a slice ran out, go on; else the answer, with what is known of its cause.
  std::optional<Status> SliceAnswer(ProducerOperation operation,
                                    const std::optional<ErrorFacts>& error);
  bool HasAllMetadata(const rd_kafka_metadata_t& metadata);
  Status RefusalStatus(const ErrorFacts& error);
  /// The flush is over: ok, or kInvalidConfig when the transaction failed for lack of rights.
  Status FlushAnswer();
  /// Since the last Init(). What the library kept of the cluster from before may be out of date.
  bool LostAllNodes() const;
  TopicPartitionState& StateOf(size_t topic, size_t partition);
  void DropWaiting();
  /// Hands over whatever waits and has nothing of its partition before it, while that may leave.
  void HandOver();
  void HandOver(const Waiting& waiting);
  void OnDelivery(const rd_kafka_message_t& message);
  void NoteFailure(const Topic& topic, Partition partition, Status status);

  const bool transactional_;
  /// ProducerOptions::may_send.
  const std::function<bool()> may_send_;
  size_t record_bytes_max_ = 0;
  BatchLimits batch_limits_;
  /// Bound of what waits for requests under way; librdkafka's queue has its own.
  size_t waiting_bytes_max_ = 0;
  size_t waiting_bytes_ = 0;
  std::vector<Waiting> waiting_;
  Taint taint_;
  int64_t rebootstraps_ = 0;  // of the client, at the last Init()
  std::vector<Topic> topics_;
  std::unordered_map<std::string, int32_t> topic_index_;
  int64_t in_flight_ = 0;
  std::optional<DeliveryFailure> first_failure_;
  /// Topics with a failed delivery since the last Begin().
  std::set<std::string> failed_topics_;
  bool in_transaction_ = false;

  Operation operation_ = Operation::kNone;
  MonotonicTime deadline_;
  int metadata_rounds_ = 0;
  int metadata_attempts_ = 0;
  std::vector<CommittedOffset> offsets_;
  std::shared_ptr<const GroupMetadata> membership_;
  Milliseconds send_offsets_timeout_{0};

  std::shared_ptr<Client> client_;
};

}  // namespace sidestream::kafka::rdkafka
