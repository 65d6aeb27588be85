// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// PaneTable: windows that lie on a grid, decoded: a pane per window (or slice), the keys in it. A
// hot key costs one hash lookup per record; its row is written once per transaction, and a window
// that opens and ends within one leaves no row at all. Internal to operators.
//
// The row of a key in a pane lies under 'w', the pane's start (ordered_key.h), the key.
//
// What is here stays over commits. A pane that began here is whole: the store has no row of it that
// is not here, so that it is asked for none. A pane of which the store had rows before is not.
//
// Bounded: above kHeldBytesMax everything is written to the store's overlay, where the task's own
// bound sees it, and forgotten here.
//
// Threading: confined to the task's worker.

#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "operators/window/window_row.h"
#include "statestore/key_value_store.h"
#include "topology/plan.h"

namespace sidestream::operators {

/// First bytes of the keys of a windowed store.
inline constexpr char kWindowRows = 'w';

class PaneTable {
 public:
  static constexpr size_t kHeldBytesMax = 8u << 20;

  struct Entry {
    explicit Entry(std::span<const topology::AggregateCall> calls) : state(calls) {}
    std::string key;
    WindowState state;
    /// The store has a row of it.
    bool stored = false;
    /// The row in the store, if any, is another one.
    bool changed = false;
  };
  class Pane;

  /// `calls` is borrowed.
  explicit PaneTable(std::span<const topology::AggregateCall> calls,
                     size_t held_bytes_max = kHeldBytesMax);
  ~PaneTable();
  PaneTable(const PaneTable&) = delete;
  PaneTable& operator=(const PaneTable&) = delete;

  /// The entry of `key` in the pane that begins at `start`. Good until the next call. Fails as the
  /// store does and as DecodeWindowRow().
  Result<Entry*> Find(Timestamp start, std::string_view key, statestore::KeyValueStore& store);
  /// Call it when records were folded into `entry`: counts its bytes.
  void Grown(size_t before, const Entry& entry) {
    held_bytes_ += entry.state.held_bytes() - before;
  }
  bool full() const { return held_bytes_ > held_bytes_max_; }

  /// The start of the first pane at or behind `from`; empty: there is none.
  std::optional<Timestamp> FirstStart(Timestamp from) const;
  /// Starts of all panes with from <= start < to, in order.
  std::vector<Timestamp> StartsFrom(Timestamp from, Timestamp to = kEndOfTime) const;
  /// The entries of a pane in the order of their first touch; good while the pane is.
  std::span<const std::unique_ptr<Entry>> EntriesOf(Timestamp start) const;
  /// The same in byte order of their keys; good until the next Find().
  std::span<Entry* const> Sorted(Timestamp start);
  /// All rows of the pane are here. False: the store may have others.
  bool Whole(Timestamp start) const;

  /// Writes the row of `entry`.
  void Save(Timestamp start, Entry& entry, statestore::KeyValueStore& store);
  /// Deletes its row, if there is one.
  void Delete(Timestamp start, Entry& entry, statestore::KeyValueStore& store);
  /// Forgets a pane.
  void Drop(Timestamp start);
  /// Forgets everything.
  void Clear();

 private:
  Result<Pane*> PaneAt(Timestamp start, statestore::KeyValueStore& store);

  const std::span<const topology::AggregateCall> calls_;
  const size_t held_bytes_max_;
  std::map<Timestamp, std::unique_ptr<Pane>> panes_;
  Pane* last_ = nullptr;
  Timestamp last_start_;
  // Entries and panes keep their buffers from window to window.
  std::vector<std::unique_ptr<Entry>> spare_;
  std::unique_ptr<Pane> spare_pane_;
  size_t held_bytes_ = 0;
  std::string row_key_;
  std::string row_;
  std::string scratch_;
};

/// The key of such a row.
void AppendWindowRowKey(Timestamp start, std::string_view key, std::string& out);

/// The start of the first window (or slice) at or behind `from` that has a row in the store. Fails as
/// FirstStart().
Result<std::optional<Timestamp>> FirstStoredStart(Timestamp from, statestore::KeyValueStore& store);

/// Start of the first window (or slice) at or behind `from` that has a row in the store or an entry
/// in `table`. Fails as the store does, and with kTaskCorrupted when a row's key is cut.
Result<std::optional<Timestamp>> FirstStart(Timestamp from, const PaneTable& table,
                                            statestore::KeyValueStore& store);

}  // namespace sidestream::operators
