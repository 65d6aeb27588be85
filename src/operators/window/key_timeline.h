// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// KeyTimeline: pieces of time per key, for windows that are made by the data: sessions, and the
// instants of sliding windows, decoded. A key that was read stays over commits, and costs a commit
// nothing that did not touch it. Internal to operators.
//
// Rows, told apart by their first byte:
//   's', key (escaped), time     a piece: a WindowState
//   'k', key                     that the key has pieces; when it is due next; a mark of the step
//   'd', due time, key           the same by time (a DueIndex)
// A key has at most one row 'd'. It may lie too early, never too late: a session that goes on costs
// no row but its own.
//
// Bounded: above kHeldBytesMax everything is written to the store's overlay and forgotten here.
//
// Threading: confined to the task's worker.

#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "operators/due_index.h"
#include "operators/window/window_row.h"
#include "statestore/key_value_store.h"
#include "topology/plan.h"

namespace sidestream::operators {

class KeyTimeline {
 public:
  static constexpr size_t kHeldBytesMax = 8u << 20;

  struct Piece {
    explicit Piece(std::span<const topology::AggregateCall> calls) : state(calls) {}
    Timestamp time;
    WindowState state;
    /// The time under which the store has it.
    std::optional<Timestamp> stored;
    bool changed = false;
  };
  struct Key {
    std::string key;
    /// By time.
    std::vector<std::unique_ptr<Piece>> pieces;
    std::optional<Timestamp> due;
    /// Of the step; kNoTimestamp: none.
    Timestamp mark = kNoTimestamp;
    bool changed = false;
    bool touched = false;

    /// The first piece at or behind `time`.
    size_t IndexOf(Timestamp time) const;
  };

  /// `calls` is borrowed.
  explicit KeyTimeline(std::span<const topology::AggregateCall> calls,
                       size_t held_bytes_max = kHeldBytesMax);
  ~KeyTimeline();
  KeyTimeline(const KeyTimeline&) = delete;
  KeyTimeline& operator=(const KeyTimeline&) = delete;

  /// The key with all its pieces; good until Clear(). Fails as the store does and as
  /// DecodeWindowRow().
  Result<Key*> Find(std::string_view key, statestore::KeyValueStore& store);
  /// A new piece in place `index`, without records.
  Piece& Insert(Key& key, size_t index, Timestamp time);
  /// Takes a piece out, and its row.
  void Erase(Key& key, size_t index, statestore::KeyValueStore& store);
  /// Counts bytes that a piece has grown by.
  void Grown(size_t bytes) { held_bytes_ += bytes; }
  bool full() const { return held_bytes_ > held_bytes_max_; }

  /// Sees to it that the key is due at `due` or before.
  void RequireDue(Key& key, Timestamp due, statestore::KeyValueStore& store);
  /// Whether TakeDue() may have something.
  bool MayBeDue(Timestamp watermark) const { return due_.MayBeDue(watermark); }
  /// Takes up to `most` keys that are due at `watermark`, earliest first. They are due at no time
  /// then. Empty: there are no more.
  Result<std::vector<DueIndex::Entry>> TakeDue(Timestamp watermark, size_t most,
                                               statestore::KeyValueStore& store);

  /// The keys that were found since the last Untouch(), in the order in which they came; no others
  /// have changed. Good until the next call of Find().
  std::span<Key* const> touched() const { return touched_; }
  /// All that has changed is saved.
  void Untouch();
  /// Writes what has changed of `key`.
  void Save(Key& key, statestore::KeyValueStore& store);
  /// Forgets everything in memory.
  void Clear();
  /// As Clear(); other rows may be due than are known.
  void Restart();

 private:
  struct Index;

  Key* Touch(Key* key);
  Status Load(Key& key, statestore::KeyValueStore& store);
  std::unique_ptr<Piece> NewPiece();

  const std::span<const topology::AggregateCall> calls_;
  const size_t held_bytes_max_;
  std::unique_ptr<Index> index_;
  std::vector<std::unique_ptr<Key>> keys_;
  std::vector<Key*> touched_;
  Key* last_ = nullptr;
  std::vector<std::unique_ptr<Piece>> spare_;
  size_t held_bytes_ = 0;
  DueIndex due_;
  std::string row_;
  std::string scratch_;
};

}  // namespace sidestream::operators
