// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Task states in a state directory, over RocksDB.
//
// Memory: one budget for block cache, write buffers and the stores' read caches of the
// whole process. A task without stores touches neither the disk nor RocksDB.
//
// Threading: the factory is thread-safe; a state is confined as TaskState says.

#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/clock.h"
#include "statestore/cache_budget.h"
#include "statestore/state_directory.h"
#include "statestore/task_state.h"

namespace sidestream::statestore {

class RocksdbResources;

struct StateOptions {
  /// Setting state.dir.
  std::string dir;
  std::string application;
  /// Setting state.memory; 0: a quarter of what the process may use, 32 MiB to 1 GiB.
  size_t memory_bytes = 0;
};

/// Bytes that all states of the process may use together.
size_t StateMemory(const StateOptions& options);

class RocksdbTaskStateFactory final : public TaskStateFactory {
 public:
  /// `clock` is borrowed and outlives the factory.
  RocksdbTaskStateFactory(StateOptions options, const Clock& clock);
  ~RocksdbTaskStateFactory() override;

  Result<std::unique_ptr<TaskState>> Open(const TaskId& task,
                                          std::span<const StoreSpec> stores) override;
  Status MoveAside(const TaskId& task, std::string_view reason) override;
  Result<std::unique_ptr<TaskState>> OpenImage(const std::filesystem::path& image,
                                               const Identity& owner,
                                               std::span<const StoreSpec> stores) override;
  Status PlaceImage(const TaskId& task, const std::filesystem::path& image) override;

  size_t memory_bytes() const { return memory_bytes_; }
  /// What the stores' read caches hold now, and what blocks and write buffers do.
  int64_t cache_bytes() const { return budget_->used(); }
  int64_t block_bytes() const;
  /// Directories that were moved aside since the factory was made.
  int64_t moved_aside() const { return moved_aside_.load(std::memory_order_relaxed); }

 private:
  const StateOptions options_;
  const size_t memory_bytes_;
  const StateDirectory directory_;
  const std::shared_ptr<CacheBudget> budget_;
  const std::shared_ptr<RocksdbResources> resources_;
  std::atomic<int64_t> moved_aside_{0};
};

}  // namespace sidestream::statestore
