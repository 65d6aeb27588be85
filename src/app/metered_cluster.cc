// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/metered_cluster.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "metrics/scopes.h"

namespace sidestream::app {
namespace {

/// One record in so many is measured from its timestamp to the sink.
constexpr uint64_t kLatencySample = 16;

/// The inputs that the member holds. Queues report per chunk, from their workers' threads.
class Inputs {
 public:
  explicit Inputs(metrics::Registry& registry) : registry_(registry) {}

  void Hold(std::span<const kafka::PartitionOffset> positions) {
    const std::lock_guard lock(mutex_);
    for (const kafka::PartitionOffset& position : positions) {
      held_.try_emplace(position.partition, registry_, position.partition);
    }
  }
  void Release(std::span<const TopicPartition> partitions) {
    const std::lock_guard lock(mutex_);
    for (const TopicPartition& partition : partitions) held_.erase(partition);
  }
  void Fetched(const kafka::RecordChunk& chunk, const kafka::Consumer& consumer) {
    const std::lock_guard lock(mutex_);
    const auto held = held_.find(chunk.partition());
    if (held == held_.end()) return;
    held->second.RecordsConsumed(static_cast<int64_t>(chunk.records().size()));
    const auto high = consumer.HighWatermark(chunk.partition());
    std::optional<Offset> position = chunk.end_position();
    if (!position && !chunk.records().empty()) position = chunk.records().back().offset + 1;
    if (high && position) held->second.LagIs(std::max<int64_t>(0, *high - *position));
  }

 private:
  metrics::Registry& registry_;
  std::mutex mutex_;
  std::map<TopicPartition, metrics::InputMetrics> held_;  // guarded by mutex_
};

class MeteredQueue final : public kafka::FetchQueue {
 public:
  MeteredQueue(std::unique_ptr<kafka::FetchQueue> queue, const kafka::Consumer& consumer,
               std::shared_ptr<Inputs> inputs)
      : queue_(std::move(queue)), consumer_(consumer), inputs_(std::move(inputs)) {}

  std::vector<std::unique_ptr<kafka::RecordChunk>> Poll(size_t records_max,
                                                        Milliseconds wait) override {
    auto chunks = queue_->Poll(records_max, wait);
    for (const auto& chunk : chunks) inputs_->Fetched(*chunk, consumer_);
    return chunks;
  }
  kafka::FetchQueue& inner() { return *queue_; }

 private:
  const std::unique_ptr<kafka::FetchQueue> queue_;
  const kafka::Consumer& consumer_;
  // Shared by the member and its queues, which end in no fixed order.
  const std::shared_ptr<Inputs> inputs_;
};

class MeteredConsumer final : public kafka::Consumer {
 public:
  MeteredConsumer(std::unique_ptr<kafka::Consumer> consumer, metrics::Registry& registry,
                  const Clock& clock)
      : consumer_(std::move(consumer)),
        clock_(clock),
        metrics_(registry),
        inputs_(std::make_shared<Inputs>(registry)) {}

  Status Subscribe(std::span<const std::string> topics) override {
    return consumer_->Subscribe(topics);
  }
  std::optional<kafka::ConsumerEvent> Poll(Milliseconds wait) override {
    auto event = consumer_->Poll(wait);
    if (!event) return event;
    if (std::holds_alternative<kafka::ConsumerError>(*event)) metrics_.ClientError();
    if (std::holds_alternative<kafka::Assigned>(*event) ||
        std::holds_alternative<kafka::Revoking>(*event)) {
      event_at_ = clock_.Now();
    }
    return event;
  }
  Status CompleteAssign(std::span<const kafka::PartitionOffset> positions) override {
    inputs_->Hold(positions);
    metrics_.RebalanceFinished(clock_.Now() - event_at_);
    return consumer_->CompleteAssign(positions);
  }
  Status CompleteRevoke(std::span<const TopicPartition> partitions) override {
    inputs_->Release(partitions);
    metrics_.RebalanceFinished(clock_.Now() - event_at_);
    return consumer_->CompleteRevoke(partitions);
  }
  void StartSeek(std::span<const kafka::PartitionOffset> positions) override {
    consumer_->StartSeek(positions);
  }
  Status Forward(const TopicPartition& partition, kafka::FetchQueue& queue) override {
    // Every queue of this consumer comes from NewQueue() below.
    return consumer_->Forward(partition, static_cast<MeteredQueue&>(queue).inner());
  }
  Status Pause(std::span<const TopicPartition> partitions) override {
    return consumer_->Pause(partitions);
  }
  Status Resume(std::span<const TopicPartition> partitions) override {
    return consumer_->Resume(partitions);
  }
  std::unique_ptr<kafka::FetchQueue> NewQueue() override {
    return std::make_unique<MeteredQueue>(consumer_->NewQueue(), *consumer_, inputs_);
  }
  std::shared_ptr<const kafka::GroupMetadata> Membership() override {
    return consumer_->Membership();
  }
  bool AssignmentLost() const override { return consumer_->AssignmentLost(); }
  MonotonicTime HeldUntil() const override { return consumer_->HeldUntil(); }
  void StartCommit(uint64_t token, std::vector<kafka::CommittedOffset> offsets) override {
    consumer_->StartCommit(token, std::move(offsets));
  }
  std::optional<Offset> HighWatermark(const TopicPartition& partition) const override {
    return consumer_->HighWatermark(partition);
  }
  void StartClose() override { consumer_->StartClose(); }
  bool closed() const override { return consumer_->closed(); }

