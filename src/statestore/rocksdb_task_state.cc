// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "statestore/rocksdb_task_state.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/cgroup.h"
#include "base/log.h"
#include "statestore/overlay_task_state.h"
#include "statestore/rocksdb_backend.h"

namespace sidestream::statestore {
namespace {

constexpr int64_t kMiB = int64_t{1} << 20;

// The stores of a task with the lock of its directory: files are let go before the lock.
class LockedBackend final : public StateBackend {
 public:
  LockedBackend(std::shared_ptr<TaskLock> lock, std::unique_ptr<StateBackend> rows)
      : lock_(std::move(lock)), rows_(std::move(rows)) {}

  Result<bool> Get(size_t table, std::string_view key, std::string& value) override {
    return rows_->Get(table, key, value);
  }
  Status Write(std::span<const TableRow> rows) override { return rows_->Write(rows); }
  Status Ingest(size_t table, std::span<const Change> sorted,
                std::span<const TableRow> beside) override {
    return rows_->Ingest(table, sorted, beside);
  }
  Status Flush() override { return rows_->Flush(); }
  Status SaveImage(const std::filesystem::path& into) override { return rows_->SaveImage(into); }
  Status Drop(size_t table) override { return rows_->Drop(table); }
  Result<bool> Empty(size_t table) override { return rows_->Empty(table); }
  Status Scan(size_t table, std::string_view from, std::string_view to,
              const KeyValueStore::VisitRow& visit) override {
    return rows_->Scan(table, from, to, visit);
  }

 private:
  const std::shared_ptr<TaskLock> lock_;
  const std::unique_ptr<StateBackend> rows_;
};

}  // namespace

size_t StateMemory(const StateOptions& options) {
  if (options.memory_bytes != 0) return options.memory_bytes;
  return static_cast<size_t>(std::clamp(UsableMemoryBytes() / 4, 32 * kMiB, 1024 * kMiB));
}

RocksdbTaskStateFactory::RocksdbTaskStateFactory(StateOptions options, const Clock& clock)
    : options_(std::move(options)),
      memory_bytes_(StateMemory(options_)),
      directory_(options_.dir, options_.application, clock),
      budget_(std::make_shared<CacheBudget>(memory_bytes_ / 2)),
      resources_(RocksdbResources::Make(memory_bytes_ - memory_bytes_ / 2)) {}

RocksdbTaskStateFactory::~RocksdbTaskStateFactory() = default;

int64_t RocksdbTaskStateFactory::block_bytes() const {
  return static_cast<int64_t>(resources_->used_bytes());
}

Result<std::unique_ptr<TaskState>> RocksdbTaskStateFactory::Open(
    const TaskId& task, std::span<const StoreSpec> stores) {
  const Identity identity{.application = options_.application, .task = task};
  if (stores.empty()) {
    ASSIGN_OR_RETURN(auto state, OverlayTaskState::Open(identity, stores, nullptr, budget_));
    return std::unique_ptr<TaskState>(std::move(state));
  }
  ASSIGN_OR_RETURN(std::shared_ptr<TaskLock> lock, directory_.Lock(task));
  directory_.RemoveOldAside(task);
  std::vector<std::string> names;
  for (const StoreSpec& store : stores) names.push_back(store.name);

  const auto open = [&]() -> Result<std::unique_ptr<TaskState>> {
    ASSIGN_OR_RETURN(auto rows, OpenRocksdb(directory_.PathOf(task), names, resources_));
    auto backend = std::make_unique<LockedBackend>(lock, std::move(rows));
    ASSIGN_OR_RETURN(auto state,
                     OverlayTaskState::Open(identity, stores, std::move(backend), budget_));
    return std::unique_ptr<TaskState>(std::move(state));
  };
  auto state = open();
  if (state.ok() || state.status().code() != StatusCode::kTaskCorrupted) return state;
  RETURN_IF_ERROR(directory_.MoveAside(task, state.status().message()));
  moved_aside_.fetch_add(1, std::memory_order_relaxed);
  return open();
}

Status RocksdbTaskStateFactory::MoveAside(const TaskId& task, std::string_view reason) {
  ASSIGN_OR_RETURN(const std::unique_ptr<TaskLock> lock, directory_.Lock(task));
  RETURN_IF_ERROR(directory_.MoveAside(task, reason));
  moved_aside_.fetch_add(1, std::memory_order_relaxed);
  return {};
}

Result<std::unique_ptr<TaskState>> RocksdbTaskStateFactory::OpenImage(
    const std::filesystem::path& image, const Identity& owner, std::span<const StoreSpec> stores) {
  std::vector<std::string> names;
  for (const StoreSpec& store : stores) names.push_back(store.name);
  // A folder that is not there would become an empty database.
  std::error_code error;
  if (!std::filesystem::exists(image / "CURRENT", error)) {
    return Status::TaskCorrupted("there is no image of a state: path=" + image.string());
  }
  ASSIGN_OR_RETURN(auto rows, OpenRocksdb(image, names, resources_));
  ASSIGN_OR_RETURN(auto state, OverlayTaskState::Open(owner, stores, std::move(rows), budget_));
  return std::unique_ptr<TaskState>(std::move(state));
}

Status RocksdbTaskStateFactory::PlaceImage(const TaskId& task, const std::filesystem::path& image) {
  ASSIGN_OR_RETURN(const std::unique_ptr<TaskLock> lock, directory_.Lock(task));
  return directory_.Place(task, image);
}

}  // namespace sidestream::statestore
