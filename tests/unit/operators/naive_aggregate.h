// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// NaiveAggregate: the result of an aggregate function over all records at once, slow and plain: what
// accumulators are compared with.
//
// Threading: free functions.

#pragma once

#include <cstdint>
#include <vector>

#include "base/arena.h"
#include "serde/value.h"
#include "topology/plan.h"

namespace sidestream::operators {

struct NaiveRecord {
  int64_t timestamp = 0;
  /// As the call has them.
  std::vector<serde::Value> arguments;
};

/// `records` in order of arrival. Of approx_count_distinct the exact count, of quantile the exact
/// value.
serde::Value NaiveAggregate(const topology::AggregateCall& call,
                            const std::vector<NaiveRecord>& records, Arena& arena);

}  // namespace sidestream::operators
