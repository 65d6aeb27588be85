// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The row of one group in the store of an aggregate without window: accumulators, the time of the
// result, and what was sent last, so that after a crash nothing is sent twice or missed.
//
// Beside the groups the store has rows that are none; their keys begin with kNoGroup and a byte
// below it. The key of a group that begins with kNoGroup gets another one in front.
//
// Persistent: docs/formats/aggregate-row.md. Bytes behind the known ones are skipped.
//
// Threading: free functions.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/status.h"
#include "operators/aggregate/accumulators.h"

namespace sidestream::operators {

inline constexpr char kNoGroup = '\xff';

/// Makes a store key (row_key.h) the key of the row of that group.
void ToGroupRowKey(std::string& store_key);
/// The other way; empty: the row is no group's. Points into `row_key`.
std::optional<std::string_view> GroupOfRowKey(std::string_view row_key);

struct AggregateRow {
  /// Largest event time of the records in it.
  Timestamp timestamp;
  /// Accumulators::Encode.
  std::string_view accumulators;
  /// serde::EncodeValue of the result that was sent last; empty: none was.
  std::optional<std::string_view> sent;
  /// Wall clock of that, where it matters; else kNoTimestamp.
  Timestamp sent_at = kNoTimestamp;
  /// Waits for the wall clock: there is a row that says when (`emit: every`).
  bool held = false;
  /// With a ttl: when the group was updated last, by the clock of the ttl; else kNoTimestamp.
  Timestamp updated = kNoTimestamp;
  /// Of a row that was read; written are all by id.
  Accumulators::Form form = Accumulators::Form::kById;
};

/// Appends the row to `out`.
void EncodeAggregateRow(const AggregateRow& row, std::string& out);

/// The result points into `bytes`. Fails with kInvalidConfig when a newer release wrote the row,
/// with kTaskCorrupted when the bytes are not ours or cut.
Result<AggregateRow> DecodeAggregateRow(std::string_view bytes);

}  // namespace sidestream::operators
