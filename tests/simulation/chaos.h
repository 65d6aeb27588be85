// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// One run of a cluster: a safety phase in which records come and faults happen, then a liveness
// phase in which the faults stop and everything must settle, then the oracles.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "crash_points.h"
#include "oracles.h"
#include "rollout.h"
#include "second_start.h"
#include "simulated_cluster.h"

namespace sidestream::simulation {

struct Chaos {
  static constexpr int64_t kNever = 1'000'000'000;

  int64_t ids = 120;
  /// Once in so many ticks, of each instance.
  int64_t kill_one_in = 400;
  int64_t expire_one_in = 600;
  int64_t stop_one_in = 800;
  /// The wall clock of an instance is set anew, up to an hour off.
  int64_t jump_clock_one_in = kNever;
  /// A number in AllCrashPoints(): instances die there, one in so many that get to it.
  std::optional<size_t> crash_point;
  int64_t crash_one_in = 10;
  /// Somebody asks for a savepoint once in so many ticks.
  int64_t savepoint_one_in = kNever;
  /// Checkpoints are stored in fits and starts.
  bool slow_location = false;
  /// An instance that comes back has an empty disk once in so many times.
  int64_t empty_disk_one_in = 4;
  /// All instances die at once, and their disks are lost, once in so many ticks.
  int64_t all_lost_one_in = kNever;
  /// With images: when all has settled, disks are lost again and again.
  int lost_disks = 0;
  /// The place where images are looked for has one fault or another, or none.
  bool unreliable_images = false;
  /// The longest tick while there are faults.
  Milliseconds pace = SimulatedCluster::kTick;
  /// With standbys: when all has settled an instance is lost, and copies of its states take over.
  bool copies_take_over = false;
  bool network_faults = true;
  Milliseconds network_delay_max{300};
  /// Transaction markers may come this late: committed records stay unreadable for as long.
  Milliseconds marker_delay_max{0};
  /// Versions that follow each other; else there is one.
  VersionPath versions;
  /// In the end a second application starts from one of the checkpoints, or from a savepoint.
  std::optional<SecondStart> second_start;
  /// How long a run may take to settle, in virtual time.
  Milliseconds settle_max{180'000};
  /// An evicted instance may go on for a while without knowing it.
  bool zombies() const { return network_faults || expire_one_in < kNever; }
};

/// Starts whoever does not run.
void StartAll(SimulatedCluster& cluster);
/// The faults end. Ticks until everything is read and committed and every task runs once, or the limit;
/// says which. Who ends meanwhile is started again: who was told to stop, and who lost its name to a
/// late request of an earlier life.
bool SettleDown(SimulatedCluster& cluster, Milliseconds limit);
/// The same; `rollout` starts them.
bool SettleDown(SimulatedCluster& cluster, Rollout& rollout, Milliseconds limit);
/// Feeds, disturbs, lets everything settle; the violations, or why it did not settle.
Violations RunChaos(SimulatedCluster& cluster, const Chaos& chaos, bool exactly);
/// The same with the application of windows, whose results event time makes.
Violations RunWindowChaos(SimulatedCluster& cluster, const Chaos& chaos, bool exactly);

/// The first ones, line by line.
std::string Text(const Violations& violations);

}  // namespace sidestream::simulation
