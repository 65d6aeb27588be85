// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/memory/memory_broker.h"

#include <utility>

namespace sidestream::kafka::memory {

namespace {

using Guard = std::lock_guard<std::recursive_mutex>;

std::optional<std::string> Own(std::optional<std::string_view> bytes) {
  if (!bytes) return std::nullopt;
  return std::string(*bytes);
}

}  // namespace

Broker::Broker(const Clock& clock, BrokerOptions options)
    : clock_(clock),
      options_(options),
      random_(options.seed),
      faults_(options.seed ^ 0x9e3779b97f4a7c15),
      network_(clock, faults_),
      topics_(clock, options.seed, options.topic_visibility_delay),
      groups_(clock, {.initial_rebalance_delay = options.initial_rebalance_delay}),
      compacted_at_(clock.Now()),
      retained_at_(clock.Now()),
      transactions_(clock, options.transaction_cleanup_interval, options.transaction_timeout_max,
                    [this](const TransactionMarker& marker, std::function<void()> written) {
                      SendMarker(marker, std::move(written));
                    }) {}

void Broker::Step() {
  const Guard lock(mutex_);
  network_.Deliver();
  // What only time brings about; a poll of each client comes here, most at the same reading.
  if (const MonotonicTime now = clock_.Now(); now != std::exchange(stepped_at_, now)) {
    groups_.Step();
    transactions_.Step();
    CleanLogs();
    network_.Deliver();
  }
}

void Broker::CleanLogs() {
  const MonotonicTime now = clock_.Now();
  const auto due = [now](Milliseconds interval, MonotonicTime& last) {
    if (interval == Milliseconds(0) || now - last < interval) return false;
    last = now;
    return true;
  };
  if (due(options_.cleaner_backoff, compacted_at_)) {
    topics_.ForEachLog([this](PartitionLog& log) { log.Compact(clock_.WallTime()); });
  }
  if (due(options_.retention_check_interval, retained_at_)) {
    topics_.ForEachLog([this](PartitionLog& log) { log.DeleteOld(clock_.WallTime()); });
  }
}

bool Broker::quiet() {
  const Guard lock(mutex_);
  return network_.idle() && frozen_.empty();
}

void Broker::ExpireSession(const std::string& group, const std::string& client_id) {
  const Guard lock(mutex_);
  groups_.ExpireSession(group, client_id);
}

void Broker::FreezeMarkers() {
  const Guard lock(mutex_);
  markers_frozen_ = true;
}

void Broker::ThawMarkers() {
  const Guard lock(mutex_);
  markers_frozen_ = false;
  for (auto& [marker, written] : std::exchange(frozen_, {})) {
    DeliverMarker(marker, std::move(written));
  }
}

Status Broker::CreateTopic(const NewTopic& topic) {
  const Guard lock(mutex_);
  return topics_.Create(topic);
}

void Broker::SendMarker(const TransactionMarker& marker, std::function<void()> written) {
  if (markers_frozen_) {
    frozen_.emplace_back(marker, std::move(written));
    return;
  }
  DeliverMarker(marker, std::move(written));
}

void Broker::DeliverMarker(const TransactionMarker& marker, std::function<void()> written) {
  const std::string target = marker.group.empty() ? ToString(marker.partition) : marker.group;
  // The coordinator repeats a marker until it is written, so a lost one is a late one.
  const Fault fault = faults_.Next(ApiKey::kWriteTxnMarkers, target);
  Milliseconds delay = fault.request_delay;
  if (fault.drop_request || fault.drop_answer) delay += options_.request_timeout;
  network_.Schedule(clock_.Now() + delay, [this, marker, written = std::move(written)] {
    if (!marker.group.empty()) {
      groups_.EndTransaction(marker.group, marker.producer.id, marker.commit);
    } else if (PartitionLog* log = topics_.ChangeLog(marker.partition)) {
      log->AppendMarker(marker.producer.id, marker.producer.epoch, marker.commit, clock_.WallTime());
    }
    written();
  });
}

void Broker::DenyWrites(const std::string& topic) {
  const Guard lock(mutex_);
  unwritable_.insert(topic);
}

void Broker::AllowWrites(const std::string& topic) {
  const Guard lock(mutex_);
  unwritable_.erase(topic);
}

AppendResult Broker::Produce(const TopicPartition& partition, const ProducerStamp& stamp,
                             std::shared_ptr<const RecordBatch> batch) {
  if (!MayWrite(partition.topic)) return {.error = ErrorCode::kTopicAuthorizationFailed};
  if (topics_.FindLog(partition) == nullptr) {
    return {.error = ErrorCode::kUnknownTopicOrPartition};
  }
  if (stamp.transactional) {
    const ErrorCode error =
        transactions_.VerifyPartition({stamp.producer_id, stamp.epoch}, partition);
    if (error != ErrorCode::kNone) return {.error = error};
  }
  return topics_.ChangeLog(partition)->Append(
      std::move(batch), stamp, topics_.Find(partition.topic)->limits, clock_.WallTime());
}

ErrorCode Broker::TransactionalCommit(const MemberProof& proof, ProducerIdentity producer,
                                      const std::vector<CommittedOffset>& offsets) {
  const ErrorCode error = transactions_.VerifyGroup(producer, proof.group);
  if (error != ErrorCode::kNone) return error;
  return groups_.TransactionalCommit(proof, producer.id, offsets);
}

bool Broker::DeleteTopic(const std::string& topic) {
  if (!topics_.Delete(topic)) return false;
  groups_.ForgetTopic(topic);
  transactions_.ForgetTopic(topic);
  return true;
}

std::vector<std::string> Broker::Topics() {
  const Guard lock(mutex_);
  return topics_.names();
}

int32_t Broker::PartitionCount(const std::string& topic) {
  const Guard lock(mutex_);
  const Topic* found = topics_.Find(topic);
  return found == nullptr ? 0 : static_cast<int32_t>(found->partitions.size());
}

std::vector<InspectedRecord> Broker::Inspect(const TopicPartition& partition, bool committed_only) {
  const Guard lock(mutex_);
  std::vector<InspectedRecord> records;
  const PartitionLog* log = topics_.FindHiddenLog(partition);
  if (log == nullptr) return records;
  const Offset limit = committed_only ? log->last_stable() : log->end();
  std::vector<Header> headers;
  for (const LogEntry& entry : log->entries()) {
    const bool marker = entry.kind != LogEntry::Kind::kData;
    if (committed_only && (marker || entry.aborted)) continue;
    for (int64_t i = 0; i < entry.count; ++i) {
      const Offset offset = entry.base + i;
      if (offset < log->start() || offset >= limit) continue;
      InspectedRecord record{.offset = offset,
                             .producer_id = entry.producer_id,
                             .producer_epoch = entry.epoch,
                             .kind = entry.kind,
                             .transactional = entry.transactional,
                             .aborted = entry.aborted};
      if (!marker) {
        const size_t index = entry.first + static_cast<size_t>(i);
        record.timestamp = entry.records->timestamp(index);
        record.key = Own(entry.records->key(index));
        record.value = Own(entry.records->value(index));
        entry.records->Headers(index, headers);
        for (const Header& header : headers) {
          record.headers.emplace_back(header.name, Own(header.value));
        }
      }
      records.push_back(std::move(record));
    }
  }
  return records;
}

std::vector<InspectedRecord> Broker::ReadCommitted(const TopicPartition& partition) {
  return Inspect(partition, /*committed_only=*/true);
}

std::vector<InspectedRecord> Broker::DumpLog(const TopicPartition& partition) {
  return Inspect(partition, /*committed_only=*/false);
}

Offset Broker::LogStart(const TopicPartition& partition) {
  const Guard lock(mutex_);
  const PartitionLog* log = topics_.FindHiddenLog(partition);
  return log == nullptr ? Offset(0) : log->start();
}

Offset Broker::LogEnd(const TopicPartition& partition) {
  const Guard lock(mutex_);
  const PartitionLog* log = topics_.FindHiddenLog(partition);
  return log == nullptr ? Offset(0) : log->end();
}

Offset Broker::LastStableOffset(const TopicPartition& partition) {
  const Guard lock(mutex_);
  const PartitionLog* log = topics_.FindHiddenLog(partition);
  return log == nullptr ? Offset(0) : log->last_stable();
}

std::vector<OpenTransaction> Broker::OpenTransactions() {
  const Guard lock(mutex_);
  return transactions_.Open();
}

std::vector<CommittedOffset> Broker::CommittedOffsets(const std::string& group) {
  const Guard lock(mutex_);
  return groups_.AllOffsets(group);
}

GroupDescription Broker::Group(const std::string& group) {
  const Guard lock(mutex_);
  return groups_.Describe(group);
}

uint64_t Broker::TraceHash() {
  const Guard lock(mutex_);
  return network_.trace_hash();
}

int64_t Broker::DeliveredRequests() {
  const Guard lock(mutex_);
  return network_.delivered_requests();
}

}  // namespace sidestream::kafka::memory
