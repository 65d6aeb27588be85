// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Producer ids and transactions, as Kafka's coordinator does it for clients of transaction
// protocol v1 (librdkafka): the epoch moves at InitProducerId, not at each transaction.
// That is what lets a late EndTxn end the next transaction (KAFKA-17754).
//
//            AddPartitions/AddOffsets        EndTxn, timeout, InitProducerId
//   Empty ──────────────────────────▶ Ongoing ─────────────▶ Prepare{Commit,Abort}
//     ▲ Complete{Commit,Abort} ──────────▶ │                        │ last marker written
//     └──────────────────────── ◀──────────┴── Complete{…} ◀────────┘
//
// While markers are out every request but a repeat of the same EndTxn's answer is
// CONCURRENT_TRANSACTIONS.
//
// Threading: guarded by the broker's mutex.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "kafka/memory/error_code.h"

namespace sidestream::kafka::memory {

struct ProducerIdentity {
  int64_t id = -1;
  int16_t epoch = -1;
};

struct InitAnswer {
  ErrorCode error = ErrorCode::kNone;
  ProducerIdentity identity;
};

enum class TransactionState {
  kEmpty,
  kOngoing,
  kPrepareCommit,
  kPrepareAbort,
  kCompleteCommit,
  kCompleteAbort,
};

/// What an oracle may know of a transaction that has not ended.
struct OpenTransaction {
  std::string transactional_id;
  ProducerIdentity producer;
  TransactionState state = TransactionState::kOngoing;
  std::vector<TopicPartition> partitions;
  std::vector<std::string> groups;
};

/// A marker on its way: to a partition, or (partition.topic empty) to a group's offsets.
struct TransactionMarker {
  ProducerIdentity producer;
  bool commit = false;
  TopicPartition partition;
  std::string group;
};

class TransactionCoordinator {
 public:
  /// `send_marker` gets each marker and calls its second argument once it is written.
  using SendMarker = std::function<void(const TransactionMarker&, std::function<void()>)>;

  TransactionCoordinator(const Clock& clock, Milliseconds cleanup_interval,
                         Milliseconds timeout_max, SendMarker send_marker);

  /// Without a transactional id: a fresh producer id. Otherwise fences the predecessor; while
  /// its transaction is not ended the answer is CONCURRENT_TRANSACTIONS. `current` is set by
  /// a producer that wants its own epoch moved.
  InitAnswer Init(const std::string& transactional_id, Milliseconds timeout,
                  std::optional<ProducerIdentity> current);
  ErrorCode AddPartitions(const std::string& transactional_id, ProducerIdentity producer,
                          const std::vector<TopicPartition>& partitions);
  ErrorCode AddOffsets(const std::string& transactional_id, ProducerIdentity producer,
                       const std::string& group);
  ErrorCode End(const std::string& transactional_id, ProducerIdentity producer, bool commit);

  /// Whether the producer's open transaction holds the partition; the broker asks before it
  /// appends (KIP-890, first half: for clients of every protocol).
  ErrorCode VerifyPartition(ProducerIdentity producer, const TopicPartition& partition) const;
  ErrorCode VerifyGroup(ProducerIdentity producer, const std::string& group) const;

  /// Aborts what timed out; looks once per cleanup interval.
  void Step();
  /// A deleted topic gets no marker any more.
  void ForgetTopic(const std::string& topic);

  std::vector<OpenTransaction> Open() const;

 private:
  struct Transaction {
    ProducerIdentity producer;
    TransactionState state = TransactionState::kEmpty;
    Milliseconds timeout{0};
    MonotonicTime started;
    std::set<TopicPartition> partitions;
    std::set<std::string> groups;
    size_t markers_out = 0;
  };
  /// The transaction, or why the request is refused.
  ErrorCode Check(const std::string& transactional_id, ProducerIdentity producer,
                  Transaction** transaction);
  ErrorCode CheckAdd(const std::string& transactional_id, ProducerIdentity producer,
                     Transaction** transaction);
  const Transaction* FindByProducer(ProducerIdentity producer) const;
  void Prepare(Transaction& transaction, bool commit);
  void MarkerWritten(Transaction& transaction);

  const Clock& clock_;
  const Milliseconds cleanup_interval_;
  const Milliseconds timeout_max_;
  const SendMarker send_marker_;
  std::map<std::string, Transaction> transactions_;
  int64_t next_producer_id_ = 1000;
  MonotonicTime next_cleanup_;
};

}  // namespace sidestream::kafka::memory
