// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// OverlayTaskState: TaskState over a StateBackend. Holds the open transaction in memory, and what
// was committed lately; keeps what the directory knows of its stores, and decides at open which of
// them fit.
//
// Invariant: rows and positions reach the backend together, so that after a crash it is some
// earlier commit, whole (B1, B2).
//
// Threading: as TaskState.

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "statestore/cache_budget.h"
#include "statestore/state_backend.h"
#include "statestore/state_meta.h"
#include "statestore/task_state.h"

namespace sidestream::statestore {

class OverlayStore;

class OverlayTaskState final : public TaskState {
 public:
  /// Opens the stores in `backend`. A store of another fingerprint is emptied; a store that
  /// is not in `stores` is left as it is. `released` runs when files and locks are let go.
  /// Fails with kTaskCorrupted when the directory is another's or of another format, and then
  /// has changed nothing. The budget is shared by all tasks of the process.
  static Result<std::unique_ptr<OverlayTaskState>> Open(const Identity& identity,
                                                        std::span<const StoreSpec> stores,
                                                        std::unique_ptr<StateBackend> backend,
                                                        std::shared_ptr<CacheBudget> budget);
  ~OverlayTaskState() override;

  size_t store_count() const override { return specs_.size(); }
  const StoreSpec& spec(size_t store) const override { return specs_.at(store); }
  KeyValueStore& store(size_t store) override;

  void ForEachChange(size_t store, const std::function<void(const Change&)>& visit) override;
  bool HasChanges() const override;
  size_t uncommitted_bytes() const override;
  Status Apply(const AppliedCommit& commit) override;
  void Rollback() override;

  CommitSequence sequence() const override { return sequence_; }
  StorePosition position(size_t store) const override;
  Status SetChangelogId(size_t store, const TopicId& id) override;
  Status ApplyRestored(size_t store, std::span<const Change> rows, Offset position,
                       CommitSequence sequence) override;
  Status IngestRestored(size_t store, std::span<const Change> rows, Offset position,
                        CommitSequence sequence) override;
  Status BeginFullRestore(size_t store, Timestamp now) override;
  void FinishRestore(size_t store) override { complete_.at(store) = true; }
  Status Clear(size_t store) override;
  Result<bool> Empty(size_t store) override;
  Status Scan(size_t store,
              const std::function<void(std::string_view, std::string_view)>& visit) override;

  Status Flush(Timestamp now) override;
  Status SaveImage(const std::filesystem::path& into, Timestamp now) override;
  std::optional<Timestamp> complete_at() const override;
  Status Close(bool dirty, Timestamp now) override;

 private:
  OverlayTaskState(std::span<const StoreSpec> stores, std::unique_ptr<StateBackend> backend,
                   std::shared_ptr<CacheBudget> budget);
  Status LoadMeta(const Identity& identity);
  Status LoadStore(size_t store);
  /// Notes what a replay has brought `store` to.
  void Restored(size_t store, Offset position, CommitSequence sequence);
  /// Adds the meta entries that changed since the last write; they point into `owned`.
  void AddMeta(std::vector<TableRow>& rows, std::vector<std::string>& owned) const;
  void MetaIsWritten();
  /// Writes what the backend lacks of the committed rows, `restored_`, and the meta entries that
  /// changed since the last time, in one batch.
  Status WriteWithMeta();
  /// The same if a store keeps back more than `allowed` bytes of rows.
  Status WriteHeld(int64_t allowed = 0);

  std::vector<StoreSpec> specs_;
  // Before the caches, which give their bytes back to it.
  std::shared_ptr<CacheBudget> budget_;
  std::unique_ptr<StateBackend> backend_;
  std::vector<std::unique_ptr<OverlayStore>> stores_;

  CommitSequence sequence_{0};
  std::vector<StoreMeta> meta_;
  // Per store: it is known to hold everything up to its changelog's end.
  std::vector<bool> complete_;
  // Meta that the backend does not have yet; rides on the next batch.
  std::string identity_bytes_;
  bool identity_written_ = false;
  bool sequence_written_ = true;
  std::vector<bool> meta_written_;

  std::vector<TableRow> restored_;
};

}  // namespace sidestream::statestore
