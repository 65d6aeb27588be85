// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Runs that are aimed at one rule: each holds with the rule on (simulation_test.cc) and is caught by an
// oracle with the rule off (switched_off_test.cc). They return what is violated.

#pragma once

#include <cstdint>

#include "chaos.h"

namespace sidestream::simulation {

/// So many seeds of a scenario that is made for one rule.
inline constexpr uint64_t kAimedSeeds = 5;

/// Transaction markers are up to four seconds late.
Chaos LateMarkers();
/// Instances are evicted all the time, and die never.
Chaos ManyEvictions();
/// Only the engine's own permits keep an evicted member from committing.
ClusterOptions ClientThatRefusesNoMembership();
/// Only the worker itself drops what was fetched for an earlier life of a partition.
ClusterOptions ClientWithoutFetchNumbers();

/// An instance stands still for six hours and is evicted meanwhile; then its offsets are due again
/// (KIP-211) although it read nothing, and its worker is ahead of its member. What it writes is
/// fenced by the offsets that it sends, and by nothing else. Nothing new comes in: it would move
/// positions.
Violations WakeAfterSixHours(ClusterOptions options);

/// An instance dies after a commit whose markers reach its changelogs late, while its offsets are
/// stable: another one restores with the commit's records still unreadable behind the last stable
/// offset.
Violations RestoreBeforeTheMarkers(ClusterOptions options);

/// An instance takes its tasks over again and again while records come in and its worker lags.
Violations RestartsWhileRecordsFlow(ClusterOptions options);

/// The broker executes a commit, and for longer than the worker waits no answer comes back.
Violations CommitWhoseAnswersAreLost(ClusterOptions options);

/// Somebody commits older offsets, with the stamps that they had, while no instance runs.
Violations OffsetsPutBackFromOutside(ClusterOptions options);

/// An input topic is deleted and created again while no instance runs, and somebody puts the offsets back.
Violations TopicCreatedAgain(ClusterOptions options);

/// At least once: again and again a whole instance stands still for longer than its session, with
/// whatever it is at, and its workers wake up before its member does. No broker refuses what they
/// write.
Violations WakesUpBehindItsSuccessor(ClusterOptions options);

/// A worker stands still with uncommitted work while the group moves half of its tasks.
Violations TasksMoveWhileAWorkerLags(ClusterOptions options);

/// Two versions that own the same tasks through different inputs start at the same moment, in an empty
/// group.
Violations TwoVersionsStartAtOnce(ClusterOptions options);

}  // namespace sidestream::simulation
