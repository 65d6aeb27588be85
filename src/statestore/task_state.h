// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// TaskState: all stores of one task and what is known about them, as one thing that is
// committed at once. A store is always a committed prefix of its changelog.
//
// Place in the flow: operators read and write the stores during a transaction; the task
// takes the changes out for the changelog before the Kafka commit and calls Apply() after
// it, or Rollback() after an abort; the restorer calls ApplyRestored().
//
// Implementations: RocksDB (a column family per store plus "meta", WAL off, atomic_flush)
// and memory (tests and `run --embedded`); one suite for both.
//
// Invariants
//  S1. Nothing uncommitted reaches the backend: uncommitted writes live in overlays.
//  S2. Apply() writes data, changelog positions and commit sequence in one batch.
//  S3. A healthy directory is never wiped: one that does not fit is moved aside.
//
// Threading: confined to one thread at a time; the hand-over (pool to worker) is the
// caller's to order.

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/status.h"
#include "base/store_layout.h"
#include "statestore/key_value_store.h"
#include "statestore/state_meta.h"

namespace sidestream::statestore {

/// One store of a task, as the plan names it.
struct StoreSpec {
  std::string name;
  std::string changelog_topic;
  /// Of the layout's parts: another one means another store (R27).
  uint64_t fingerprint = 0;
  StoreLayout layout = {};
};

/// What the directory knows of one store.
struct StorePosition {
  /// Next changelog offset to apply; empty: never applied anything, restore from the start.
  std::optional<Offset> changelog_position;
  /// Id of the changelog topic the position belongs to.
  TopicId changelog_id;
  /// When this store was last known to hold all of its changelog, or when its replay from the
  /// start began (R8). Kept per store: one that was out of the plan for a while ages alone.
  std::optional<Timestamp> complete_at = std::nullopt;
};

/// What a commit has made true: in the order of the specs.
struct AppliedCommit {
  CommitSequence sequence;
  /// Per store: the position behind the last changelog record of this commit; empty when
  /// it wrote none.
  std::vector<std::optional<Offset>> changelog_positions;
};

class TaskState {
 public:
  virtual ~TaskState() = default;

  virtual size_t store_count() const = 0;
  virtual const StoreSpec& spec(size_t store) const = 0;
  virtual KeyValueStore& store(size_t store) = 0;

  /// Changed keys of the open transaction, each once, in no particular order.
  virtual void ForEachChange(size_t store, const std::function<void(const Change&)>& visit) = 0;
  virtual bool HasChanges() const = 0;
  /// Bytes of uncommitted writes, for the bound on a transaction.
  virtual size_t uncommitted_bytes() const = 0;

  /// Makes the open transaction's writes part of the stores (S2).
  virtual Status Apply(const AppliedCommit& commit) = 0;
  /// Forgets the open transaction's writes.
  virtual void Rollback() = 0;

  /// What was committed to this state last; zero when nothing ever was.
  virtual CommitSequence sequence() const = 0;
  virtual StorePosition position(size_t store) const = 0;
  /// Records the topic id of a store's changelog, once known.
  virtual Status SetChangelogId(size_t store, const TopicId& id) = 0;

  /// Applies replayed changelog rows and the position behind them in one batch; re-applying
  /// is harmless. `sequence`: the highest that the rows carry; the larger of it and
  /// sequence() is kept.
  virtual Status ApplyRestored(size_t store, std::span<const Change> rows, Offset position,
                               CommitSequence sequence) = 0;
  /// The same for many rows, in key order and each key once: brought in as a file, and durable with
  /// its position when this returns.
  virtual Status IngestRestored(size_t store, std::span<const Change> rows, Offset position,
                                CommitSequence sequence) = 0;
  /// Empties one store and forgets its position: full restore. Durable at once.
  virtual Status Clear(size_t store) = 0;
  /// Says that a replay of `store` from the start of its changelog begins at `now`: empties it
  /// unless it is empty. The age of what is replayed counts from here until FinishRestore().
  virtual Status BeginFullRestore(size_t store, Timestamp now) = 0;
  /// Says that `store` holds its changelog up to the end. Until then (or until an Apply())
  /// Flush() makes its rows durable but does not call it complete.
  virtual void FinishRestore(size_t store) = 0;
  /// Whether a store has no row.
  virtual Result<bool> Empty(size_t store) = 0;
  /// Visits all committed rows in key order: oracles, expect_store, queries.
  virtual Status Scan(size_t store,
                      const std::function<void(std::string_view, std::string_view)>& visit) = 0;

  /// Makes everything applied so far durable and notes `now` as the time at which each store
  /// whose restore is finished was last known complete (R8). At least hourly.
  virtual Status Flush(Timestamp now) = 0;
  /// Flushes, and leaves what was committed as an image in the folder `into`, which does not exist
  /// yet and lies on the volume of the state directory. A task without stores leaves none. Quick:
  /// files are linked. The image is the caller's: to copy, to open (TaskStateFactory), to delete.
  virtual Status SaveImage(const std::filesystem::path& into, Timestamp now) = 0;
  /// When all stores were last known complete; empty: never, or there is no store.
  virtual std::optional<Timestamp> complete_at() const = 0;

  /// Flushes, unless `dirty`, and lets go of files and locks.
  virtual Status Close(bool dirty, Timestamp now) = 0;
};

/// Where task states come from: a state directory, or memory. Thread-safe.
class TaskStateFactory {
 public:
  virtual ~TaskStateFactory() = default;
  /// Opens the state of `task` as it was left, or a new one. A directory of another
  /// application, task or format, or a corrupt one, is moved aside and a new one is made
  /// (logged and counted). kUnavailable: locked by another process, call again; kFatal: disk.
  virtual Result<std::unique_ptr<TaskState>> Open(const TaskId& task,
                                                  std::span<const StoreSpec> stores) = 0;
  /// Moves the directory of a task that is not open aside, for a full restore.
  virtual Status MoveAside(const TaskId& task, std::string_view reason) = 0;
  /// Opens an image where it lies, to read what `owner` left there. The image changes: it is not
  /// to be saved or placed afterwards. kTaskCorrupted: it is damaged, or another's.
  virtual Result<std::unique_ptr<TaskState>> OpenImage(const std::filesystem::path& image,
                                                       const Identity& owner,
                                                       std::span<const StoreSpec> stores) = 0;
  /// Makes an image of this application's, whose files are durable, the state of `task`, which is not
  /// open; what was there goes. The image is moved, and lies on the volume of the state directory.
  virtual Status PlaceImage(const TaskId& task, const std::filesystem::path& image) = 0;
};

}  // namespace sidestream::statestore
