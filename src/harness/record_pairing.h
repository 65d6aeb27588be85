// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Which record that came out stands for which record that was expected, by the match mode.
//
// Invariant: where some way exists to give every expected record its own, one is found. (Exception:
// `exact` with records that expect no key; those take the first of a key that fits.) What is
// left over is paired for display, so that a difference can be shown in place of two records.
//
// Threading: free functions.

#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "topology/model.h"

namespace sidestream::harness {

/// One line of the comparison.
struct Pairing {
  std::optional<size_t> expected;
  std::optional<size_t> actual;
  /// They are the same, and the place is right.
  bool fits = false;
};

/// The records to pair, seen through questions about their numbers.
struct PairingTask {
  size_t expected = 0;
  size_t actual = 0;
  /// Whether `actual` is all that `expected` says.
  std::function<bool(size_t expected, size_t actual)> matches;
  /// Whether the key is what `expected` says; false where it says none.
  std::function<bool(size_t expected, size_t actual)> same_key;
  /// Whether `expected` says a key.
  std::function<bool(size_t expected)> has_key;
  /// Whether two records that came out have the same key.
  std::function<bool(size_t, size_t)> equal_keys;
};

/// Every expected and every actual record in one pairing each; those of expected records in
/// their order, then what nobody expected. `last_per_key` drops the earlier ones of a key.
std::vector<Pairing> PairRecords(const PairingTask& task, topology::MatchMode mode);

}  // namespace sidestream::harness
