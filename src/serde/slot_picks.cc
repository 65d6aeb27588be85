// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/slot_picks.h"

#include <memory>

namespace sidestream::serde {
namespace {

void Collect(const FieldNode& wanted, std::vector<std::string>& names,
             std::vector<SlotPick>& picks) {
  for (const size_t slot : wanted.slots) picks.push_back({names, slot});
  for (const std::unique_ptr<FieldNode>& child : wanted.children) {
    names.push_back(child->name);
    Collect(*child, names, picks);
    names.pop_back();
  }
}

}  // namespace

std::vector<SlotPick> PicksOf(const FieldNode& wanted) {
  std::vector<std::string> names;
  std::vector<SlotPick> picks;
  Collect(wanted, names, picks);
  return picks;
}

}  // namespace sidestream::serde
