// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// DueIndex: rows (due time, key) beside the rows of a store, in the order in which they fall due:
// timers, the end of what has a ttl, windows that end, results that wait for the clock. An entry has
// no value. Internal to operators.
//
// The least due time is cached, so that a watermark that moves costs a comparison. It may be lower
// than the least entry (after a failed call, or where an entry was removed), never higher; a look
// at the store makes it exact again, and begins where the last one ended: the deleted rows
// that a queue leaves behind in a log-structured store are not walked over twice.
//
// Persistent: docs/formats/process-rows.md, window-rows.md, aggregate-row.md.
//
// Threading: confined to the task's worker.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "statestore/key_value_store.h"

namespace sidestream::operators {

class DueIndex {
 public:
  struct Entry {
    Timestamp due;
    std::string key;
  };

  /// All its rows, and no others of the store, begin with `prefix`.
  explicit DueIndex(std::string_view prefix);

  /// Adding what is there changes nothing, nor does removing what is not.
  void Add(Timestamp due, std::string_view key, statestore::KeyValueStore& store);
  void Remove(Timestamp due, std::string_view key, statestore::KeyValueStore& store);

  /// Whether an entry may be due at `now`: no look at the store.
  bool MayBeDue(Timestamp now) const { return earliest_ <= now; }
  /// No entry is due before this; kNoTimestamp: not known yet. Empty: there is none.
  std::optional<Timestamp> next() const {
    return earliest_ == kEndOfTime ? std::nullopt : std::optional(earliest_);
  }

  /// The first entries that are due at `now`, at most `limit`, in the order of due time and key.
  /// They stay where they are. Fails as the store does, and with kTaskCorrupted.
  Result<std::vector<Entry>> Due(Timestamp now, size_t limit, statestore::KeyValueStore& store);

  /// The same, taken out of the store. Fewer than `limit`: no more are due.
  Result<std::vector<Entry>> Take(Timestamp now, size_t limit, statestore::KeyValueStore& store);
  /// Takes all entries out of the store. Fails as Due().
  Status Clear(statestore::KeyValueStore& store);

  /// The due time of the last entry, found by a look at all of them; empty: there is none. Fails as
  /// Due().
  Result<std::optional<Timestamp>> Last(statestore::KeyValueStore& store) const;

  /// Forgets what is cached: the store may have changed behind it.
  void Forget() { earliest_ = kNoTimestamp; }

 private:
  void MakeRow(Timestamp due, std::string_view key);
  /// As Due(). `next` is when the first entry behind them is due; kEndOfTime: there is none.
  Status Look(Timestamp now, size_t limit, statestore::KeyValueStore& store,
              std::vector<Entry>& entries, Timestamp& next);

  const std::string prefix_;
  const std::string end_;
  Timestamp earliest_ = kNoTimestamp;
  std::string row_;
};

}  // namespace sidestream::operators
