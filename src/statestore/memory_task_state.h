// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Task states in memory: for `run --embedded`, the test verb and simulation. The factory plays
// the disk of one instance: what a state held when it was closed or crashed is there when its
// task is opened again.
//
// Fault model (that of RocksDB with its WAL off and atomic_flush on): a crash loses a suffix of
// the applies since the last flush, whole applies, rows and meta together.
//
// Threading: the factory is thread-safe; a state is confined as TaskState says. Crash() and
// Wipe() require that no state of this factory is in use.

#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "statestore/cache_budget.h"
#include "statestore/task_state.h"

namespace sidestream::statestore {

struct MemoryTaskStateOptions {
  std::string application;
  /// Bytes of read cache for all stores together. Rows are in memory anyway: none is right
  /// except for tests of the cache.
  size_t cache_bytes = 0;
  /// False breaks the fault model on purpose, for the negative test of an oracle: a crash
  /// then loses the rows of unflushed applies but keeps their positions.
  bool atomic_flush = true;
};

class MemoryDisk;

class MemoryTaskStateFactory final : public TaskStateFactory {
 public:
  explicit MemoryTaskStateFactory(MemoryTaskStateOptions options);
  ~MemoryTaskStateFactory() override;

  Result<std::unique_ptr<TaskState>> Open(const TaskId& task,
                                          std::span<const StoreSpec> stores) override;
  Status MoveAside(const TaskId& task, std::string_view reason) override;
  Result<std::unique_ptr<TaskState>> OpenImage(const std::filesystem::path& image,
                                               const Identity& owner,
                                               std::span<const StoreSpec> stores) override;
  Status PlaceImage(const TaskId& task, const std::filesystem::path& image) override;

  /// The process of this instance dies: unflushed applies are lost. With `random` each task
  /// keeps a random prefix of them, as if the memory had been flushed in between. States that
  /// are still open turn into ghosts: destroy them, they touch nothing.
  void Crash(Random* random = nullptr);
  /// The disk of this instance is lost.
  void Wipe();
  /// Directories that were moved aside since the factory was made.
  int64_t moved_aside() const;

 private:
  static Result<std::shared_ptr<MemoryDisk>> ReadImage(const std::filesystem::path& image);

  const MemoryTaskStateOptions options_;
  const std::shared_ptr<CacheBudget> budget_;
  mutable std::mutex mutex_;
  // Shared with the open states, which outlive a Crash() as ghosts. Guarded by mutex_.
  std::map<TaskId, std::shared_ptr<MemoryDisk>> disks_;
  int64_t moved_aside_ = 0;
};

}  // namespace sidestream::statestore
