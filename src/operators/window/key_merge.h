// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// KeyMerge: the entries of several panes, key by key: a heap over panes that are sorted, so that
// what a window costs grows with its entries and hardly with its slices. Internal to operators.
//
// Threading: confined to the task's worker.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "operators/window/pane_table.h"

namespace sidestream::operators {

class KeyMerge {
 public:
  using Sorted = std::span<PaneTable::Entry* const>;

  /// Begins anew, with panes that are sorted by key. They are borrowed until the last Next().
  void Start(std::span<const Sorted> panes);
  /// The entries of the least key that is left, in the order of their panes; good until the next
  /// call. Empty: there are none.
  std::span<const PaneTable::Entry* const> Next();

  /// Pairs of keys that were compared since Start().
  int64_t compared() const { return compared_; }

 private:
  struct Cursor {
    Sorted rest;  // not empty
    size_t pane = 0;
  };
  /// Whether `a` comes behind `b`.
  bool Behind(const Cursor& a, const Cursor& b);

  std::vector<Cursor> heap_;  // the first one is the least
  std::vector<const PaneTable::Entry*> parts_;
  int64_t compared_ = 0;
};

}  // namespace sidestream::operators
