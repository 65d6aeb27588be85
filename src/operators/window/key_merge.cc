// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/window/key_merge.h"

#include <algorithm>

namespace sidestream::operators {

bool KeyMerge::Behind(const Cursor& a, const Cursor& b) {
  ++compared_;
  const int order = a.rest.front()->key.compare(b.rest.front()->key);
  return order != 0 ? order > 0 : a.pane > b.pane;
}

void KeyMerge::Start(std::span<const Sorted> panes) {
  compared_ = 0;
  heap_.clear();
  for (size_t i = 0; i < panes.size(); ++i) {
    if (!panes[i].empty()) heap_.push_back({panes[i], i});
  }
  std::ranges::make_heap(heap_, [this](const auto& a, const auto& b) { return Behind(a, b); });
}

std::span<const PaneTable::Entry* const> KeyMerge::Next() {
  const auto behind = [this](const Cursor& a, const Cursor& b) { return Behind(a, b); };
  parts_.clear();
  while (!heap_.empty()) {
    const PaneTable::Entry* const least = heap_.front().rest.front();
    if (!parts_.empty() && parts_.front()->key != least->key) break;
    parts_.push_back(least);
    std::ranges::pop_heap(heap_, behind);
    Cursor& cursor = heap_.back();
    cursor.rest = cursor.rest.subspan(1);
    if (cursor.rest.empty()) {
      heap_.pop_back();
    } else {
      std::ranges::push_heap(heap_, behind);
    }
  }
  return parts_;
}

}  // namespace sidestream::operators
