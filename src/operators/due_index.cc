// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/due_index.h"

#include <algorithm>
#include <utility>

#include "operators/ordered_key.h"

namespace sidestream::operators {
namespace {

Status CutShort() { return Status::TaskCorrupted("a row of due times is cut short"); }

}  // namespace

DueIndex::DueIndex(std::string_view prefix) : prefix_(prefix), end_(EndOfPrefix(prefix_)) {}

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

Status DueIndex::Look(Timestamp now, size_t limit, statestore::KeyValueStore& store,
                      std::vector<Entry>& entries, Timestamp& next) {
  MakeRow(earliest_, "");
  next = kEndOfTime;
  return store.Scan(row_, end_,
                    [&](std::string_view row, std::string_view /*value*/) -> Result<bool> {
                      OrderedKeyReader reader(row.substr(prefix_.size()));
                      const Timestamp due = reader.Time();
                      if (!reader.ok()) return CutShort();
                      if (due > now || entries.size() == limit) {
                        next = due;
                        return false;
                      }
                      entries.push_back({due, std::string(reader.Rest())});
                      return true;
                    });
}

Result<std::vector<DueIndex::Entry>> DueIndex::Due(Timestamp now, size_t limit,
                                                   statestore::KeyValueStore& store) {
  std::vector<Entry> entries;
  if (!MayBeDue(now) || limit == 0) return entries;
  Timestamp next;
  RETURN_IF_ERROR(Look(now, limit, store, entries, next));
  // The entries that were found are still there: the first of them is the least.
  earliest_ = entries.empty() ? next : entries.front().due;
  return entries;
}

Result<std::vector<DueIndex::Entry>> DueIndex::Take(Timestamp now, size_t limit,
                                                    statestore::KeyValueStore& store) {
  std::vector<Entry> entries;
  if (!MayBeDue(now) || limit == 0) return entries;
  Timestamp next;
  RETURN_IF_ERROR(Look(now, limit, store, entries, next));
  for (const Entry& entry : entries) Remove(entry.due, entry.key, store);
  earliest_ = next;
  return entries;
}

Status DueIndex::Clear(statestore::KeyValueStore& store) {
  RETURN_IF_ERROR(DeleteRows(prefix_, store));
  earliest_ = kEndOfTime;
  return Status::Ok();
}

Result<std::optional<Timestamp>> DueIndex::Last(statestore::KeyValueStore& store) const {
  std::optional<Timestamp> last;
  RETURN_IF_ERROR(store.Scan(prefix_, end_,
                             [&](std::string_view row, std::string_view /*value*/) -> Result<bool> {
                               OrderedKeyReader reader(row.substr(prefix_.size()));
                               last = reader.Time();
                               if (!reader.ok()) return CutShort();
                               return true;
                             }));
  return last;
}

}  // namespace sidestream::operators
