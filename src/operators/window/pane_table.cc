// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/window/pane_table.h"

#include <tsl/robin_map.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "operators/ordered_key.h"

namespace sidestream::operators {
namespace {

// Entries that keep their buffers between windows.
constexpr size_t kSpareEntries = 1024;
// clear() visits every bucket: an index that was large once is not kept.
constexpr size_t kKeptBuckets = 4096;

}  // namespace

class PaneTable::Pane {
 public:
  using Index =
      tsl::robin_map<std::string_view, Entry*, std::hash<std::string_view>, std::equal_to<>,
                     std::allocator<std::pair<std::string_view, Entry*>>, /*StoreHash=*/true>;
  Index index;
  std::vector<std::unique_ptr<Entry>> entries;
  /// By key; of as many entries as it has, the others came later.
  std::vector<Entry*> sorted;
  Entry* last = nullptr;
  bool whole = false;
};

PaneTable::PaneTable(std::span<const topology::AggregateCall> calls, size_t held_bytes_max)
    : calls_(calls), held_bytes_max_(held_bytes_max) {}

PaneTable::~PaneTable() = default;

Result<PaneTable::Pane*> PaneTable::PaneAt(Timestamp start, statestore::KeyValueStore& store) {
  if (last_ != nullptr && last_start_ == start) return last_;
  auto found = panes_.find(start);
  if (found == panes_.end()) {
    bool whole = true;
    row_key_.clear();
    AppendWindowRowKey(start, "", row_key_);
    RETURN_IF_ERROR(store.Scan(row_key_, EndOfPrefix(row_key_),
                               [&whole](std::string_view, std::string_view) -> Result<bool> {
                                 whole = false;
                                 return false;
                               }));
    found = panes_.emplace(start, nullptr).first;
    found->second = spare_pane_ != nullptr ? std::move(spare_pane_) : std::make_unique<Pane>();
    found->second->whole = whole;
  }
  last_ = found->second.get();
  last_start_ = start;
  return last_;
}

Result<PaneTable::Entry*> PaneTable::Find(Timestamp start, std::string_view key,
                                          statestore::KeyValueStore& store) {
  ASSIGN_OR_RETURN(Pane* const at, PaneAt(start, store));
  Pane& pane = *at;
  if (pane.last != nullptr && pane.last->key == key) return pane.last;
  if (const auto found = pane.index.find(key); found != pane.index.end()) {
    pane.last = found->second;
    return pane.last;
  }
  std::unique_ptr<Entry> entry;
  if (spare_.empty()) {
    entry = std::make_unique<Entry>(calls_);
  } else {
    entry = std::move(spare_.back());
    spare_.pop_back();
  }
  entry->key.assign(key);
  entry->changed = false;
  std::optional<std::string_view> row;
  if (!pane.whole) {
    row_key_.clear();
    AppendWindowRowKey(start, key, row_key_);
    ASSIGN_OR_RETURN(row, store.Get(row_key_));
  }
  entry->stored = row.has_value();
  if (row) {
    RETURN_IF_ERROR(DecodeWindowRow(*row, entry->state));
  } else {
    entry->state.Clear();
  }
  held_bytes_ += entry->state.held_bytes() + entry->key.capacity();
  pane.last = entry.get();
  pane.index.emplace(std::string_view(entry->key), entry.get());
  pane.entries.push_back(std::move(entry));
  return pane.last;
}

std::optional<Timestamp> PaneTable::FirstStart(Timestamp from) const {
  const auto pane = panes_.lower_bound(from);
  if (pane == panes_.end()) return std::nullopt;
  return pane->first;
}

std::vector<Timestamp> PaneTable::StartsFrom(Timestamp from, Timestamp to) const {
  std::vector<Timestamp> starts;
  for (auto pane = panes_.lower_bound(from); pane != panes_.end() && pane->first < to; ++pane) {
    starts.push_back(pane->first);
  }
  return starts;
}

std::span<const std::unique_ptr<PaneTable::Entry>> PaneTable::EntriesOf(Timestamp start) const {
  const auto pane = panes_.find(start);
  if (pane == panes_.end()) return {};
  return pane->second->entries;
}

std::span<PaneTable::Entry* const> PaneTable::Sorted(Timestamp start) {
  const auto found = panes_.find(start);
  if (found == panes_.end()) return {};
  Pane& pane = *found->second;
  if (pane.sorted.size() == pane.entries.size()) return pane.sorted;
  for (size_t i = pane.sorted.size(); i < pane.entries.size(); ++i) {
    pane.sorted.push_back(pane.entries[i].get());
  }
  std::ranges::sort(pane.sorted, {},
                    [](const Entry* entry) { return std::string_view(entry->key); });
  return pane.sorted;
}

bool PaneTable::Whole(Timestamp start) const {
  const auto pane = panes_.find(start);
  return pane != panes_.end() && pane->second->whole;
}

void PaneTable::Save(Timestamp start, Entry& entry, statestore::KeyValueStore& store) {
  row_key_.clear();
  AppendWindowRowKey(start, entry.key, row_key_);
  row_.clear();
  EncodeWindowRow(entry.state, scratch_, row_);
  store.Put(row_key_, row_);
  entry.stored = true;
  entry.changed = false;
}

void PaneTable::Delete(Timestamp start, Entry& entry, statestore::KeyValueStore& store) {
  entry.changed = false;
  if (!std::exchange(entry.stored, false)) return;
  row_key_.clear();
  AppendWindowRowKey(start, entry.key, row_key_);
  store.Delete(row_key_);
}

void PaneTable::Drop(Timestamp start) {
  const auto found = panes_.find(start);
  if (found == panes_.end()) return;
  std::unique_ptr<Pane> pane = std::move(found->second);
  panes_.erase(found);
  last_ = nullptr;
  for (std::unique_ptr<Entry>& entry : pane->entries) {
    held_bytes_ -= std::min(held_bytes_, entry->state.held_bytes() + entry->key.capacity());
    if (spare_.size() < kSpareEntries) spare_.push_back(std::move(entry));
  }
  if (pane->index.bucket_count() > kKeptBuckets) return;
  pane->entries.clear();
  pane->sorted.clear();
  pane->index.clear();
  pane->last = nullptr;
  spare_pane_ = std::move(pane);
}

void PaneTable::Clear() {
  while (!panes_.empty()) Drop(panes_.begin()->first);
  held_bytes_ = 0;
}

void AppendWindowRowKey(Timestamp start, std::string_view key, std::string& out) {
  out.push_back(kWindowRows);
  AppendOrderedTime(start, out);
  out.append(key);
}

Result<std::optional<Timestamp>> FirstStoredStart(Timestamp from,
                                                  statestore::KeyValueStore& store) {
  std::optional<Timestamp> first;
  std::string begin;
  AppendWindowRowKey(from, "", begin);
  RETURN_IF_ERROR(store.Scan(begin, EndOfPrefix(std::string(1, kWindowRows)),
                             [&](std::string_view key, std::string_view) -> Result<bool> {
                               OrderedKeyReader reader(key);
                               reader.Byte();
                               first = reader.Time();
                               if (reader.ok()) return false;
                               return Status::TaskCorrupted("a row of a window has no time");
                             }));
  return first;
}

Result<std::optional<Timestamp>> FirstStart(Timestamp from, const PaneTable& table,
                                            statestore::KeyValueStore& store) {
  ASSIGN_OR_RETURN(const std::optional<Timestamp> first, FirstStoredStart(from, store));
  const std::optional<Timestamp> held = table.FirstStart(from);
  return held && (!first || *held < *first) ? held : first;
}

}  // namespace sidestream::operators
