// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The layout of a state directory: one directory per task, its lock beside it, and what was
// moved aside.
//
//   <state.dir>/<application>/<anchor topic>_<partition>/            RocksDB of the task
//   <state.dir>/<application>/<anchor topic>_<partition>.lock        held while it is open
//   <state.dir>/<application>/<anchor topic>_<partition>.aside-<ms>  the newest stays 7 days
//
// Persistent: docs/formats/state-directory.md.
//
// Invariant: a directory is moved or removed only under its lock. The lock lies beside the
// directory, so that it stays the same file when the directory moves.
//
// Threading: all functions may be called from any thread.

#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"
#include "base/status.h"

namespace sidestream::statestore {

/// kFatal with the path and what to do; `error` is what the system or RocksDB said.
Status DiskFullError(const std::filesystem::path& path, std::string_view error);
Status DiskError(const std::filesystem::path& path, std::string_view error);

/// The right to use the directory of one task, until destroyed.
class TaskLock {
 public:
  explicit TaskLock(int descriptor) : descriptor_(descriptor) {}
  ~TaskLock();
  TaskLock(const TaskLock&) = delete;
  TaskLock& operator=(const TaskLock&) = delete;

 private:
  const int descriptor_;
};

class StateDirectory {
 public:
  static constexpr Milliseconds kKeepAside = std::chrono::hours(24 * 7);

  /// `clock` is borrowed and outlives the directory.
  StateDirectory(const std::filesystem::path& state_dir, const std::string& application,
                 const Clock& clock);

  /// Where the task's rows lie, whether or not they exist.
  std::filesystem::path PathOf(const TaskId& task) const;

  /// Makes the application's directory if need be and takes the lock. kUnavailable: another
  /// process (or another part of this one) has it, the message says which.
  Result<std::unique_ptr<TaskLock>> Lock(const TaskId& task) const;

  /// Renames the task's directory, deletes older ones that were moved aside, and logs it.
  /// Nothing happens when there is no directory. Requires: the lock is held.
  Status MoveAside(const TaskId& task, std::string_view reason) const;

  /// Renames the folder `from`, which lies on the same volume, to be the task's directory, durably; one
  /// that is there goes. Requires: the lock is held.
  Status Place(const TaskId& task, const std::filesystem::path& from) const;

  /// Deletes what was moved aside more than seven days ago. Requires: the lock is held.
  void RemoveOldAside(const TaskId& task) const;

 private:
  std::string NameOf(const TaskId& task) const;
  /// Where the task's directory is now; empty: there was none.
  Result<std::filesystem::path> RenameAside(const TaskId& task) const;
  /// When a directory of this name was moved aside; empty: it is none of the task's.
  std::optional<int64_t> TimeOfAside(const TaskId& task, const std::string& name) const;
  void RemoveAside(const TaskId& task, int64_t older_than_ms) const;

  const std::filesystem::path root_;
  const Clock& clock_;
};

}  // namespace sidestream::statestore
