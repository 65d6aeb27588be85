// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "statestore/store_cache.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/check.h"

namespace sidestream::statestore {
namespace {
// How far the clock hand may walk for one read miss. A transaction that has dirtied nearly all
// entries would otherwise pay a walk over them per miss; the commit trims without a limit.
constexpr size_t kStepsPerMiss = 256;
constexpr size_t kNoLimit = std::numeric_limits<size_t>::max();
// Buffers for hidden values that a store keeps between transactions.
constexpr size_t kSavedMax = 1024;
constexpr size_t kSavedBytesMax = 256u << 10;
}  // namespace

StoreCache::StoreCache(CacheBudget& budget) : budget_(budget) { budget_.Attach(); }

StoreCache::~StoreCache() {
  budget_.Charge(-charged_);
  budget_.Detach();
}

StoreCache::Entry* StoreCache::Lookup(std::string_view key) {
  if (last_ != nullptr && last_->key == key) return last_;
  const auto found = index_.find(key);
  if (found == index_.end()) return nullptr;
  last_index_ = found->second;
  last_ = &entries_[last_index_];
  return last_;
}

const StoreCache::Entry* StoreCache::Find(std::string_view key) {
  Entry* entry = Lookup(key);
  if (entry != nullptr) entry->referenced = true;
  return entry;
}

StoreCache::Entry& StoreCache::Insert(std::string_view key) {
  uint32_t index;
  if (free_.empty()) {
    CHECK(entries_.size() < std::numeric_limits<uint32_t>::max()) << "store cache is full";
    index = static_cast<uint32_t>(entries_.size());
    entries_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  Entry& entry = entries_[index];
  entry.key.assign(key);
  entry.live = true;
  index_.emplace(std::string_view(entry.key), index);
  last_ = &entry;
  last_index_ = index;
  return entry;
}

StoreCache::Entry& StoreCache::Upsert(std::string_view key) {
  if (Entry* entry = Lookup(key)) {
    entry->referenced = true;
    return *entry;
  }
  Entry& entry = Insert(key);
  clean_bytes_ += Bytes(entry);  // MakeDirty() takes it back
  return entry;
}

void StoreCache::Remove(uint32_t index) {
  Entry& entry = entries_[index];
  if (last_ == &entry) last_ = nullptr;
  index_.erase(std::string_view(entry.key));
  entry = Entry();
  free_.push_back(index);
}

const StoreCache::Entry& StoreCache::AddClean(std::string_view key,
                                              std::optional<std::string_view> value) {
  // Before the insertion: what is added must outlive the call.
  Trim(kStepsPerMiss);
  Entry& entry = Insert(key);
  entry.deleted = entry.absent = !value.has_value();
  if (value) entry.value.assign(*value);
  clean_bytes_ += Bytes(entry);
  return entry;
}

void StoreCache::MakeDirty(Entry& entry) {
  if (entry.dirty) return;
  clean_bytes_ -= Bytes(entry);
  entry.dirty = true;
  dirty_.push_back(last_index_);
  if (entry.unwritten) {
    unwritten_bytes_ -= Bytes(entry);
    if (saved_used_ == saved_.size()) saved_.emplace_back();
    Saved& saved = saved_[saved_used_];
    saved.deleted = entry.deleted;
    // Whoever calls gives the entry another value.
    saved.value.swap(entry.value);
    dirty_bytes_ += static_cast<int64_t>(saved.value.capacity());
    entry.saved = saved_used_++;
  } else if (ordered_) {
    ordered_->emplace(entry.key, last_index_);
  }
  dirty_bytes_ += Bytes(entry);
}

const StoreCache::Rows& StoreCache::Ordered() {
  if (!ordered_) {
    ordered_.emplace();
    for (const std::vector<uint32_t>* rows : {&unwritten_, &dirty_}) {
      for (const uint32_t index : *rows) ordered_->emplace(entries_[index].key, index);
    }
  }
  return *ordered_;
}

void StoreCache::Put(std::string_view key, std::string_view value) {
  Entry& entry = Upsert(key);
  MakeDirty(entry);
  const int64_t before = Bytes(entry);
  entry.value.assign(value);
  entry.deleted = false;
  dirty_bytes_ += Bytes(entry) - before;
}

void StoreCache::Delete(std::string_view key) {
  Entry& entry = Upsert(key);
  MakeDirty(entry);
  // The buffer stays: a key that is deleted and put again in one transaction is common.
  entry.value.clear();
  entry.deleted = true;
}

void StoreCache::SortUnwritten() {
  if (ordered_ && dirty_.empty()) {
    // The same entries, in order already.
    unwritten_.clear();
    for (const auto& [key, index] : *ordered_) unwritten_.push_back(index);
    return;
  }
  std::sort(unwritten_.begin(), unwritten_.end(),
            [this](uint32_t a, uint32_t b) { return entries_[a].key < entries_[b].key; });
}

void StoreCache::CommitDirty() {
  for (const uint32_t index : dirty_) {
    Entry& entry = entries_[index];
    entry.dirty = false;
    if (!std::exchange(entry.unwritten, true)) unwritten_.push_back(index);
    clean_bytes_ += Bytes(entry);
    unwritten_bytes_ += Bytes(entry);
  }
  dirty_bytes_ = 0;
  dirty_.clear();
  ReleaseSaved();
  Settle();
}

void StoreCache::ReleaseSaved() {
  if (std::exchange(saved_used_, 0) == 0) return;
  size_t kept = 0;
  size_t bytes = 0;
  for (; kept < saved_.size() && kept < kSavedMax; ++kept) {
    bytes += saved_[kept].value.capacity();
    if (bytes > kSavedBytesMax) break;
  }
  saved_.resize(kept);
}

void StoreCache::RollbackDirty() {
  for (const uint32_t index : dirty_) {
    Entry& entry = entries_[index];
    if (!entry.unwritten) {
      // Before the key that it points into.
      if (ordered_) ordered_->erase(entry.key);
      Remove(index);
      continue;
    }
    entry.dirty = false;
    entry.deleted = saved_[entry.saved].deleted;
    entry.value.swap(saved_[entry.saved].value);
    clean_bytes_ += Bytes(entry);
    unwritten_bytes_ += Bytes(entry);
  }
  dirty_bytes_ = 0;
  dirty_.clear();
  ReleaseSaved();
}

void StoreCache::Written() {
  // With nothing dirty all of it goes.
  const bool in_order = ordered_ && !dirty_.empty();
  if (ordered_ && !in_order) ordered_->clear();
  for (const uint32_t index : unwritten_) {
    Entry& entry = entries_[index];
    entry.unwritten = false;
    entry.absent = entry.dirty ? saved_[entry.saved].deleted : entry.deleted;
    if (entry.dirty) continue;
    if (in_order) ordered_->erase(entry.key);
    // What is over (a window, a timer) is not asked for again.
    if (entry.deleted) {
      clean_bytes_ -= Bytes(entry);
      Remove(index);
    }
  }
  unwritten_.clear();
  unwritten_bytes_ = 0;
  Trim(kNoLimit);
}

void StoreCache::Forget(std::string_view key) {
  Entry* entry = Lookup(key);
  if (entry == nullptr) return;
  CHECK(!entry->dirty && !entry->unwritten) << "an entry that is nowhere else cannot be forgotten";
  clean_bytes_ -= Bytes(*entry);
  Remove(last_index_);
}

void StoreCache::ForgetAll() {
  CHECK(dirty_.empty()) << "a dirty entry cannot be forgotten";
  if (ordered_) ordered_->clear();
  unwritten_.clear();
  unwritten_bytes_ = 0;
  index_.clear();
  entries_.clear();
  free_.clear();
  last_ = nullptr;
  hand_ = 0;
  clean_bytes_ = 0;
  Settle();
}

void StoreCache::Settle() {
  if (clean_bytes_ == charged_) return;
  budget_.Charge(clean_bytes_ - charged_);
  charged_ = clean_bytes_;
}

void StoreCache::Trim(size_t steps_max) {
  Settle();
  // Two rounds visit every entry with its second chance taken.
  const size_t rounds = 2 * entries_.size();
  size_t steps = std::min(steps_max, rounds);
  while (steps > 0 && budget_.MustEvict(clean_bytes_)) {
    --steps;
    if (hand_ >= entries_.size()) hand_ = 0;
    Entry& entry = entries_[hand_];
    if (entry.live && !entry.dirty && !entry.unwritten) {
      if (entry.referenced) {
        entry.referenced = false;
      } else {
        clean_bytes_ -= Bytes(entry);
        Remove(static_cast<uint32_t>(hand_));
        Settle();
      }
    }
    ++hand_;
  }
}

}  // namespace sidestream::statestore
