// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/memory/transaction_coordinator.h"

#include <utility>

#include "base/check.h"

namespace sidestream::kafka::memory {

namespace {

constexpr int16_t kLastEpoch = INT16_MAX - 1;

bool Preparing(TransactionState state) {
  return state == TransactionState::kPrepareCommit || state == TransactionState::kPrepareAbort;
}

}  // namespace

TransactionCoordinator::TransactionCoordinator(const Clock& clock, Milliseconds cleanup_interval,
                                               Milliseconds timeout_max, SendMarker send_marker)
    : clock_(clock),
      cleanup_interval_(cleanup_interval),
      timeout_max_(timeout_max),
      send_marker_(std::move(send_marker)),
      next_cleanup_(clock.Now() + cleanup_interval) {}

InitAnswer TransactionCoordinator::Init(const std::string& transactional_id, Milliseconds timeout,
                                        std::optional<ProducerIdentity> current) {
  if (transactional_id.empty()) return {.identity = {next_producer_id_++, 0}};
  if (timeout > timeout_max_ || timeout.count() <= 0) {
    return {.error = ErrorCode::kInvalidTransactionTimeout};
  }
  auto [found, fresh] = transactions_.try_emplace(transactional_id);
  Transaction& transaction = found->second;
  if (fresh) {
    transaction.producer = {next_producer_id_++, 0};
    transaction.timeout = timeout;
    return {.identity = transaction.producer};
  }
  if (current &&
      (current->id != transaction.producer.id || current->epoch != transaction.producer.epoch)) {
    return {.error = ErrorCode::kInvalidProducerEpoch};
  }
  if (Preparing(transaction.state)) return {.error = ErrorCode::kConcurrentTransactions};
  if (transaction.state == TransactionState::kOngoing) {
    // The fence comes first: the marker carries the new epoch, so that nothing of the old
    // one can be appended behind it.
    ++transaction.producer.epoch;
    Prepare(transaction, /*commit=*/false);
    return {.error = ErrorCode::kConcurrentTransactions};
  }
  if (transaction.producer.epoch >= kLastEpoch) {
    transaction.producer = {next_producer_id_++, 0};
  } else {
    ++transaction.producer.epoch;
  }
  transaction.timeout = timeout;
  transaction.state = TransactionState::kEmpty;
  return {.identity = transaction.producer};
}

ErrorCode TransactionCoordinator::Check(const std::string& transactional_id,
                                        ProducerIdentity producer, Transaction** transaction) {
  const auto found = transactions_.find(transactional_id);
  if (found == transactions_.end() || found->second.producer.id != producer.id) {
    return ErrorCode::kInvalidProducerIdMapping;
  }
  if (found->second.producer.epoch != producer.epoch) return ErrorCode::kInvalidProducerEpoch;
  *transaction = &found->second;
  return ErrorCode::kNone;
}

ErrorCode TransactionCoordinator::CheckAdd(const std::string& transactional_id,
                                           ProducerIdentity producer, Transaction** transaction) {
  if (const ErrorCode error = Check(transactional_id, producer, transaction);
      error != ErrorCode::kNone) {
    return error;
  }
  Transaction& t = **transaction;
  if (Preparing(t.state)) return ErrorCode::kConcurrentTransactions;
  if (t.state != TransactionState::kOngoing) {
    t.state = TransactionState::kOngoing;
    t.started = clock_.Now();
    t.partitions.clear();
    t.groups.clear();
  }
  return ErrorCode::kNone;
}

ErrorCode TransactionCoordinator::AddPartitions(const std::string& transactional_id,
                                                ProducerIdentity producer,
                                                const std::vector<TopicPartition>& partitions) {
  Transaction* transaction = nullptr;
  const ErrorCode error = CheckAdd(transactional_id, producer, &transaction);
  if (error == ErrorCode::kNone) {
    transaction->partitions.insert(partitions.begin(), partitions.end());
  }
  return error;
}

ErrorCode TransactionCoordinator::AddOffsets(const std::string& transactional_id,
                                             ProducerIdentity producer, const std::string& group) {
  Transaction* transaction = nullptr;
  const ErrorCode error = CheckAdd(transactional_id, producer, &transaction);
  if (error == ErrorCode::kNone) transaction->groups.insert(group);
  return error;
}

ErrorCode TransactionCoordinator::End(const std::string& transactional_id,
                                      ProducerIdentity producer, bool commit) {
  Transaction* transaction = nullptr;
  if (const ErrorCode error = Check(transactional_id, producer, &transaction);
      error != ErrorCode::kNone) {
    return error;
  }
  switch (transaction->state) {
    case TransactionState::kOngoing:
      Prepare(*transaction, commit);
      return ErrorCode::kNone;
    case TransactionState::kPrepareCommit:
      return commit ? ErrorCode::kConcurrentTransactions : ErrorCode::kInvalidTxnState;
    case TransactionState::kPrepareAbort:
      return commit ? ErrorCode::kInvalidTxnState : ErrorCode::kConcurrentTransactions;
    case TransactionState::kCompleteCommit:
      return commit ? ErrorCode::kNone : ErrorCode::kInvalidTxnState;
    case TransactionState::kCompleteAbort:
      return commit ? ErrorCode::kInvalidTxnState : ErrorCode::kNone;
    case TransactionState::kEmpty:
      return ErrorCode::kInvalidTxnState;
  }
  return ErrorCode::kUnknownServerError;
}

const TransactionCoordinator::Transaction* TransactionCoordinator::FindByProducer(
    ProducerIdentity producer) const {
  for (const auto& [id, transaction] : transactions_) {
    if (transaction.producer.id == producer.id) return &transaction;
  }
  return nullptr;
}

ErrorCode TransactionCoordinator::VerifyPartition(ProducerIdentity producer,
                                                  const TopicPartition& partition) const {
  const Transaction* transaction = FindByProducer(producer);
  if (transaction == nullptr) return ErrorCode::kInvalidProducerIdMapping;
  if (transaction->producer.epoch != producer.epoch) return ErrorCode::kInvalidProducerEpoch;
  const bool open = transaction->state == TransactionState::kOngoing &&
                    transaction->partitions.contains(partition);
  return open ? ErrorCode::kNone : ErrorCode::kInvalidTxnState;
}

ErrorCode TransactionCoordinator::VerifyGroup(ProducerIdentity producer,
                                              const std::string& group) const {
  const Transaction* transaction = FindByProducer(producer);
  if (transaction == nullptr) return ErrorCode::kInvalidProducerIdMapping;
  if (transaction->producer.epoch != producer.epoch) return ErrorCode::kInvalidProducerEpoch;
  const bool open =
      transaction->state == TransactionState::kOngoing && transaction->groups.contains(group);
  return open ? ErrorCode::kNone : ErrorCode::kInvalidTxnState;
}

void TransactionCoordinator::Prepare(Transaction& transaction, bool commit) {
  transaction.state = commit ? TransactionState::kPrepareCommit : TransactionState::kPrepareAbort;
  // One more than there are markers: a marker may be written before the last one is sent.
  transaction.markers_out = transaction.partitions.size() + transaction.groups.size() + 1;
  // Entries of a std::map stay where they are.
  Transaction* t = &transaction;
  const auto written = [this, t] { MarkerWritten(*t); };
  const std::set<TopicPartition> partitions = transaction.partitions;
  const std::set<std::string> groups = transaction.groups;
  for (const TopicPartition& partition : partitions) {
    send_marker_({.producer = transaction.producer, .commit = commit, .partition = partition},
                 written);
  }
  for (const std::string& group : groups) {
    send_marker_({.producer = transaction.producer, .commit = commit, .group = group}, written);
  }
  MarkerWritten(transaction);
}

void TransactionCoordinator::MarkerWritten(Transaction& transaction) {
  CHECK(transaction.markers_out > 0) << "a marker that nobody sent";
  if (--transaction.markers_out > 0) return;
  transaction.state = transaction.state == TransactionState::kPrepareCommit
                          ? TransactionState::kCompleteCommit
                          : TransactionState::kCompleteAbort;
  transaction.partitions.clear();
  transaction.groups.clear();
}

void TransactionCoordinator::Step() {
  const MonotonicTime now = clock_.Now();
  if (now < next_cleanup_) return;
  next_cleanup_ = now + cleanup_interval_;
  for (auto& [id, transaction] : transactions_) {
    if (transaction.state != TransactionState::kOngoing) continue;
    if (now - transaction.started <= transaction.timeout) continue;
    ++transaction.producer.epoch;
    Prepare(transaction, /*commit=*/false);
  }
}

void TransactionCoordinator::ForgetTopic(const std::string& topic) {
  for (auto& [id, transaction] : transactions_) {
    std::erase_if(transaction.partitions, [&](const auto& p) { return p.topic == topic; });
  }
}

std::vector<OpenTransaction> TransactionCoordinator::Open() const {
  std::vector<OpenTransaction> open;
  for (const auto& [id, t] : transactions_) {
    if (t.state != TransactionState::kOngoing && !Preparing(t.state)) continue;
    open.push_back({id,
                    t.producer,
                    t.state,
                    {t.partitions.begin(), t.partitions.end()},
                    {t.groups.begin(), t.groups.end()}});
  }
  return open;
}

}  // namespace sidestream::kafka::memory
