// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "metrics/scopes.h"

#include <utility>
#include <vector>

namespace sidestream::metrics {

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
  CounterOf(Family::kStepRecordsDropped, dropped_, reason).Add(static_cast<double>(records));
}

void StepMetrics::RecordLate() {
  if (!late_) late_.emplace(registry_, Family::kStepRecordsLate, std::vector{pipeline_, step_});
  late_->Add();
}

void StepMetrics::RecordPutAside(std::string_view cause) {
  CounterOf(Family::kDeadLetters, put_aside_, cause).Add();
}

Counter& StepMetrics::CounterOf(Family family, Counters& counters, std::string_view word) {
  const auto found = counters.find(word);
  if (found != counters.end()) return found->second;
  const std::string name(word);
  return counters.emplace(name, Counter(registry_, family, {pipeline_, step_, name})).first->second;
}

RestoreMetrics::RestoreMetrics(Registry& registry)
    : remaining_(registry, Family::kRestoreRemainingOffsets),
      offsets_per_second_(registry, Family::kRestoreOffsetsPerSecond),
      seconds_left_(registry, Family::kRestoreSecondsLeft),
      records_(registry, Family::kRestoreRecords),
      fetched_bytes_(registry, Family::kRestoreFetchedBytes),
      remaining_bytes_(registry, Family::kRestoreRemainingBytes),
      bytes_per_second_(registry, Family::kRestoreBytesPerSecond),
      directory_(registry, Family::kRestores, {"directory"}),
      changelog_(registry, Family::kRestores, {"changelog"}),
      location_(registry, Family::kRestores, {"location"}),
      copy_(registry, Family::kRestores, {"copy"}) {}

void RestoreMetrics::RestoreAdvanced(int64_t records, int64_t remaining_offsets) {
  records_.Add(static_cast<double>(records));
  remaining_.Set(static_cast<double>(remaining_offsets));
}

void RestoreMetrics::FetchAdvanced(int64_t bytes, int64_t remaining_bytes) {
  fetched_bytes_.Add(static_cast<double>(bytes));
  remaining_bytes_.Set(static_cast<double>(remaining_bytes));
}

void RestoreMetrics::RestoresAre(const RestoresBySource& restores) {
  directory_.Add(static_cast<double>(restores.directory - told_.directory));
  changelog_.Add(static_cast<double>(restores.changelog - told_.changelog));
  location_.Add(static_cast<double>(restores.location - told_.location));
  copy_.Add(static_cast<double>(restores.copy - told_.copy));
  told_ = restores;
}

void RestoreMetrics::PaceIs(double offsets_per_second, double bytes_per_second,
                            double seconds_left) {
  offsets_per_second_.Set(offsets_per_second);
  bytes_per_second_.Set(bytes_per_second);
  seconds_left_.Set(seconds_left);
}

ConsumerMetrics::ConsumerMetrics(Registry& registry)
    : rebalances_(registry, Family::kRebalances),
      duration_(registry, Family::kRebalanceDuration),
      errors_(registry, Family::kKafkaClientErrors, {"consumer"}) {}

void ConsumerMetrics::RebalanceFinished(Seconds duration) {
  rebalances_.Add();
  duration_.Observe(duration.count());
}

MemoryMetrics::MemoryMetrics(Registry& registry)
    : caches_(registry, Family::kMemoryBytes, {"state_caches"}),
      blocks_(registry, Family::kMemoryBytes, {"state_blocks"}),
      inputs_(registry, Family::kMemoryBytes, {"inputs"}),
      transactions_(registry, Family::kMemoryBytes, {"transactions"}),
      restores_(registry, Family::kMemoryBytes, {"restores"}) {}

void MemoryMetrics::UseIs(const MemoryUse& use) {
  caches_.Set(static_cast<double>(use.caches));
  blocks_.Set(static_cast<double>(use.blocks));
  inputs_.Set(static_cast<double>(use.inputs));
  transactions_.Set(static_cast<double>(use.transactions));
  restores_.Set(static_cast<double>(use.restores));
}

InstanceMetrics::InstanceMetrics(Registry& registry)
    : active_(registry, Family::kAssignedTasks, {"active"}),
      restoring_(registry, Family::kAssignedTasks, {"restoring"}),
      standby_(registry, Family::kAssignedTasks, {"standby"}),
      standby_remaining_(registry, Family::kStandbyRemainingOffsets),
      unowned_(registry, Family::kTasksUnowned),
      leader_(registry, Family::kControlLeader),
      lost_(registry, Family::kTasksLost),
      reopened_(registry, Family::kTasksReopened),
      reassigned_(registry, Family::kPartitionsReassigned),
      pauses_(registry, Family::kInputPauses),
      moved_aside_(registry, Family::kStateMovedAside),
      purges_(registry, Family::kRepartitionPurges),
      ahead_(registry, Family::kRecordsAhead),
      late_after_idle_(registry, Family::kRecordsLateAfterIdle) {}

