// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Where a row of a step's store belongs when the tasks of the step become more or fewer: by the key that
// its records are placed by, which every row holds, or to the task as a whole.
//
// Persistent: docs/formats/aggregate-row.md, window-rows.md, dedup-rows.md, process-rows.md.
//
// Threading: free functions.

#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "base/store_layout.h"

namespace sidestream::operators {

struct RowPlace {
  enum class Kind {
    kOfKey,
    /// Of the task: the number that something gets next. Of several the largest serves all.
    kCounter,
    /// Of the task: how far windows have been fired. Others have fired others.
    kFired,
    /// Of the task: the results of the end of all inputs are out.
    kEnded,
  };
  Kind kind = Kind::kOfKey;
  /// Of kOfKey: the bytes that decide the partition.
  std::string key;
  /// kOfKey: a window that kFired tells of.
  bool window = false;
};

/// `layout`: of the store, with its general parts. kTaskCorrupted: no row of such a store.
Result<RowPlace> PlaceOfRow(const StoreLayout& layout, std::string_view row_key);

/// Of two rows kCounter the one that serves both. kTaskCorrupted: one of them is none.
Result<std::string_view> LargerCounter(std::string_view a, std::string_view b);

}  // namespace sidestream::operators
