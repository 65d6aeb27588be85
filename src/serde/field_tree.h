// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What a JSON reader looks for, as a tree over field names: which slots want the value at a
// place, and which type `fields:` gives it.
//
// Threading: immutable after Build.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/status.h"
#include "serde/format.h"
#include "serde/reader.h"
#include "serde/value.h"

namespace sidestream::serde {

struct FieldNode {
  std::string name;
  /// From the root, as `fields:` writes it: for messages.
  std::string path;
  std::optional<FieldType> type;
  /// Slots that want the whole value at this place.
  std::vector<size_t> slots;
  /// All slots below this place, not those of `slots`.
  std::vector<size_t> slots_below;
  /// Types are given here or below.
  bool typed = false;
  /// Nobody looks into the value at this place: its text will do.
  bool stays_text = false;
  /// Shortest name first.
  std::vector<std::unique_ptr<FieldNode>> children;
  /// For each element of a list.
  std::unique_ptr<FieldNode> element;

  bool wanted() const { return !slots.empty() || !slots_below.empty(); }

  /// The child for a key, or null.
  const FieldNode* Child(std::string_view key) const {
    for (const std::unique_ptr<FieldNode>& child : children) {
      if (child->name.size() < key.size()) continue;
      if (child->name.size() > key.size()) return nullptr;
      // Most keys differ in the first byte.
      if (key.empty() || (child->name[0] == key[0] && child->name == key)) return child.get();
    }
    return nullptr;
  }
};

/// The root stands for the whole value. Fails with kInvalidConfig when a path does not parse
/// or is typed twice.
Result<std::unique_ptr<FieldNode>> BuildFieldTree(const std::vector<FieldSpec>& fields,
                                                  const std::vector<WantedPath>& wanted);

/// Whether ConvertField() would give back `value`, which most values are made as.
inline bool IsOfType(FieldType type, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kInt:
      return type == FieldType::kInt;
    case Value::Kind::kString:
      return type == FieldType::kString;
    case Value::Kind::kDouble:
      return type == FieldType::kDouble;
    case Value::Kind::kBool:
      return type == FieldType::kBool;
    default:
      return false;
  }
}

/// `value` as the type that `node` gives it; null stays null. Requires node.type.
/// Fails with kBadRecord: the message names field, type and what was found.
Result<Value> ConvertField(const FieldNode& node, const Value& value, Arena& arena);

}  // namespace sidestream::serde
