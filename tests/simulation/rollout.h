// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Who starts instances: of the one version that there is, or of the versions that follow each other
// in one group, each taking over from the one before while both are killed and started. Does what
// docs/operations/changing.md tells an operator to do.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "simulated_cluster.h"

namespace sidestream::simulation {

/// Versions in the order in which they run.
struct VersionPath {
  std::vector<Version> versions;
  /// Neighbours may be members of the group at the same time.
  bool side_by_side = true;

  /// Totals of the last one count all that it reads.
  bool keeps_totals() const;
};
std::string Describe(const VersionPath& path);

class Rollout {
 public:
  /// No versions: all instances are as the cluster's options say. `path` is borrowed.
  Rollout(SimulatedCluster& cluster, const VersionPath& path);

  /// Starts all, and lets the first version record its anchors: before that another one, started at
  /// the same moment, would choose its own. False: it did not come to rest.
  bool Begin();
  /// Starts the instance, as a version that is current; it may be refused, and then it does not run.
  void Start(size_t index);
  void StartMissing();
  /// Starts who is missing and ticks until it `rests`, or the limit; says which.
  bool RunUntil(Milliseconds limit, const std::function<bool()>& rests);
  /// The next version comes: from now on instances are started as the former one, or as this one.
  void Next();
  /// So many versions are still to come.
  size_t left() const { return path_.versions.empty() ? 0 : path_.versions.size() - 1 - current_; }
  /// Only the last version from now on; instances of the others are told to stop.
  void Finish();
  /// Topics that the current version reads: what others read may come later.
  std::vector<std::string> Topics() const;

  /// Why a version was not let in that should have been.
  const std::optional<std::string>& refusal() const { return refusal_; }

 private:
  bool OthersRun(size_t version) const;

  SimulatedCluster& cluster_;
  const VersionPath& path_;
  size_t current_ = 0;
  bool finishing_ = false;
  /// What each instance is, or was when it last ran.
  std::vector<size_t> version_of_;
  std::optional<std::string> refusal_;
};

}  // namespace sidestream::simulation
