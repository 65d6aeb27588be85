// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// StandbyKeeper: follows the changelogs of tasks that another instance owns, so that this one has
// little to read when it is given them. A standby lies in the directory of its task, so taking over
// copies nothing: the keeper lets go, the task registry opens what is there.
//
//   wanted ──▶ kClosed ──▶ kResting ◀──▶ kReading ──▶ (released, or not wanted) gone
//                 ▲                        │ ▲ much is to be read at first
//                 └──── image placed ── kSeeking (image_restore.h)
//
// It follows in rounds: once a second (less often with many) it asks for the ends of its
// changelogs, and restores what lies behind, by the same restorer, checks and rules as any other
// restore (R8 among them).
//
// Invariants
//  N1. A standby never produces, never commits, and takes no part in the group.
//  N2. Release() first: the registry opens a task only when no standby holds its directory.
//  N3. A standby that does not hear of the ends grows old: what it says of its age (R8) is when it
//      last knew that it was complete.
//  N4. What cannot be followed is logged and tried again later; it never stops the instance.
//
// Threading: all on the background thread, save the counters; the pool's lanes do the reading.

#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "base/clock.h"
#include "changelog/restore_pool.h"
#include "checkpoint/control_view.h"
#include "checkpoint/presence_record.h"
#include "kafka/admin.h"
#include "statestore/image_source.h"
#include "statestore/task_state.h"
#include "tasks/image_restore.h"
#include "tasks/sub_topology.h"

namespace sidestream::tasks {

/// Written by the stepping thread, read by any.
struct StandbyCounters {
  std::atomic<int64_t> standbys{0};
};

class StandbyKeeper {
 public:
  struct Dependencies {
    kafka::Admin& admin;
    changelog::RestorePool& restores;
    statestore::TaskStateFactory& states;
    const checkpoint::ControlView& control;
    const Clock& clock;
    /// Null: there is nothing to restore from but the changelogs.
    statestore::ImageSource* images = nullptr;
  };

  /// `application` and all of `dependencies` is borrowed and outlives the keeper; the pool is this
  /// object's alone.
  StandbyKeeper(const ApplicationSpec& application, Dependencies dependencies);
  ~StandbyKeeper();

  /// The tasks to follow from now on; one that is not in it is let go of.
  void WantedAre(const std::set<TaskId>& tasks);
  /// Lets go of one; true: no standby holds its directory (any more).
  bool Release(const TaskId& task);
  void Step();

  /// All of them with the positions of their stores.
  std::vector<checkpoint::PresentTask> Present() const;
  const StandbyCounters& counters() const { return counters_; }

 private:
  enum class Stage { kClosed, kResting, kReading, kSeeking };
  struct Standby {
    const SubTopologySpec* spec = nullptr;
    Stage stage = Stage::kClosed;
    bool leaving = false;
    /// It was looked for an image already, or is.
    bool sought = false;
    std::unique_ptr<ImageRestore> image;
    std::unique_ptr<statestore::TaskState> state;
    MonotonicTime not_before{};
    MonotonicTime flushed_at{};
    /// Applied since the last flush.
    bool moved = false;
    /// When the round that goes on was begun, and when the stores were last known to be at the
    /// ends.
    Timestamp begun_at;
    Timestamp complete_at;
    /// Of the last time that it stood at the ends; empty: it never did.
    std::vector<checkpoint::StoreProgress> positions;
  };

  void Open(const TaskId& task, Standby& standby);
  void Follow(const TaskId& task, Standby& standby,
              changelog::FarRestore far = changelog::FarRestore::kRead);
  void Seek(const TaskId& task, Standby& standby, std::vector<changelog::LogAhead> logs);
  void SeekImage(const TaskId& task, Standby& standby);
  void OnOutcome(const changelog::RestoreOutcome& outcome);
  static void NotePositions(Standby& standby);
  void MaybeFlush(const TaskId& task, Standby& standby);
  void Look();
  void TakeEnds();
  void Close(const TaskId& task, Standby& standby, bool dirty);
  void Later(const TaskId& task, Standby& standby, const Status& why);
  void DropLeaving();

  const ApplicationSpec& application_;
  Dependencies dependencies_;
  std::map<TaskId, Standby> standbys_;
  MonotonicTime looked_at_{};
  Timestamp asked_at_;
  kafka::Admin::Reply<std::vector<kafka::PartitionOffset>> ends_reply_;
  StandbyCounters counters_;
};

}  // namespace sidestream::tasks
