// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/due_index.h"

#include <algorithm>
#include <utility>

#include "operators/ordered_key.h"

namespace sidestream::operators {
namespace {

Status CutShort() { return Status::TaskCorrupted("a row of due times is cut short"); }

}  // namespace

DueIndex::DueIndex(std::string prefix) : prefix_(std::move(prefix)), end_(EndOfPrefix(prefix_)) {}

void DueIndex::MakeRow(Timestamp due, std::string_view key) {
  row_ = prefix_;
  AppendOrderedTime(due, row_);
  row_ += key;
}

void DueIndex::Add(Timestamp due, std::string_view key, statestore::KeyValueStore& store) {
  MakeRow(due, key);
  store.Put(row_, "");
  earliest_ = std::min(earliest_, due);
}

void DueIndex::Remove(Timestamp due, std::string_view key, statestore::KeyValueStore& store) {
  MakeRow(due, key);
  store.Delete(row_);
}

Result<std::vector<DueIndex::Entry>> DueIndex::Due(Timestamp now, size_t limit,
                                                   statestore::KeyValueStore& store) {
  std::vector<Entry> entries;
  if (!MayBeDue(now) || limit == 0) return entries;
  MakeRow(earliest_, "");
  Timestamp next = kEndOfTime;
  bool sound = true;
  RETURN_IF_ERROR(
      store.Scan(row_, end_, [&](std::string_view row, std::string_view /*value*/) -> Result<bool> {
        OrderedKeyReader reader(row.substr(prefix_.size()));
        const Timestamp due = reader.Time();
        sound = reader.ok();
        next = due;
        if (!sound || due > now || entries.size() == limit) return false;
        entries.push_back({due, std::string(reader.Rest())});
        return true;
      }));
  if (!sound) return CutShort();
  // The entries that were found are still there: the first of them is the least.
  if (entries.empty()) {
    earliest_ = next;
  } else {
    earliest_ = entries.front().due;
  }
  return entries;
}

Result<std::optional<Timestamp>> DueIndex::Last(statestore::KeyValueStore& store) const {
  std::optional<Timestamp> last;
  bool sound = true;
  RETURN_IF_ERROR(store.Scan(prefix_, end_,
                             [&](std::string_view row, std::string_view /*value*/) -> Result<bool> {
                               OrderedKeyReader reader(row.substr(prefix_.size()));
                               last = reader.Time();
                               sound = reader.ok();
                               return sound;
                             }));
  if (!sound) return CutShort();
  return last;
}

}  // namespace sidestream::operators
