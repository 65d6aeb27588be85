// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/stateless/object_edit.h"

#include <algorithm>

namespace sidestream::operators {
namespace {

using serde::MapEntry;
using serde::Value;
using Path = std::span<const std::string>;

/// The entries of an object, in an array with room for one more.
struct Entries {
  std::span<MapEntry> room;
  size_t count = 0;

  Entries(std::span<const MapEntry> entries, size_t more, Arena& arena)
      : room(arena.NewArray<MapEntry>(entries.size() + more)), count(entries.size()) {
    std::copy(entries.begin(), entries.end(), room.begin());
  }
  /// Place of `name`, or count.
  size_t Find(std::string_view name) const {
    size_t at = 0;
    while (at < count &&
           (room[at].key.kind() != Value::Kind::kString || room[at].key.string_value() != name)) {
      ++at;
    }
    return at;
  }
  void Put(size_t at, std::string_view name, const Value& value) {
    if (at == count) room[count++].key = Value::String(name);
    room[at].value = value;
  }
  void Remove(size_t at) {
    std::copy(room.begin() + static_cast<ptrdiff_t>(at) + 1,
              room.begin() + static_cast<ptrdiff_t>(count),
              room.begin() + static_cast<ptrdiff_t>(at));
    --count;
  }
  Value ToValue() const { return Value::Map(room.first(count)); }
};

Status NoObject(std::string_view verb, const Value& value) {
  return Status::BadRecord(std::string(verb) + " needs an object, this is " +
                           std::string(serde::KindName(value.kind())));
}

Status SetAt(Entries& entries, Path path, const Value& value, Arena& arena) {
  const std::string& name = path.front();
  const size_t at = entries.Find(name);
  if (path.size() == 1) {
    if (!value.missing()) {
      entries.Put(at, name, value);
    } else if (at < entries.count) {
      entries.Remove(at);
    }
    return Status::Ok();
  }
  const Value child = at < entries.count ? entries.room[at].value : Value();
  const bool nothing = child.missing() || child.null();
  if (nothing && value.missing()) return Status::Ok();
  if (!nothing && child.kind() != Value::Kind::kMap) {
    return NoObject("set", child).WithContext("field " + name);
  }
  Entries inner(nothing ? std::span<const MapEntry>() : child.map(), 1, arena);
  RETURN_IF_ERROR(SetAt(inner, path.subspan(1), value, arena));
  entries.Put(at, name, inner.ToValue());
  return Status::Ok();
}

void UnsetAt(Entries& entries, Path path, Arena& arena) {
  const size_t at = entries.Find(path.front());
  if (at == entries.count) return;
  if (path.size() == 1) {
    entries.Remove(at);
    return;
  }
  const Value& child = entries.room[at].value;
  if (child.kind() != Value::Kind::kMap) return;
  Entries inner(child.map(), 0, arena);
  UnsetAt(inner, path.subspan(1), arena);
  entries.room[at].value = inner.ToValue();
}

}  // namespace

Value NewObject(std::span<const topology::FieldExpression> fields, std::span<const Value> values,
                Arena& arena) {
  const std::span<MapEntry> entries = arena.NewArray<MapEntry>(fields.size());
  size_t count = 0;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (values[i].missing()) continue;
    entries[count++] = {Value::String(fields[i].path.front()), values[i]};
  }
  return Value::Map(entries.first(count));
}

Result<Value> SetFields(const Value& object, std::span<const topology::FieldExpression> fields,
                        std::span<const Value> values, Arena& arena) {
  if (object.kind() != Value::Kind::kMap) return NoObject("set", object);
  Entries entries(object.map(), fields.size(), arena);
  for (size_t i = 0; i < fields.size(); ++i) {
    RETURN_IF_ERROR(SetAt(entries, fields[i].path, values[i], arena));
  }
  return entries.ToValue();
}

Result<Value> UnsetFields(const Value& object, std::span<const std::vector<std::string>> paths,
                          Arena& arena) {
  if (object.null()) return object;
  if (object.kind() != Value::Kind::kMap) return NoObject("unset", object);
  Entries entries(object.map(), 0, arena);
  for (const std::vector<std::string>& path : paths) UnsetAt(entries, path, arena);
  return entries.ToValue();
}

}  // namespace sidestream::operators
