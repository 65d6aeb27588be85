// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/memory/memory_producer.h"

#include <algorithm>
#include <utility>

#include "kafka/memory/group_client.h"

namespace sidestream::kafka::memory {

namespace {

using Guard = std::lock_guard<std::recursive_mutex>;

/// message.timeout.ms of a merely idempotent producer that names none.
constexpr Milliseconds kMessageTimeout{10'000};

}  // namespace

MemoryProducer::MemoryProducer(Broker& broker, const ProducerOptions& options)
    : broker_(broker), options_(options), sender_{options.client_id, alive_} {}

MemoryProducer::~MemoryProducer() {
  const Guard lock(broker_.mutex());
  alive_.reset();
}

TopicHandle MemoryProducer::RegisterTopic(std::string_view topic) {
  const Guard lock(broker_.mutex());
  const auto known = std::find(topics_.begin(), topics_.end(), topic);
  if (known != topics_.end()) {
    return {static_cast<int32_t>(known - topics_.begin())};
  }
  topics_.emplace_back(topic);
  return {static_cast<int32_t>(topics_.size()) - 1};
}

Status MemoryProducer::Begin() {
  const Guard lock(broker_.mutex());
  first_failure_.reset();
  if (!transactional()) return Status::Ok();
  if (fatal_) return *fatal_;
  if (!initialized_) return Status::Fatal("begin before init");
  if (in_transaction_) return Status::Fatal("begin inside a transaction");
  in_transaction_ = true;
  partitions_sent_ = false;
  abort_required_.reset();
  denied_.reset();
  for (auto& [partition, lane] : lanes_) lane.added = false;
  return Status::Ok();
}

Status MemoryProducer::Produce(const OutgoingRecord& record) {
  const Guard lock(broker_.mutex());
  if (fatal_) return *fatal_;
  if (record.topic.index < 0 || static_cast<size_t>(record.topic.index) >= topics_.size()) {
    return Status::Fatal("produce to a topic that was not registered");
  }
  if (transactional() && !in_transaction_) return Status::Fatal("produce outside a transaction");
  if (abort_required_) return denied_ ? *denied_ : *abort_required_;
  if (RecordBatch::WireBytes(record.key, record.value, record.headers) >
      broker_.options().message_bytes_max) {
    return Status::BadRecord("record is larger than the client's limit");
  }
  if (in_flight_ >= broker_.options().producer_queue_records_max) {
    return Status::Unavailable("the producer's queue is full");
  }
  Lane& lane = lanes_[{topics_[static_cast<size_t>(record.topic.index)], record.partition}];
  if (lane.queue.empty() && lane.sending == nullptr) lane.oldest = broker_.clock().Now();
  const size_t bytes =
      (record.key ? record.key->size() : 0) + (record.value ? record.value->size() : 0);
  if (lane.queue.empty() ||
      lane.queue.back()->wire_bytes() + bytes + 1'000 > broker_.options().message_bytes_max) {
    lane.queue.push_back(std::make_shared<RecordBatch>());
  }
  lane.queue.back()->Add(record.timestamp.value_or(broker_.clock().WallTime()), record.key,
                         record.value, record.headers);
  ++in_flight_;
  return Status::Ok();
}

void MemoryProducer::Pump() {
  const MonotonicTime now = broker_.clock().Now();
  if (fatal_ || !initialized_) return;
  if (!transactional() && bump_wanted_) return PumpInit(now);
  if (in_flight_ == 0) return;
  if (transactional()) PumpPartitions(now);
  for (auto& [partition, lane] : lanes_) PumpLane(partition, lane, now);
}

void MemoryProducer::PumpInit(MonotonicTime now) {
  // A refused batch left a gap: drain what is out, then take a new producer id.
  for (auto& [partition, lane] : lanes_) {
    if (lane.exchange.Overdue(now)) SendBatch(partition, lane);
    if (lane.exchange.waiting()) return;
  }
  if (exchange_.Overdue(now)) exchange_.Cancel();
  if (exchange_.waiting()) return;
  SendInit();
}

void MemoryProducer::PumpPartitions(MonotonicTime now) {
  if (!in_transaction_ || abort_required_) return;
  if (add_partitions_.Overdue(now)) {
    tainted_ = true;
    add_partitions_.Cancel();
  }
  if (add_partitions_.waiting() || now < add_retry_at_) return;
  std::vector<TopicPartition> wanted;
  for (const auto& [partition, lane] : lanes_) {
    if (!lane.added && !lane.queue.empty()) wanted.push_back(partition);
  }
  if (wanted.empty()) return;
  partitions_sent_ = true;
  const bool twice = add_partitions_.Send<ErrorCode>(
      broker_.network(), ApiKey::kAddPartitionsToTxn, sender_, broker_.options().request_timeout,
      [&broker = broker_, id = options_.transactional_id, identity = identity_,
       wanted](Reply<ErrorCode> reply) {
        for (const TopicPartition& p : wanted) {
          if (!broker.MayWrite(p.topic)) return reply(ErrorCode::kTopicAuthorizationFailed);
          if (broker.topics().FindLog(p) == nullptr) {
            return reply(ErrorCode::kUnknownTopicOrPartition);
          }
        }
        reply(broker.transactions().AddPartitions(id, identity, wanted));
      },
      [this, wanted](ErrorCode error) {
        if (error == ErrorCode::kNone) {
          for (const TopicPartition& p : wanted) lanes_[p].added = true;
        } else if (error == ErrorCode::kConcurrentTransactions ||
                   error == ErrorCode::kUnknownTopicOrPartition) {
          add_retry_at_ = broker_.clock().Now() + broker_.options().retry_backoff;
        } else if (error == ErrorCode::kTopicAuthorizationFailed) {
          OnDenied();
        } else {
          OnRequestError(error, "AddPartitionsToTxn");
        }
      });
  tainted_ = tainted_ || twice;
}

void MemoryProducer::PumpLane(const TopicPartition& partition, Lane& lane, MonotonicTime now) {
  const Milliseconds limit =
      transactional() ? std::min(options_.transaction_timeout, kMessageTimeout)
      : options_.delivery_timeout > Milliseconds(0) ? options_.delivery_timeout
                                                    : kMessageTimeout;
  if ((lane.sending != nullptr || !lane.queue.empty()) && now - lane.oldest > limit) {
    // It may have been written: its sequence numbers cannot be used again.
    bump_wanted_ = true;
    lane.exchange.Cancel();
    FailLane(partition, lane, Status::Unavailable("record was not delivered in time"));
    return;
  }
  if (lane.exchange.Overdue(now)) {
    tainted_ = tainted_ || transactional();
    SendBatch(partition, lane);
    return;
  }
  if (lane.exchange.waiting() || now < lane.retry_at) return;
  if (lane.sending != nullptr) return SendBatch(partition, lane);
  if (lane.queue.empty() || (transactional() && (!lane.added || abort_required_))) return;
  if (options_.may_send && !options_.may_send()) return;
  lane.sending = lane.queue.front();
  lane.queue.pop_front();
  lane.sending_sequence = lane.next_sequence;
  lane.next_sequence += static_cast<int32_t>(lane.sending->count());
  SendBatch(partition, lane);
}

void MemoryProducer::SendBatch(const TopicPartition& partition, Lane& lane) {
  const ProducerStamp stamp{.producer_id = identity_.id,
                            .epoch = identity_.epoch,
                            .base_sequence = lane.sending_sequence,
                            .transactional = transactional()};
  lane.exchange.Send<AppendResult>(
      broker_.network(), ApiKey::kProduce, sender_, broker_.options().request_timeout,
      [&broker = broker_, partition, stamp, batch = lane.sending](Reply<AppendResult> reply) {
        reply(broker.Produce(partition, stamp, batch));
      },
      [this, partition, &lane](AppendResult result) { OnProduced(partition, lane, result); });
}

void MemoryProducer::OnProduced(const TopicPartition& partition, Lane& lane,
                                const AppendResult& result) {
  const auto what = [&] {
    return "produce refused: partition=" + ToString(partition) +
           " error=" + std::string(ErrorName(result.error));
  };
  switch (result.error) {
    case ErrorCode::kNone: {
      const auto count = static_cast<int64_t>(lane.sending->count());
      in_flight_ -= count;
      const Offset end = result.base + count;
      lane.delivered_end = std::max(lane.delivered_end.value_or(end), end);
      lane.sending.reset();
      lane.oldest = broker_.clock().Now();
      return;
    }
    case ErrorCode::kUnknownTopicOrPartition:
      lane.retry_at = broker_.clock().Now() + broker_.options().retry_backoff;
      return;
    case ErrorCode::kInvalidProducerEpoch:
      Fatal(Status::Fenced(what()));
      return FailLane(partition, lane, *fatal_);
    case ErrorCode::kTopicAuthorizationFailed:
      if (!transactional()) bump_wanted_ = true;
      return FailLane(partition, lane, Status::InvalidConfig(what()));
    case ErrorCode::kMessageTooLarge:
    case ErrorCode::kInvalidTimestamp:
    case ErrorCode::kInvalidRecord:
      if (!transactional()) bump_wanted_ = true;
      return FailLane(partition, lane, Status::BadRecord(what()));
    case ErrorCode::kOutOfOrderSequence:
      bump_wanted_ = true;
      [[fallthrough]];
    default:
      return FailLane(partition, lane, Status::AbortRequired(what()));
  }
}

void MemoryProducer::FailLane(const TopicPartition& partition, Lane& lane, Status status) {
  if (!first_failure_) first_failure_ = {partition.topic, partition.partition, status};
  if (lane.sending != nullptr) in_flight_ -= static_cast<int64_t>(lane.sending->count());
  lane.sending.reset();
  lane.oldest = broker_.clock().Now();
  if (transactional() && !fatal_) RequireAbort(Status::AbortRequired(status.message()));
  if (status.code() == StatusCode::kUnavailable) PurgeQueues(status);
}

void MemoryProducer::OnDenied() {
  std::set<std::string> topics;
  for (const auto& [partition, lane] : lanes_) {
    if (!lane.queue.empty() || lane.sending != nullptr) topics.insert(partition.topic);
  }
  std::string text = "a transaction may not be written: error=TOPIC_AUTHORIZATION_FAILED topic=";
  for (const std::string& topic : topics) {
    text += (topic == *topics.begin() ? "" : " or ") + topic;
  }
  if (topics.size() > 1) {
    denied_ = Status::InvalidConfig(text);
  } else {
    PurgeQueues(Status::InvalidConfig(text));  // which is what the deliveries say then
  }
  RequireAbort(Status::AbortRequired(std::move(text)));
}

void MemoryProducer::PurgeQueues(const Status& status) {
  for (auto& [partition, lane] : lanes_) {
    for (const auto& batch : lane.queue) in_flight_ -= static_cast<int64_t>(batch->count());
    if (!lane.queue.empty() && !first_failure_) {
      first_failure_ = {partition.topic, partition.partition, status};
    }
    lane.queue.clear();
  }
}

void MemoryProducer::RequireAbort(Status status) {
  // The library sends nothing more of a transaction that cannot be committed.
  PurgeQueues(status);
  if (!abort_required_) abort_required_ = std::move(status);
}

void MemoryProducer::Fatal(Status status) {
  PurgeQueues(status);
  if (!fatal_) fatal_ = std::move(status);
}

int64_t MemoryProducer::in_flight() const {
  const Guard lock(broker_.mutex());
  return in_flight_;
}

std::optional<Offset> MemoryProducer::DeliveredEnd(TopicHandle topic, Partition partition) const {
  const Guard lock(broker_.mutex());
  if (topic.index < 0 || static_cast<size_t>(topic.index) >= topics_.size()) return std::nullopt;
  const auto lane = lanes_.find({topics_[static_cast<size_t>(topic.index)], partition});
  return lane == lanes_.end() ? std::nullopt : lane->second.delivered_end;
}

bool MemoryProducer::tainted() const {
  const Guard lock(broker_.mutex());
  return tainted_;
}

}  // namespace sidestream::kafka::memory