void InstanceMetrics::TasksAre(int64_t active, int64_t restoring) {
  active_.Set(static_cast<double>(active));
  restoring_.Set(static_cast<double>(restoring));
}

void InstanceMetrics::StandbysAre(int64_t tasks, int64_t remaining_offsets) {
  standby_.Set(static_cast<double>(tasks));
  standby_remaining_.Set(static_cast<double>(remaining_offsets));
}

void InstanceMetrics::TotalsAre(const InstanceTotals& totals) {
  const auto add = [&](Counter& counter, int64_t InstanceTotals::*total) {
    counter.Add(static_cast<double>(totals.*total - reported_.*total));
  };
  add(lost_, &InstanceTotals::tasks_lost);
  add(reopened_, &InstanceTotals::tasks_reopened);
  add(reassigned_, &InstanceTotals::partitions_reassigned);
  add(pauses_, &InstanceTotals::input_pauses);
  add(moved_aside_, &InstanceTotals::state_moved_aside);
  add(purges_, &InstanceTotals::repartition_purges);
  add(ahead_, &InstanceTotals::records_ahead);
  add(late_after_idle_, &InstanceTotals::records_late_after_idle);
  reported_ = totals;
}

CheckpointMetrics::CheckpointMetrics(Registry& registry)
    : registry_(registry),
      complete_(registry, Family::kCheckpoints, {"complete"}),
      failed_(registry, Family::kCheckpoints, {"failed"}),
      paused_(registry, Family::kCheckpointPaused),
      revocations_(registry, Family::kCheckpointRevocations) {}

CheckpointMetrics::Newest::Newest(Registry& registry)
    : number(registry, Family::kCheckpointNumber),
      begun_at(registry, Family::kCheckpointTimestamp),
      duration(registry, Family::kCheckpointDuration),
      bytes(registry, Family::kCheckpointBytes) {}

void CheckpointMetrics::NewestIs(int64_t number, Timestamp begun_at, Milliseconds duration,
                                 int64_t bytes) {
  if (!newest_) newest_.emplace(registry_);
  newest_->number.Set(static_cast<double>(number));
  newest_->begun_at.Set(static_cast<double>(begun_at.value()) / 1000);
  newest_->duration.Set(Seconds(duration).count());
  newest_->bytes.Set(static_cast<double>(bytes));
}

void CheckpointMetrics::OutcomesAre(int64_t complete, int64_t failed) {
  complete_.Add(static_cast<double>(complete - reported_complete_));
  failed_.Add(static_cast<double>(failed - reported_failed_));
  reported_complete_ = complete;
  reported_failed_ = failed;
}

void CheckpointMetrics::PausesAre(Milliseconds pause, Milliseconds sum, int64_t revocations) {
  if (!pause_ && sum > Milliseconds(0)) pause_.emplace(registry_, Family::kCheckpointPause);
  if (pause_) pause_->Set(Seconds(pause).count());
  paused_.Add(Seconds(sum - reported_sum_).count());
  revocations_.Add(static_cast<double>(revocations - reported_revocations_));
  reported_sum_ = sum;
  reported_revocations_ = revocations;
}

void EventTimeMetrics::Set(Family family, const std::map<Labels, Timestamp>& watermarks,
                           Gauges& gauges) {
  std::erase_if(gauges, [&](const auto& entry) { return !watermarks.contains(entry.first); });
  for (const auto& [labels, watermark] : watermarks) {
    auto found = gauges.find(labels);
    if (found == gauges.end()) {
      found = gauges.emplace(labels, Gauge(registry_, family, {labels.first, labels.second})).first;
    }
    found->second.Set(static_cast<double>(watermark.value()) / 1000);
  }
}

RegistryMetrics::RegistryMetrics(Registry& registry)
    : requests_(registry, Family::kRegistryRequests),
      failures_(registry, Family::kRegistryFailures),
      waiting_(registry, Family::kRegistryWaiting) {}

void RegistryMetrics::TotalsAre(int64_t requests, int64_t failures) {
  requests_.Add(static_cast<double>(requests - reported_requests_));
  failures_.Add(static_cast<double>(failures - reported_failures_));
  reported_requests_ = requests;
  reported_failures_ = failures;
}

ProducerMetrics::ProducerMetrics(Registry& registry)
    : commits_(registry, Family::kCommitDuration),
      aborts_(registry, Family::kTransactionAborts),
      rebuilds_(registry, Family::kProducerRebuilds) {}

BuildMetrics::BuildMetrics(Registry& registry, const std::string& version,
                           const std::string& config_hash)
    : build_(registry, Family::kBuildInfo, {version}),
      config_(registry, Family::kConfigHashInfo, {config_hash}) {
  build_.Set(1);
  config_.Set(1);
}

}  // namespace sidestream::metrics