 private:
  const std::unique_ptr<kafka::Consumer> consumer_;
  const Clock& clock_;
  metrics::ConsumerMetrics metrics_;
  const std::shared_ptr<Inputs> inputs_;
  MonotonicTime event_at_{};
};

class MeteredProducer final : public kafka::Producer {
 public:
  MeteredProducer(std::unique_ptr<kafka::Producer> producer, metrics::Registry& registry,
                  const Clock& clock, bool rebuilt)
      : producer_(std::move(producer)), registry_(registry), clock_(clock), metrics_(registry) {
    if (rebuilt) metrics_.ProducerRebuilt();
  }

  kafka::TopicHandle RegisterTopic(std::string_view topic) override {
    const kafka::TopicHandle handle = producer_->RegisterTopic(topic);
    const auto index = static_cast<size_t>(handle.index);
    if (index >= topics_.size()) topics_.resize(index + 1);
    if (topics_[index] == nullptr) {
      topics_[index] = std::make_unique<metrics::OutputMetrics>(registry_, std::string(topic));
    }
    return handle;
  }
  void StartInit() override {
    Start(Running::kOther, [&] { producer_->StartInit(); });
  }
  Status Begin() override { return producer_->Begin(); }
  Status Produce(const kafka::OutgoingRecord& record) override {
    Status status = producer_->Produce(record);
    if (!status.ok()) return status;
    metrics::OutputMetrics& topic = *topics_[static_cast<size_t>(record.topic.index)];
    topic.RecordsProduced(1);
    // Only sinks give a timestamp. A look at the clock for each of them would be felt.
    if (record.timestamp && ++stamped_ % kLatencySample == 0) {
      topic.RecordDelivered(Milliseconds(clock_.WallTime() - *record.timestamp));
    }
    return status;
  }
  void StartFlush() override {
    Start(Running::kOther, [&] { producer_->StartFlush(); });
  }
  void StartSendOffsets(std::vector<kafka::CommittedOffset> offsets,
                        std::shared_ptr<const kafka::GroupMetadata> membership,
                        Milliseconds timeout) override {
    Start(Running::kOther,
          [&] { producer_->StartSendOffsets(std::move(offsets), std::move(membership), timeout); });
  }
  void StartCommit() override {
    Start(Running::kCommit, [&] { producer_->StartCommit(); });
  }
  void StartAbort() override {
    Start(Running::kAbort, [&] { producer_->StartAbort(); });
  }
  std::optional<Status> Poll(Milliseconds wait) override {
    std::optional<Status> done = producer_->Poll(wait);
    if (done && done->ok() && running_ == Running::kCommit) {
      metrics_.CommitFinished(clock_.Now() - started_at_);
    }
    if (done && done->ok() && running_ == Running::kAbort) metrics_.TransactionAborted();
    return done;
  }
  int64_t in_flight() const override { return producer_->in_flight(); }
  const std::optional<kafka::DeliveryFailure>& first_failure() const override {
    return producer_->first_failure();
  }
  std::optional<Offset> DeliveredEnd(kafka::TopicHandle topic, Partition partition) const override {
    return producer_->DeliveredEnd(topic, partition);
  }
  bool tainted() const override { return producer_->tainted(); }

 private:
  enum class Running { kOther, kCommit, kAbort };

  template <typename Operation>
  void Start(Running running, const Operation& operation) {
    running_ = running;
    started_at_ = clock_.Now();
    operation();
  }

  const std::unique_ptr<kafka::Producer> producer_;
  metrics::Registry& registry_;
  const Clock& clock_;
  metrics::ProducerMetrics metrics_;
  // By the index of their handles.
  std::vector<std::unique_ptr<metrics::OutputMetrics>> topics_;
  uint64_t stamped_ = 0;
  Running running_ = Running::kOther;
  MonotonicTime started_at_{};
};

class MeteredCluster final : public kafka::Cluster {
 public:
  MeteredCluster(kafka::Cluster& cluster, metrics::Registry& registry, const Clock& clock)
      : cluster_(cluster), registry_(registry), clock_(clock) {}

  Result<std::unique_ptr<kafka::Consumer>> NewConsumer(
      const kafka::ConsumerOptions& options) override {
    ASSIGN_OR_RETURN(auto consumer, cluster_.NewConsumer(options));
    return {std::make_unique<MeteredConsumer>(std::move(consumer), registry_, clock_)};
  }
  Result<std::unique_ptr<kafka::Producer>> NewProducer(
      const kafka::ProducerOptions& options) override {
    ASSIGN_OR_RETURN(auto producer, cluster_.NewProducer(options));
    const std::lock_guard lock(mutex_);
    const bool rebuilt = !clients_.insert(options.client_id).second;
    return {std::make_unique<MeteredProducer>(std::move(producer), registry_, clock_, rebuilt)};
  }
  Result<std::unique_ptr<kafka::LogReader>> NewLogReader(const std::string& client_id) override {
    return cluster_.NewLogReader(client_id);
  }
  Result<std::unique_ptr<kafka::Admin>> NewAdmin(const std::string& client_id) override {
    return cluster_.NewAdmin(client_id);
  }

 private:
  kafka::Cluster& cluster_;
  metrics::Registry& registry_;
  const Clock& clock_;
  std::mutex mutex_;
  std::set<std::string> clients_;  // guarded by mutex_
};

}  // namespace

std::unique_ptr<kafka::Cluster> NewMeteredCluster(kafka::Cluster& cluster,
                                                  metrics::Registry& registry, const Clock& clock) {
  return std::make_unique<MeteredCluster>(cluster, registry, clock);
}

}  // namespace sidestream::app
