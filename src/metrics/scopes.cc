// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "metrics/scopes.h"

#include <utility>
#include <vector>

namespace sidestream::metrics {
namespace {

/// The counter of `key`, made when it is first asked for.
template <typename Key>
Counter& Lazily(std::map<Key, Counter>& counters, const Key& key, Registry& registry, Family family,
                std::vector<std::string> labels) {
  const auto found = counters.find(key);
  if (found != counters.end()) return found->second;
  return counters.emplace(key, Counter(registry, family, std::move(labels))).first->second;
}

}  // namespace

InputMetrics::InputMetrics(Registry& registry, const TopicPartition& partition)
    : consumed_(registry, Family::kRecordsConsumed, {partition.topic}),
      lag_(registry, Family::kRecordsLag, {partition.topic, std::to_string(partition.partition)}) {}

OutputMetrics::OutputMetrics(Registry& registry, const std::string& topic)
    : registry_(registry), topic_(topic), produced_(registry, Family::kRecordsProduced, {topic}) {}

void OutputMetrics::RecordDelivered(Milliseconds latency) {
  if (!latency_) latency_.emplace(registry_, Family::kEndToEndLatency, std::vector{topic_});
  latency_->Observe(Seconds(latency).count());
}

StepMetrics::StepMetrics(Registry& registry, std::string pipeline, std::string step)
    : registry_(registry), pipeline_(std::move(pipeline)), step_(std::move(step)) {}

void StepMetrics::RecordDropped(std::string_view reason, int64_t records) {
  auto found = dropped_.find(reason);
  if (found == dropped_.end()) {
    const std::string name(reason);
    found = dropped_
                .emplace(name,
                         Counter(registry_, Family::kStepRecordsDropped, {pipeline_, step_, name}))
                .first;
  }
  found->second.Add(static_cast<double>(records));
}

TaskMetrics::TaskMetrics(Registry& registry, const std::string& pipeline)
    : watermark_(registry, Family::kWatermarkTimestamp, {pipeline}) {}

void TaskMetrics::WatermarkIs(Timestamp watermark) {
  if (watermark == kNoTimestamp) {
    watermark_.Unset();
  } else {
    watermark_.Set(static_cast<double>(watermark.value()) / 1000);
  }
}

StoreMetrics::StoreMetrics(Registry& registry, const std::string& store)
    : gets_(registry, Family::kStoreOps, {store, "get"}),
      puts_(registry, Family::kStoreOps, {store, "put"}),
      deletes_(registry, Family::kStoreOps, {store, "delete"}),
      bytes_(registry, Family::kStateBytes, {store}),
      keys_(registry, Family::kStateKeysEstimate, {store}) {}

void StoreMetrics::Operations(StoreOp op, int64_t count) {
  Counter& counter = op == StoreOp::kGet ? gets_ : op == StoreOp::kPut ? puts_ : deletes_;
  counter.Add(static_cast<double>(count));
}

void StoreMetrics::SizeIs(int64_t bytes, int64_t keys_estimate) {
  bytes_.Set(static_cast<double>(bytes));
  keys_.Set(static_cast<double>(keys_estimate));
}

void StateDirectoryMetrics::MovedAside(const std::string& reason) {
  Lazily(moved_, reason, registry_, Family::kStateMovedAside, {reason}).Add();
}

RestoreMetrics::RestoreMetrics(Registry& registry)
    : remaining_(registry, Family::kRestoreRemainingOffsets),
      records_(registry, Family::kRestoreRecords) {}

void RestoreMetrics::RestoreAdvanced(int64_t records, int64_t remaining_offsets) {
  records_.Add(static_cast<double>(records));
  remaining_.Set(static_cast<double>(remaining_offsets));
}

ConsumerMetrics::ConsumerMetrics(Registry& registry)
    : registry_(registry),
      rebalances_(registry, Family::kRebalances),
      duration_(registry, Family::kRebalanceDuration),
      errors_(registry, Family::kKafkaClientErrors, {"consumer"}) {}

void ConsumerMetrics::RebalanceFinished(Seconds duration) {
  rebalances_.Add();
  duration_.Observe(duration.count());
}

InstanceMetrics::InstanceMetrics(Registry& registry)
    : active_(registry, Family::kAssignedTasks, {"active"}),
      restoring_(registry, Family::kAssignedTasks, {"restoring"}),
      unowned_(registry, Family::kTasksUnowned) {}

void InstanceMetrics::TasksAre(int64_t active, int64_t restoring) {
  active_.Set(static_cast<double>(active));
  restoring_.Set(static_cast<double>(restoring));
}

void ConsumerMetrics::PartitionReassigned(const std::string& topic) {
  Lazily(reassigned_, topic, registry_, Family::kPartitionsReassigned, {topic}).Add();
}

ProducerMetrics::ProducerMetrics(Registry& registry)
    : commits_(registry, Family::kCommitDuration),
      aborts_(registry, Family::kTransactionAborts),
      rebuilds_(registry, Family::kProducerRebuilds) {}

WorkerMetrics::WorkerMetrics(Registry& registry, int32_t worker)
    : poll_(registry, Family::kThreadStateSeconds, {"worker-" + std::to_string(worker), "poll"}),
      process_(registry, Family::kThreadStateSeconds,
               {"worker-" + std::to_string(worker), "process"}),
      commit_(registry, Family::kThreadStateSeconds,
              {"worker-" + std::to_string(worker), "commit"}),
      backpressured_(registry, Family::kThreadStateSeconds,
                     {"worker-" + std::to_string(worker), "backpressured"}),
      idle_(registry, Family::kThreadStateSeconds, {"worker-" + std::to_string(worker), "idle"}) {}

void WorkerMetrics::TimeSpent(ThreadState state, Seconds time) {
  switch (state) {
    case ThreadState::kPoll:
      return poll_.Add(time.count());
    case ThreadState::kProcess:
      return process_.Add(time.count());
    case ThreadState::kCommit:
      return commit_.Add(time.count());
    case ThreadState::kBackpressured:
      return backpressured_.Add(time.count());
    case ThreadState::kIdle:
      return idle_.Add(time.count());
  }
}

CheckpointMetrics::CheckpointMetrics(Registry& registry)
    : registry_(registry), leader_(registry, Family::kControlLeader) {}

void CheckpointMetrics::RecordWritten(const std::string& type) {
  Lazily(records_, type, registry_, Family::kControlRecords, {type}).Add();
}

PurgeMetrics::PurgeMetrics(Registry& registry, const std::string& topic)
    : purges_(registry, Family::kRepartitionPurges, {topic}) {}

BuildMetrics::BuildMetrics(Registry& registry, const std::string& version,
                           const std::string& config_hash)
    : build_(registry, Family::kBuildInfo, {version}),
      config_(registry, Family::kConfigHashInfo, {config_hash}) {
  build_.Set(1);
  config_.Set(1);
}

}  // namespace sidestream::metrics
