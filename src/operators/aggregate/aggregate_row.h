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

#include "base/ids.h"
#include "base/status.h"

namespace sidestream::operators {

struct AggregateRow {
  /// Largest event time of the records in it.
  Timestamp timestamp;
  /// Accumulators::Encode.
  std::string_view accumulators;
  /// serde::EncodeValue of the result that was sent last; empty: none was.
  std::optional<std::string_view> sent;
};

/// Appends the row to `out`.
void EncodeAggregateRow(const AggregateRow& row, std::string& out);

/// The result points into `bytes`. Fails with kInvalidConfig when a newer release wrote the row,
/// with kTaskCorrupted when the bytes are not ours or cut.
Result<AggregateRow> DecodeAggregateRow(std::string_view bytes);

}  // namespace sidestream::operators
