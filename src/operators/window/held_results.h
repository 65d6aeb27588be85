// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// HeldResults: which results wait for the wall clock (`emit: every`), as rows of the step's store:
// a prefix, the time (ordered_key.h), what the step calls it. So a result that is held comes out
// after a crash too. Internal to operators.
//
// Threading: confined to the task's worker.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "statestore/key_value_store.h"

namespace sidestream::operators {

/// The prefix in stores of windows.
inline constexpr std::string_view kHeldRows = "h";

class HeldResults {
 public:
  /// All rows that begin with `prefix` are its own.
  explicit HeldResults(std::string_view prefix = kHeldRows) : prefix_(prefix) {}

  void Put(Timestamp due, std::string_view name, statestore::KeyValueStore& store);
  void Delete(Timestamp due, std::string_view name, statestore::KeyValueStore& store);

  /// Takes those that are due out of the store, earliest first, `most` at once. Empty: no more.
  Status TakeDue(Timestamp now, size_t most, statestore::KeyValueStore& store,
                 std::vector<std::string>& names);

  /// Takes all of them out of the store.
  Status Clear(statestore::KeyValueStore& store);

  /// When TakeDue() has something to do, at the latest; empty: not as things stand.
  std::optional<Timestamp> next() const {
    return next_ == kEndOfTime ? std::nullopt : std::optional(next_);
  }
  /// The store may hold others than are known here.
  void Restart() { next_ = kNoTimestamp; }

 private:
  std::string RowKey(Timestamp due, std::string_view name) const;

  const std::string prefix_;
  Timestamp next_ = kNoTimestamp;
};

}  // namespace sidestream::operators
