// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What the cluster says about a topology, as findings with their places: `validate --connect`.
// The checks are those of a start (startup_check.h), and the rights of the user (rights_check.h).
//
// Threading: confined to the command's thread.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/waiting.h"
#include "base/clock.h"
#include "kafka/cluster.h"
#include "topology/finding.h"
#include "topology/loader.h"
#include "topology/plan.h"

namespace sidestream::app {

struct ConnectedCheck {
  /// For the counts that were found; null when a finding is an error of the plan, or when nothing
  /// is known of the cluster.
  std::shared_ptr<const topology::Plan> plan;
  std::vector<topology::Finding> findings;
  /// The cluster did not answer in time.
  bool unreachable = false;
};

/// Requires a topology that loaded. `file_words`: FileWords(), for the commands in suggestions.
ConnectedCheck CheckConnected(const topology::LoadedTopology& loaded, kafka::Cluster& cluster,
                              Waiting& waiting, Milliseconds timeout,
                              const std::string& file_words);

}  // namespace sidestream::app
