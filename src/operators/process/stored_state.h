// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// StoredState: what the rows of a `process` step mean, in the words of its user: of each key an
// object with a field for each store that holds something. For people and tests, not for the way of
// a record.
//
// Threading: confined to one thread.

#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/ids.h"
#include "base/status.h"
#include "operators/process/keyed_state.h"
#include "operators/stored_key.h"
#include "serde/value.h"
#include "topology/plan.h"

namespace sidestream::operators {

class StoredState {
 public:
  struct Entry {
    serde::Value key;
    /// A value as it is, a list as a list, a map as an object.
    serde::Value state;
  };
  using Rows = std::map<std::string, std::string>;

  /// `node` is borrowed. Fails with kInvalidConfig.
  static Result<std::unique_ptr<StoredState>> Create(const topology::ProcessNode& node);

  /// All rows of the store of one task, whose clocks show `time`: what has ended by then is left
  /// out. Values are made in `arena`. Fails as the decoders of rows do.
  Result<std::vector<Entry>> Read(const Rows& rows, CallTime time, Arena& arena);

 private:
  struct Part {
    size_t store = 0;
    std::string_view element;
    std::string_view value;
  };

  explicit StoredState(const topology::ProcessNode& node) : node_(node) {}
  Result<serde::Value> StateOf(const std::vector<Part>& parts, Arena& arena) const;

  const topology::ProcessNode& node_;
  std::unique_ptr<StoredKey> key_;
};

}  // namespace sidestream::operators
