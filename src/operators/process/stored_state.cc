// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/process/stored_state.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "operators/process/process_row.h"
#include "serde/value_codec.h"

namespace sidestream::operators {

using serde::MapEntry;
using serde::Value;
using topology::ProcessStore;

Result<std::unique_ptr<StoredState>> StoredState::Create(const topology::ProcessNode& node) {
  std::unique_ptr<StoredState> state(new StoredState(node));
  ASSIGN_OR_RETURN(state->key_, StoredKey::Create(node.key));
  return state;
}

Result<std::vector<StoredState::Entry>> StoredState::Read(const Rows& rows, CallTime time,
                                                          Arena& arena) {
  std::map<std::string, std::vector<Part>> keys;
  for (const auto& [row_key, row] : rows) {
    ASSIGN_OR_RETURN(const std::optional<ElementKey> key, ParseElementKey(row_key));
    // What is of a store that is no longer declared means nothing.
    if (!key || key->store >= node_.stores.size()) continue;
    ASSIGN_OR_RETURN(const Element element, DecodeElement(row));
    const std::optional<topology::Ttl>& ttl = node_.stores[key->store].ttl;
    const Timestamp now = ttl && ttl->wall_clock ? time.wall : time.event;
    if (ttl && LaterBy(element.updated, ttl->length_ms) <= now) continue;
    keys[key->key].push_back({key->store, key->element, element.value});
  }
  std::vector<Entry> entries;
  for (const auto& [key, parts] : keys) {
    ASSIGN_OR_RETURN(const Value value, key_->Read(key, arena));
    ASSIGN_OR_RETURN(const Value state, StateOf(parts, arena));
    entries.push_back({value, state});
  }
  return entries;
}

/// `parts` stand in the order of their stores and elements, as their rows do.
Result<Value> StoredState::StateOf(const std::vector<Part>& parts, Arena& arena) const {
  std::vector<MapEntry> fields;
  for (size_t i = 0; i < parts.size();) {
    const ProcessStore& store = node_.stores[parts[i].store];
    std::vector<Value> items;
    std::vector<MapEntry> entries;
    Value whole;
    for (const size_t first = i; i < parts.size() && parts[i].store == parts[first].store; ++i) {
      ASSIGN_OR_RETURN(whole, serde::DecodeValue(arena.Copy(parts[i].value), arena));
      items.push_back(whole);
      entries.push_back({ReadMapKey(parts[i].element, arena), whole});
    }
    if (store.kind == ProcessStore::Kind::kList) {
      const std::span<Value> list = arena.NewArray<Value>(items.size());
      std::copy(items.begin(), items.end(), list.begin());
      whole = Value::List(list);
    } else if (store.kind == ProcessStore::Kind::kMap) {
      const std::span<MapEntry> map = arena.NewArray<MapEntry>(entries.size());
      std::copy(entries.begin(), entries.end(), map.begin());
      whole = Value::Map(map);
    }
    fields.push_back({Value::String(arena.Copy(store.name)), whole});
  }
  const std::span<MapEntry> object = arena.NewArray<MapEntry>(fields.size());
  std::copy(fields.begin(), fields.end(), object.begin());
  return Value::Map(object);
}

}  // namespace sidestream::operators
