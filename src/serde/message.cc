// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/message.h"

#include <algorithm>

namespace sidestream::serde {

std::string_view EnumType::NameOf(int32_t number) const {
  for (const auto& [value_name, value] : values) {
    if (value == number) return value_name;
  }
  return {};
}

const Value* Message::Find(const MessageField& field) const {
  const auto found = std::ranges::lower_bound(
      entries, field.number, {}, [](const MessageEntry& entry) { return entry.field->number; });
  if (found == entries.end() || found->field->number != field.number) return nullptr;
  return &found->value;
}

const Value& Message::Get(const MessageField& field) const {
  const Value* found = Find(field);
  return found == nullptr ? field.initial : *found;
}

const MessageField* MessageType::Find(std::string_view field) const {
  const auto found = by_name.find(field);
  return found == by_name.end() ? nullptr : found->second;
}

std::vector<std::string> MessageType::FieldNames() const {
  std::vector<std::string> names;
  for (const MessageField& field : fields) names.push_back(field.name);
  return names;
}

bool EqualMessages(const Message& a, const Message& b) {
  // Two catalogues may both know a type.
  if (a.type != b.type && a.type->name != b.type->name) return false;
  if (a.unknown != b.unknown) return false;
  return std::ranges::equal(a.entries, b.entries, [](const MessageEntry& x, const MessageEntry& y) {
    return x.field->number == y.field->number && Value::Equal(x.value, y.value);
  });
}

Value AsMap(const Message& message, Arena& arena) {
  const std::vector<MessageField>& fields = message.type->fields;
  const std::span<MapEntry> entries = arena.NewArray<MapEntry>(fields.size());
  size_t count = 0;
  for (const MessageField& field : fields) {
    const Value* value = message.Find(field);
    if (value == nullptr && !field.presence) value = &field.initial;
    if (value == nullptr) continue;
    entries[count++] = {Value::String(field.name), *value};
  }
  return Value::Map(entries.first(count));
}

}  // namespace sidestream::serde
