// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// GroupTable: the groups of one aggregate that the open transaction has touched, decoded, in
// the order of their first touch. A hot key costs one hash lookup per record; its row is
// read once and written once per transaction. Internal to operators.
//
// Bounded: above kHeldBytesMax the rows are written through to the store's overlay, where
// the task's own bound sees them; the keys stay, because their results are still owed.
//
// Threading: confined to the task's worker.

#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/status.h"
#include "operators/aggregate/accumulators.h"
#include "statestore/key_value_store.h"
#include "topology/plan.h"

namespace sidestream::operators {

struct Group {
  explicit Group(std::span<const topology::AggregateCall> calls) : accumulators(calls) {}

  std::string key;  // of the row
  Accumulators accumulators;
  Timestamp timestamp = kNoTimestamp;
  bool was_sent = false;
  std::string sent;
  /// Of `emit: every`: wall clock of the last result; a later one waits for the clock.
  Timestamp sent_at = kNoTimestamp;
  bool held = false;
  /// With a ttl: of the last update; kNoTimestamp: not known, and nothing says when the group ends.
  Timestamp updated = kNoTimestamp;
  /// The fields above are those of the row; else the row in the store holds them.
  bool loaded = false;
  /// A record was folded in during this transaction.
  bool touched = false;
};

class GroupTable {
 public:
  static constexpr size_t kHeldBytesMax = 8u << 20;

  /// `calls` is borrowed.
  explicit GroupTable(std::span<const topology::AggregateCall> calls,
                      size_t held_bytes_max = kHeldBytesMax);
  ~GroupTable();
  GroupTable(const GroupTable&) = delete;
  GroupTable& operator=(const GroupTable&) = delete;

  /// The group whose row has the key `key`, loaded. Good until the next call. Fails as the store does, and with
  /// kTaskCorrupted.
  Result<Group*> Find(std::string_view key, statestore::KeyValueStore& store);

  /// Groups in the order of their first touch.
  size_t size() const { return used_; }
  Result<Group*> Loaded(size_t index, statestore::KeyValueStore& store);
  const Group& at(size_t index) const { return groups_[index]; }

  /// As Find(), for a look at one that this transaction may not have touched: then it is `other`,
  /// and the table does not grow.
  Result<Group*> Look(std::string_view key, Group& other, statestore::KeyValueStore& store);
  /// Sets `group` from its row. Fails as DecodeAggregateRow().
  static Status Decode(std::string_view row, Group& group);

  /// Folds a record into `group`, as Accumulators::Fold. Requires that it is loaded.
  Status Fold(Group& group, AggregateArguments& arguments, Timestamp timestamp, RunState& run);

  /// As Fold(), into a group whose time is over: its records and its last result are forgotten.
  /// When it fails it is as it was.
  Status FoldAnew(Group& group, AggregateArguments& arguments, Timestamp timestamp, RunState& run);

  /// Writes the row of `group`. Requires that it is loaded.
  void Save(Group& group, statestore::KeyValueStore& store);

  /// Writes the rows of all that were touched.
  void SaveAll(statestore::KeyValueStore& store);

  /// Forgets all groups.
  void Clear();

 private:
  struct Index;

  Status Load(Group& group, statestore::KeyValueStore& store);
  void WriteThrough(statestore::KeyValueStore& store);
  static size_t BytesOf(const Group& group);

  const std::span<const topology::AggregateCall> calls_;
  const size_t held_bytes_max_;
  std::unique_ptr<Index> index_;
  // The first used_ are in use; the others keep their buffers for the next transaction.
  std::deque<Group> groups_;
  size_t used_ = 0;
  size_t held_bytes_ = 0;
  Group* last_ = nullptr;
  std::string row_;
  std::string accumulators_;  // bytes, while a row is made
};

}  // namespace sidestream::operators
