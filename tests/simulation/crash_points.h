// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Moments at which an instance may be killed, by name: of the commit cycle, of opening and restoring a
// task, and of a checkpoint. They are looked at between two ticks, so requests have to take a while
// for all of them to be seen.

#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "tasks/instance.h"

namespace sidestream::simulation {

struct CrashPoint {
  const char* name;
  /// Whether the instance stands at the point now. It may remember what it saw, so each instance wants
  /// a copy of its own.
  std::function<bool(tasks::Instance&)> reached;
  /// What the stores keep: nothing unflushed (as if the apply had not happened), or some of it.
  bool lose_unflushed = true;
};

/// Of the commit cycle and of opening a task.
std::vector<CrashPoint> CommitPoints(bool exactly_once);
/// Of a checkpoint, as the instance has read of it.
std::vector<CrashPoint> CheckpointPoints();
/// Both.
std::vector<CrashPoint> AllCrashPoints(bool exactly_once);

class SimulatedCluster;

/// Kills instances that get to a point, one arrival in so many.
class PointKiller {
 public:
  PointKiller(const CrashPoint& point, int64_t one_in, size_t instances)
      : one_in_(one_in), watched_(instances, Watched{point}) {}

  /// After a tick.
  void Look(SimulatedCluster& cluster);

 private:
  struct Watched {
    CrashPoint point;
    /// The moment of arrival counts, not how long the instance stays.
    bool inside = false;
  };
  const int64_t one_in_;
  std::vector<Watched> watched_;
};

}  // namespace sidestream::simulation
