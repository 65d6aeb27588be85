// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Standbys: the part of an instance that keeps copies of other instances' states up to date: what
// it says and hears over the presence topic, which tasks it follows because of that, and the
// following itself.
//
// Invariants
//  Y1. A standby that is no longer among the chosen ones stays until as many others have caught up:
//      an instance that joins does not cost the copy that is there.
//  Y2. Nothing is begun before everybody has had the time to say that he is there.
//
// Threading: Step() and Release() on the background thread, StepLane() on one of its own.

#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "changelog/restore_pool.h"
#include "checkpoint/control_view.h"
#include "checkpoint/presence.h"
#include "kafka/cluster.h"
#include "statestore/task_state.h"
#include "tasks/standby_keeper.h"
#include "tasks/sub_topology.h"

namespace sidestream::tasks {

struct StandbyOptions {
  /// The instance, and the address that its HTTP listener answers at.
  std::string name;
  std::string address;
  std::string client_id;
  /// As StoreRestorerOptions::chunk_bytes_max.
  size_t restore_bytes = changelog::StoreRestorerOptions().chunk_bytes_max;
  /// As StoreRestorerOptions::ask_elsewhere_from.
  int64_t seek_images_from = changelog::kAskElsewhereFrom;
};

class Standbys {
 public:
  struct Dependencies {
    kafka::Cluster& cluster;
    kafka::Admin& admin;
    statestore::TaskStateFactory& states;
    const checkpoint::ControlView& control;
    const Clock& clock;
    /// As StandbyKeeper::Dependencies::images.
    statestore::ImageSource* images = nullptr;
  };

  /// Requires standby_replicas > 0. `application` and `dependencies` are borrowed and outlive it.
  static Result<std::unique_ptr<Standbys>> Create(const ApplicationSpec& application,
                                                  Dependencies dependencies,
                                                  StandbyOptions options);

  /// `owned`: what the group gave this instance, with the positions that are known.
  void Step(const std::vector<checkpoint::PresentTask>& owned, bool stopping);
  Milliseconds StepLane() { return restores_.StepLane(0); }
  /// As StandbyKeeper::Release().
  bool Release(const TaskId& task) { return keeper_.Release(task); }
  /// Every standby is let go of; after Step() with `stopping`.
  bool idle() const { return keeper_.Present().empty(); }

  const StandbyCounters& counters() const { return keeper_.counters(); }
  changelog::StoreRestorer::ProgressReport Progress() const { return restores_.Progress(); }

 private:
  Standbys(const ApplicationSpec& application, Dependencies dependencies, StandbyOptions options,
           std::unique_ptr<kafka::LogReader> presence_reader,
           std::unique_ptr<kafka::LogReader> restore_reader);
  std::set<TaskId> Choose(const std::vector<checkpoint::PresentTask>& owned,
                          const std::vector<checkpoint::PresentTask>& kept) const;

  const size_t replicas_;
  const StandbyOptions options_;
  /// Tasks that have something to follow.
  std::vector<TaskId> tasks_;
  const std::unique_ptr<kafka::LogReader> presence_reader_;
  const std::unique_ptr<kafka::LogReader> restore_reader_;
  checkpoint::Presence presence_;
  changelog::RestorePool restores_;
  StandbyKeeper keeper_;
};

}  // namespace sidestream::tasks
