// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// RestorePool: several restorers side by side, each with its own reader and, in a running instance,
// its own thread: tasks are restored in parallel, and nobody who asks for it waits.
//
// Place in the flow: the task registry and the standbys hand their states in and take the outcomes
// out, on the background thread; the lanes do the reading and the writing.
//
// Ownership: a state that was handed in is the lane's until its outcome is taken.
//
// Threading: Register(), Cancel(), TakeOutcomes() on one thread; StepLane(i) on one thread for each
// lane, possibly the same; Progress() from any.

#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "changelog/store_restorer.h"
#include "kafka/admin.h"
#include "kafka/consumer.h"
#include "statestore/task_state.h"

namespace sidestream::changelog {

class RestorePool {
 public:
  /// One lane for each reader; all are borrowed and outlive the pool.
  RestorePool(kafka::Admin& admin, const std::vector<kafka::LogReader*>& readers,
              const Clock& clock, StoreRestorerOptions options = {}, RestoreRules rules = {});
  ~RestorePool();
  RestorePool(const RestorePool&) = delete;
  RestorePool& operator=(const RestorePool&) = delete;

  /// As StoreRestorer::Register(), in the lane that has the fewest tasks.
  void Register(const TaskId& task, statestore::TaskState& state,
                FarRestore far = FarRestore::kRead);
  /// Ends the restore of a registered task soon. Its outcome comes all the same, as kTaskMigrated
  /// unless it was there already; what was read stays.
  void Cancel(const TaskId& task);
  /// What has ended since the last call; the states are the caller's again.
  std::vector<RestoreOutcome> TakeOutcomes();
  /// No state is handed in.
  bool idle() const { return lane_of_.empty(); }

  size_t lane_count() const { return lanes_.size(); }
  /// Goes on with one lane and says how long its thread may rest.
  Milliseconds StepLane(size_t lane);
  StoreRestorer::ProgressReport Progress() const;

 private:
  struct Request {
    TaskId task;
    /// Null: cancel.
    statestore::TaskState* state = nullptr;
    FarRestore far = FarRestore::kRead;
  };
  struct Lane {
    Lane(kafka::Admin& admin, kafka::LogReader& reader, const Clock& clock,
         const StoreRestorerOptions& options, const RestoreRules& rules)
        : restorer(admin, reader, clock, options, rules) {}
    StoreRestorer restorer;
    /// Tasks handed in; of the registering thread.
    size_t tasks = 0;
    std::mutex mutex;
    std::vector<Request> requests;         // guarded by mutex
    std::vector<RestoreOutcome> outcomes;  // guarded by mutex
  };
  void Post(Lane& lane, Request request);

  const Clock& clock_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::map<TaskId, Lane*> lane_of_;
};

}  // namespace sidestream::changelog
