// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/window/held_results.h"

#include <algorithm>
#include <utility>

#include "operators/ordered_key.h"

namespace sidestream::operators {

std::string HeldResults::RowKey(Timestamp due, std::string_view name) const {
  std::string key = prefix_;
  AppendOrderedTime(due, key);
  key.append(name);
  return key;
}

void HeldResults::Put(Timestamp due, std::string_view name, statestore::KeyValueStore& store) {
  store.Put(RowKey(due, name), "");
  next_ = std::min(next_, due);
}

void HeldResults::Delete(Timestamp due, std::string_view name, statestore::KeyValueStore& store) {
  store.Delete(RowKey(due, name));
}

Status HeldResults::TakeDue(Timestamp now, size_t most, statestore::KeyValueStore& store,
                            std::vector<std::string>& names) {
  names.clear();
  if (now < next_) return Status::Ok();
  std::vector<std::string> keys;
  // Not from the first row on: what was taken before lies there, deleted, for the store to step
  // over.
  const std::string from = RowKey(std::exchange(next_, kEndOfTime), "");
  RETURN_IF_ERROR(store.Scan(from, EndOfPrefix(prefix_),
                             [&](std::string_view key, std::string_view /*row*/) -> Result<bool> {
                               OrderedKeyReader reader(key.substr(prefix_.size()));
                               const Timestamp due = reader.Time();
                               if (!reader.ok())
                                 return Status::TaskCorrupted("a row of a held result has no time");
                               if (due > now || keys.size() >= most) {
                                 next_ = due;
                                 return false;
                               }
                               keys.emplace_back(key);
                               names.emplace_back(reader.Rest());
                               return true;
                             }));
  for (const std::string& key : keys) store.Delete(key);
  return Status::Ok();
}

Status HeldResults::Clear(statestore::KeyValueStore& store) {
  constexpr size_t kBatch = 256;
  std::vector<std::string> names;
  do {
    RETURN_IF_ERROR(TakeDue(kEndOfTime, kBatch, store, names));
  } while (!names.empty());
  return Status::Ok();
}

}  // namespace sidestream::operators
