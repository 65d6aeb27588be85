// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// StoredKey: a record's key as the rows of stores have it, as a value. For people and tests, not for
// the way of a record. Internal to operators.
//
// Threading: confined to one thread.

#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/status.h"
#include "operators/segment_entry.h"
#include "serde/json_text.h"
#include "serde/value.h"
#include "topology/plan.h"

namespace sidestream::operators {

class StoredKey {
 public:
  /// `encoding`: of the key of the step's rows. Fails with kInvalidConfig.
  static Result<std::unique_ptr<StoredKey>> Create(const topology::Encoding& encoding);

  /// Made in `arena`. Fails with kTaskCorrupted.
  Result<serde::Value> Read(std::string_view key, Arena& arena);

 private:
  explicit StoredKey(bool computed);

  const bool computed_;
  topology::Segment segment_;  // of one slot: the key as a value
  std::unique_ptr<SegmentEntry> entry_;
  std::vector<serde::Value> slots_;
  serde::JsonParser parser_;
};

}  // namespace sidestream::operators
