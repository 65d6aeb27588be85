// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "metrics/families.h"

#include <array>

namespace sidestream::metrics {
namespace {

constexpr std::array<std::string_view, 1> kTopic{"topic"};
constexpr std::array<std::string_view, 2> kTopicPartition{"topic", "partition"};
constexpr std::array<std::string_view, 2> kStep{"pipeline", "step"};
constexpr std::array<std::string_view, 3> kStepReason{"pipeline", "step", "reason"};
constexpr std::array<std::string_view, 3> kStepCause{"pipeline", "step", "cause"};
constexpr std::array<std::string_view, 1> kState{"state"};
constexpr std::array<std::string_view, 1> kPart{"part"};
constexpr std::array<std::string_view, 1> kSource{"source"};
constexpr std::array<std::string_view, 1> kClient{"client"};
constexpr std::array<std::string_view, 1> kOutcome{"outcome"};
constexpr std::array<std::string_view, 1> kVersion{"version"};
constexpr std::array<std::string_view, 1> kHash{"hash"};
constexpr std::span<const std::string_view> kNone;

constexpr std::array<FamilyInfo, kFamilyCount> kFamilies{{
    {Family::kRecordsConsumed, "sidestream_records_consumed_total", Kind::kCounter, Fold::kSum,
     kTopic, "Records taken from an input topic, replays after an abort included"},
    {Family::kRecordsLag, "sidestream_records_lag", Kind::kGauge, Fold::kMax, kTopicPartition,
     "Offsets between the position of the task and the high watermark"},
    {Family::kPartitionsReassigned, "sidestream_partitions_reassigned_total", Kind::kCounter,
     Fold::kSum, kNone, "Partitions opened again because they had gone silent behind the log end"},
    {Family::kInputPauses, "sidestream_input_pauses_total", Kind::kCounter, Fold::kSum, kNone,
     "Pauses of an input whose task had enough records waiting"},
    {Family::kRecordsProduced, "sidestream_records_produced_total", Kind::kCounter, Fold::kSum,
     kTopic, "Records handed to the producer, those of aborted transactions included"},
    {Family::kStepRecordsDropped, "sidestream_step_records_dropped_total", Kind::kCounter,
     Fold::kSum, kStepReason, "Records that ended in a step without a result"},
    {Family::kStepRecordsLate, "sidestream_step_records_late_total", Kind::kCounter, Fold::kSum,
     kStep, "Records that came too late for a step to decide about them, and passed"},
    {Family::kDeadLetters, "sidestream_dead_letters_total", Kind::kCounter, Fold::kSum, kStepCause,
     "Records that a step put aside as dead letters"},
    {Family::kEndToEndLatency, "sidestream_e2e_latency_seconds", Kind::kHistogram, Fold::kSum,
     kTopic, "Wall clock at the sink minus timestamp of the record, of a sample"},
    {Family::kStepWatermark, "sidestream_watermark_timestamp_seconds", Kind::kGauge, Fold::kMin,
     kStep, "Event time that a step with state has reached, of its slowest task here"},
    {Family::kInputWatermark, "sidestream_input_watermark_timestamp_seconds", Kind::kGauge,
     Fold::kMin, kTopicPartition, "Event time that an input partition has reached"},
    {Family::kRecordsAhead, "sidestream_records_ahead_total", Kind::kCounter, Fold::kSum, kNone,
     "Records dated so far in the future that they moved no watermark"},
    {Family::kRecordsLateAfterIdle, "sidestream_records_late_after_idle_total", Kind::kCounter,
     Fold::kSum, kNone,
     "Records that are late because their partition was idle and not waited for"},
    {Family::kMemoryBytes, "sidestream_memory_bytes", Kind::kGauge, Fold::kSum, kPart,
     "Bytes that the buffers of the instance hold"},
    {Family::kStateMovedAside, "sidestream_state_moved_aside_total", Kind::kCounter, Fold::kSum,
     kNone, "State directories that did not fit and were moved aside for a full restore"},
    {Family::kRestoreRemainingOffsets, "sidestream_restore_remaining_offsets", Kind::kGauge,
     Fold::kSum, kNone, "Changelog offsets that restoring stores have still to read"},
    {Family::kRestoreRecords, "sidestream_restore_records_total", Kind::kCounter, Fold::kSum, kNone,
     "Changelog records applied while restoring"},
    {Family::kRestoreOffsetsPerSecond, "sidestream_restore_offsets_per_second", Kind::kGauge,
     Fold::kSum, kNone, "Changelog offsets that restores went past per second, lately"},
    {Family::kRestoreSecondsLeft, "sidestream_restore_seconds_left", Kind::kGauge, Fold::kMax,
     kNone, "Estimate of when the restores under way end; 0 without any"},
    {Family::kRestores, "sidestream_restores_total", Kind::kCounter, Fold::kSum, kSource,
     "Tasks with state that were opened, by what their stores were brought up from"},
    {Family::kRestoreFetchedBytes, "sidestream_restore_fetched_bytes_total", Kind::kCounter,
     Fold::kSum, kNone, "Bytes of images that restores fetched from the checkpoints' location"},
    {Family::kRestoreRemainingBytes, "sidestream_restore_remaining_bytes", Kind::kGauge, Fold::kSum,
     kNone, "Bytes of images that restores have still to fetch from the checkpoints' location"},
    {Family::kRestoreBytesPerSecond, "sidestream_restore_bytes_per_second", Kind::kGauge,
     Fold::kSum, kNone, "Bytes of images that restores fetched per second, lately"},
    {Family::kStandbyRemainingOffsets, "sidestream_standby_remaining_offsets", Kind::kGauge,
     Fold::kSum, kNone, "Changelog offsets that standbys have still to read"},
    {Family::kRebalances, "sidestream_rebalances_total", Kind::kCounter, Fold::kSum, kNone,
     "Assignments taken from the group"},
    {Family::kRebalanceDuration, "sidestream_rebalance_duration_seconds", Kind::kHistogram,
     Fold::kSum, kNone, "Time from a rebalance event to its answer"},
    {Family::kAssignedTasks, "sidestream_assigned_tasks", Kind::kGauge, Fold::kSum, kState,
     "Tasks of this instance by state"},
    {Family::kTasksUnowned, "sidestream_tasks_unowned", Kind::kGauge, Fold::kMax, kNone,
     "Tasks that no member of the group owns"},
    {Family::kTasksLost, "sidestream_tasks_lost_total", Kind::kCounter, Fold::kSum, kNone,
     "Tasks that the group took away without asking for them back"},
    {Family::kTasksReopened, "sidestream_tasks_reopened_total", Kind::kCounter, Fold::kSum, kNone,
     "Tasks closed and opened again on this instance"},
    {Family::kKafkaClientErrors, "sidestream_kafka_client_errors_total", Kind::kCounter, Fold::kSum,
     kClient, "Errors that a Kafka client reported and that go away by themselves"},
    {Family::kCommitDuration, "sidestream_commit_duration_seconds", Kind::kHistogram, Fold::kSum,
     kNone, "Time that the commit of a transaction takes"},
    {Family::kTransactionAborts, "sidestream_transaction_aborts_total", Kind::kCounter, Fold::kSum,
     kNone, "Transactions given up"},
    {Family::kProducerRebuilds, "sidestream_producer_rebuilds_total", Kind::kCounter, Fold::kSum,
     kNone, "Producers replaced by a new one"},
    {Family::kControlLeader, "sidestream_control_leader", Kind::kGauge, Fold::kMax, kNone,
     "1 while this instance leads the control topic"},
    {Family::kRepartitionPurges, "sidestream_repartition_purges_total", Kind::kCounter, Fold::kSum,
     kNone, "Purges of consumed records from repartition topics"},
    {Family::kCheckpoints, "sidestream_checkpoints_total", Kind::kCounter, Fold::kSum, kOutcome,
     "Checkpoints and savepoints that ended while this instance led"},
    {Family::kCheckpointNumber, "sidestream_checkpoint_number", Kind::kGauge, Fold::kMax, kNone,
     "Number of the newest complete checkpoint or savepoint"},
    {Family::kCheckpointTimestamp, "sidestream_checkpoint_timestamp_seconds", Kind::kGauge,
     Fold::kMax, kNone, "When the newest complete one began"},
    {Family::kCheckpointDuration, "sidestream_checkpoint_duration_seconds", Kind::kGauge,
     Fold::kMax, kNone, "How long the newest complete one took until it was stored"},
    {Family::kCheckpointBytes, "sidestream_checkpoint_bytes", Kind::kGauge, Fold::kMax, kNone,
     "Size of the newest complete one, files that it shares with others included"},
    {Family::kCheckpointPause, "sidestream_checkpoint_pause_seconds", Kind::kGauge, Fold::kMax,
     kNone, "Longest time that a task took no records for the last one"},
    {Family::kCheckpointPaused, "sidestream_checkpoint_paused_seconds_total", Kind::kCounter,
     Fold::kSum, kNone, "Time that tasks took no records because of checkpoints, of all tasks"},
    {Family::kCheckpointRevocations, "sidestream_checkpoint_revocations_total", Kind::kCounter,
     Fold::kSum, kNone, "Tasks that went on before a checkpoint was decided, which undid it"},
    {Family::kRegistryRequests, "sidestream_registry_requests_total", Kind::kCounter, Fold::kSum,
     kNone, "Requests to the schema registry"},
    {Family::kRegistryFailures, "sidestream_registry_failures_total", Kind::kCounter, Fold::kSum,
     kNone, "Requests to the schema registry that have to be sent again"},
    {Family::kRegistryWaiting, "sidestream_registry_waiting", Kind::kGauge, Fold::kSum, kNone,
     "Questions to the schema registry without an answer; partitions wait for them"},
    {Family::kBuildInfo, "sidestream_build_info", Kind::kGauge, Fold::kMax, kVersion,
     "1, with the version of the program"},
    {Family::kConfigHashInfo, "sidestream_config_hash_info", Kind::kGauge, Fold::kMax, kHash,
     "1, with a hash of the files that were loaded"},
}};

constexpr bool InEnumeratorOrder() {
  for (size_t i = 0; i < kFamilies.size(); ++i) {
    if (static_cast<size_t>(kFamilies[i].family) != i) return false;
  }
  return true;
}
static_assert(InEnumeratorOrder());

}  // namespace

std::span<const FamilyInfo> Families() { return kFamilies; }

const FamilyInfo& Info(Family family) { return kFamilies[static_cast<size_t>(family)]; }

}  // namespace sidestream::metrics
