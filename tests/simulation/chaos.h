// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// One run of a cluster: a safety phase in which records come and faults happen, then a liveness
// phase in which the faults stop and everything must settle, then the oracles.

#pragma once

#include <string>

#include "oracles.h"
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
  bool network_faults = true;
  Milliseconds network_delay_max{300};
  /// Transaction markers may come this late: committed records stay unreadable for as long.
  Milliseconds marker_delay_max{0};
  /// How long a run may take to settle, in virtual time.
  Milliseconds settle_max{180'000};
  /// An evicted instance may go on for a while without knowing it.
  bool zombies() const { return network_faults || expire_one_in < kNever; }
};

/// Feeds, disturbs, lets everything settle; the violations, or why it did not settle.
Violations RunChaos(SimulatedCluster& cluster, const Chaos& chaos, bool exactly);
/// The same with the application of windows, whose results event time makes.
Violations RunWindowChaos(SimulatedCluster& cluster, const Chaos& chaos, bool exactly);

/// The first ones, line by line.
std::string Text(const Violations& violations);

}  // namespace sidestream::simulation
