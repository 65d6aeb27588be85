// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// StoreCache: the part of one store that is in memory. It is three things in one table: the
// overlay of the open transaction (dirty entries), what is committed and not yet in the backend
// (unwritten entries; neither is ever evicted), and a read cache (evicted by second chance). A hot
// key costs one hash lookup, and no allocation while its value does not outgrow its buffer; a row
// that comes and goes between two writes never reaches the backend.
//
// Invariants
//  C1. A dirty entry stays until CommitDirty() or RollbackDirty(), an unwritten one until the
//      backend has it: until Written().
//
//  C2. Any other entry equals the backend; a deleted one says that the key is absent.
//
//  C3. Entries do not move, so the views in the index stay good.
//
//  C4. Of a dirty entry that is unwritten, too, the committed value is in saved_.
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
    bool unwritten = false;
    bool deleted = false;
    /// The backend is known to have no such key.
    bool absent = false;
    /// Second chance: used again since it came or since the clock hand passed.
    bool referenced = false;
    uint32_t saved = 0;  // of saved_, while dirty and unwritten
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

  /// Dirty and unwritten entries by key.
  using Rows = std::map<std::string_view, uint32_t>;
  /// What the backend does not have yet. The order of a store that is scanned is kept from the
  /// first time on (R24). Good until the next call that writes.
  const Rows& Ordered();
  const Entry& at(uint32_t index) const { return entries_[index]; }

  template <typename Visit>
  void ForEachDirty(const Visit& visit) const {
    for (const uint32_t index : dirty_) visit(entries_[index]);
  }
  /// Visits what is committed and the backend does not have, in key order (it writes sorted batches
  /// faster): the key, and the value or nothing where the key is deleted.
  template <typename Visit>
  void ForEachUnwritten(const Visit& visit) {
    SortUnwritten();
    for (const uint32_t index : unwritten_) {
      const Entry& entry = entries_[index];
      const bool saved = entry.dirty;
      const bool deleted = saved ? saved_[entry.saved].deleted : entry.deleted;
      if (deleted && entry.absent) continue;
      const std::string& value = saved ? saved_[entry.saved].value : entry.value;
      visit(entry.key, deleted ? std::nullopt : std::optional<std::string_view>(value));
    }
  }
  /// The backend has what ForEachUnwritten() visits.
  void Written();
  int64_t unwritten_bytes() const { return unwritten_bytes_; }
  bool has_dirty() const { return !dirty_.empty(); }
  size_t dirty_count() const { return dirty_.size(); }
  /// Of the open transaction, with the committed values that it hides.
  size_t dirty_bytes() const { return static_cast<size_t>(dirty_bytes_); }
  size_t clean_bytes() const { return static_cast<size_t>(clean_bytes_); }

  /// The dirty entries are committed: they turn unwritten and count against the budget.
  void CommitDirty();
  /// The dirty entries never happened.
  void RollbackDirty();
  /// Forgets an entry, because the backend was written behind the cache.
  /// Requires: it is neither dirty nor unwritten.
  void Forget(std::string_view key);
  /// Forgets everything. Requires: nothing is dirty.
  void ForgetAll();

 private:
  // Index entry and bookkeeping, beside the bytes of key and value.
  static constexpr int64_t kOverhead = 144;
  static int64_t Bytes(const Entry& entry) {
    return kOverhead + static_cast<int64_t>(entry.key.size() + entry.value.capacity());
  }

  Entry* Lookup(std::string_view key);
  Entry& Upsert(std::string_view key);
  Entry& Insert(std::string_view key);
  void Remove(uint32_t index);
  void MakeDirty(Entry& entry);
  void SortUnwritten();
  /// No committed value is hidden any more: keeps some of the buffers.
  void ReleaseSaved();
  void Settle();
  void Trim(size_t steps_max);

  struct Saved {
    std::string value;
    bool deleted = false;
  };

  CacheBudget& budget_;
  std::deque<Entry> entries_;
  std::vector<uint32_t> free_;
  std::vector<uint32_t> dirty_;
  std::vector<uint32_t> unwritten_;
  // The first saved_used_ are in use; the others keep their buffers.
  std::vector<Saved> saved_;
  uint32_t saved_used_ = 0;
  std::optional<Rows> ordered_;  // empty: nobody scans this store
  tsl::robin_map<std::string_view, uint32_t, std::hash<std::string_view>, std::equal_to<>,
                 std::allocator<std::pair<std::string_view, uint32_t>>, /*StoreHash=*/true>
      index_;
  // The entry that was looked up last: get-then-put hashes its key once.
  Entry* last_ = nullptr;
  uint32_t last_index_ = 0;
  size_t hand_ = 0;
  int64_t clean_bytes_ = 0;  // of all that is not dirty
  int64_t dirty_bytes_ = 0;
  int64_t unwritten_bytes_ = 0;  // of what is not dirty among the unwritten
  int64_t charged_ = 0;
};

}  // namespace sidestream::statestore
