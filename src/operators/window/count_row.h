// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// CountRow: what a count window's step knows of one key, and the row that it is kept in. Internal
// to operators.
//
// Persistent: docs/formats/window-rows.md. Bytes behind the known ones are skipped.
//
// Threading: values and free functions.

#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "operators/window/window_row.h"
#include "topology/plan.h"

namespace sidestream::operators {

/// First byte of the keys of these rows; the key of the group follows.
inline constexpr char kCountRows = 'c';

struct CountRow {
  /// Records since the first one whose slice is still here.
  int64_t records = 0;
  /// Oldest first; all but the last one are full.
  std::deque<WindowState> slices;
  /// The newest complete window, and what was sent of the key.
  std::optional<WindowState> newest;
};

/// Appends the bytes of `row` to `out`.
void EncodeCountRow(const CountRow& row, std::string& out);

/// The row of a key in the count windows of `node`. Fails as DecodeWindowRow().
Result<CountRow> DecodeCountRow(std::string_view bytes, const topology::AggregateNode& node);

}  // namespace sidestream::operators
