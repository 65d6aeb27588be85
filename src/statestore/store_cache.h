// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// StoreCache: the part of one store that is in memory. It is two things in one table: the
// overlay of the open transaction (dirty entries, never evicted) and a read cache of what is
// committed (clean entries, evicted by second chance). A hot key costs one hash lookup, and
// no allocation while its value does not outgrow its buffer.
//
// Invariants
//  C1. A dirty entry stays until CommitDirty() or RollbackDirty().
//  C2. A clean entry equals the backend; a clean deleted one says that the key is absent.
//  C3. Entries do not move, so the views in the index stay good.
//
// Threading: confined to the task's thread. The budget is shared.

#pragma once

#include <tsl/robin_map.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "statestore/cache_budget.h"

namespace sidestream::statestore {

class StoreCache {
 public:
  struct Entry {
    std::string key;
    std::string value;
    bool live = false;
    bool dirty = false;
    bool deleted = false;
    /// Second chance: used again since it came or since the clock hand passed.
    bool referenced = false;
  };

  /// `budget` is borrowed and outlives the cache.
  explicit StoreCache(CacheBudget& budget);
  ~StoreCache();
  StoreCache(const StoreCache&) = delete;
  StoreCache& operator=(const StoreCache&) = delete;

  /// What is known of `key`; null: ask the backend. Good until the next call.
  const Entry* Find(std::string_view key);
  /// Remembers what the backend said; an empty `value` means that it has no such key.
  /// Requires: Find(key) is null.
  const Entry& AddClean(std::string_view key, std::optional<std::string_view> value);

  void Put(std::string_view key, std::string_view value);
  void Delete(std::string_view key);

  /// Dirty entries by key.
  using DirtyRows = std::map<std::string_view, uint32_t>;
  /// The order of a store that is scanned is kept from the first time on (R24). Good until the next
  /// call that writes.
  const DirtyRows& OrderedDirty();
  const Entry& at(uint32_t index) const { return entries_[index]; }

  /// Keys of the dirty entries in key order; the backend writes sorted batches faster.
  void SortDirty();
  template <typename Visit>
  void ForEachDirty(const Visit& visit) const {
    for (const uint32_t index : dirty_) visit(entries_[index]);
  }
  bool has_dirty() const { return !dirty_.empty(); }
  size_t dirty_count() const { return dirty_.size(); }
  size_t dirty_bytes() const { return static_cast<size_t>(dirty_bytes_); }
  size_t clean_bytes() const { return static_cast<size_t>(clean_bytes_); }

  /// The dirty entries are committed: they turn clean and count against the budget.
  void CommitDirty();
  /// The dirty entries never happened.
  void RollbackDirty();
  /// Forgets a clean entry, because the backend was written behind the cache.
  /// Requires: it is not dirty.
  void Forget(std::string_view key);
  /// Forgets everything. Requires: nothing is dirty.
  void ForgetAll();

 private:
  // Index entry and bookkeeping, beside the bytes of key and value.
  static constexpr int64_t kOverhead = 136;
  static int64_t Bytes(const Entry& entry) {
    return kOverhead + static_cast<int64_t>(entry.key.size() + entry.value.capacity());
  }

  Entry* Lookup(std::string_view key);
  Entry& Upsert(std::string_view key);
  Entry& Insert(std::string_view key);
  void Remove(uint32_t index);
  void MakeDirty(Entry& entry);
  void Settle();
  void Trim(size_t steps_max);

  CacheBudget& budget_;
  std::deque<Entry> entries_;
  std::vector<uint32_t> free_;
  std::vector<uint32_t> dirty_;
  std::optional<DirtyRows> ordered_;  // empty: nobody scans this store
  tsl::robin_map<std::string_view, uint32_t, std::hash<std::string_view>, std::equal_to<>,
                 std::allocator<std::pair<std::string_view, uint32_t>>, /*StoreHash=*/true>
      index_;
  // The entry that was looked up last: get-then-put hashes its key once.
  Entry* last_ = nullptr;
  uint32_t last_index_ = 0;
  size_t hand_ = 0;
  int64_t clean_bytes_ = 0;
  int64_t dirty_bytes_ = 0;
  int64_t charged_ = 0;
};

}  // namespace sidestream::statestore
