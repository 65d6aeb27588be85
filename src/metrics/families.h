// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Every metric family of the program, once: name, kind, labels, help. The rest of the code
// names a family by its enumerator, so a name cannot be misspelt and
// docs/operations/metrics.md can be checked against this table.
//
// Rules: one prefix, base units, `_total` on counters, labels from bounded sets (never a
// key, a message or an offset).
//
// Threading: constants.

#pragma once

#include <span>
#include <string_view>

namespace sidestream::metrics {

enum class Kind { kCounter, kGauge, kHistogram };

/// How cells with equal labels (one per task or thread) become one series.
enum class Fold { kSum, kMax, kMin };

enum class Family {
  kRecordsConsumed,
  kRecordsLag,
  kPartitionsReassigned,
  kInputPauses,
  kRecordsProduced,
  kStepRecordsDropped,
  kStepRecordsLate,
  kDeadLetters,
  kEndToEndLatency,
  kStepWatermark,
  kInputWatermark,
  kRecordsAhead,
  kRecordsLateAfterIdle,
  kMemoryBytes,
  kStateMovedAside,
  kRestoreRemainingOffsets,
  kRestoreRecords,
  kRestoreOffsetsPerSecond,
  kRestoreSecondsLeft,
  kRestores,
  kRestoreFetchedBytes,
  kRestoreRemainingBytes,
  kRestoreBytesPerSecond,
  kStandbyRemainingOffsets,
  kRebalances,
  kRebalanceDuration,
  kAssignedTasks,
  kTasksUnowned,
  kTasksLost,
  kTasksReopened,
  kKafkaClientErrors,
  kCommitDuration,
  kTransactionAborts,
  kProducerRebuilds,
  kControlLeader,
  kRepartitionPurges,
  kCheckpoints,
  kCheckpointNumber,
  kCheckpointTimestamp,
  kCheckpointDuration,
  kCheckpointBytes,
  kCheckpointPause,
  kCheckpointPaused,
  kCheckpointRevocations,
  kRegistryRequests,
  kRegistryFailures,
  kRegistryWaiting,
  kBuildInfo,
  kConfigHashInfo,
};
inline constexpr size_t kFamilyCount = static_cast<size_t>(Family::kConfigHashInfo) + 1;

struct FamilyInfo {
  Family family;
  std::string_view name;
  Kind kind;
  Fold fold;
  /// Names of the labels, in the order in which values are given.
  std::span<const std::string_view> labels;
  std::string_view help;
};

/// In the order of the enumerators.
std::span<const FamilyInfo> Families();
const FamilyInfo& Info(Family family);

}  // namespace sidestream::metrics
