// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The row of one group in an aggregate's store: accumulators, the time of the result, and
// what was sent last, so that after a crash nothing is sent twice or missed.
//
// Persistent: docs/formats/aggregate-row.md. Bytes behind the known ones are skipped.
//
// Threading: free functions.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/ids.h"
#include "base/status.h"
#include "operators/aggregate/accumulator.h"

namespace sidestream::operators {

/// Everything of a row but its accumulators.
struct AggregateRow {
  /// Largest event time of the records in it.
  Timestamp timestamp;
  /// serde::EncodeValue of the result that was sent last; empty: none was.
  std::optional<std::string_view> sent;
};

/// Appends the row to `out`; `scratch` is overwritten.
Status EncodeAggregateRow(const AggregateRow& row, const std::vector<Accumulator>& accumulators,
                          Arena& arena, std::string& scratch, std::string& out);

/// Sets `accumulators`; the result points into `bytes`. Fails with kInvalidConfig when a
/// newer release wrote the row, with kTaskCorrupted when the bytes are not ours or cut, or
/// hold another number of accumulators.
Result<AggregateRow> DecodeAggregateRow(std::string_view bytes,
                                        std::vector<Accumulator>& accumulators, Arena& arena);

}  // namespace sidestream::operators
