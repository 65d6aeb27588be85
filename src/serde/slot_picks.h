// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Slots that lie in a value that is read whole: readers of formats with a schema take them
// out of it.
//
// Threading: free functions.

#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "serde/field_tree.h"
#include "serde/value.h"

namespace sidestream::serde {

/// A slot, and the names below the whole value that lead to it.
struct SlotPick {
  std::vector<std::string> names;
  size_t slot = 0;
};

/// Every slot at or below `wanted`.
std::vector<SlotPick> PicksOf(const FieldNode& wanted);

/// What lies in `value` where `pick` says; missing when nothing does.
inline Value PickFrom(Value value, const SlotPick& pick) {
  for (const std::string& name : pick.names) {
    value = value.kind() == Value::Kind::kMap ? value.Field(name) : Value();
  }
  return value;
}

}  // namespace sidestream::serde
