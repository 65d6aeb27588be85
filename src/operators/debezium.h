// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Debezium's envelope: what a change of a database row was. Internal to this folder.
//
// Both JSON forms are understood, with and without `schema` and `payload` around, and the records
// of the other formats.
//
// Threading: free functions over values; results point into what was given.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/status.h"
#include "serde/value.h"

namespace sidestream::operators {

struct RowChange {
  /// The row after the change; null: it is gone.
  serde::Value row;
  /// The row before, null where there was none; kMissing where the connector does not send it.
  serde::Value old;
  /// c, u, d, r; empty for a tombstone, which follows a delete.
  std::string_view op;
  /// When the database made the change, epoch milliseconds.
  std::optional<int64_t> millis;
};

/// `envelope`: the whole value of the record. Fails with kBadRecord: it is no change of a row.
Result<RowChange> ReadRowChange(const serde::Value& envelope);

/// The key of the row: the only field of the record's key, or, with several, all of them.
serde::Value RowChangeKey(const serde::Value& key);

}  // namespace sidestream::operators
