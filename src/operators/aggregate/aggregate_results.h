// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// AggregateResults: the result expressions of one aggregate step, over its accumulators and the
// group's key. Internal to operators.
//
// Threading: confined to the task's worker.

#pragma once

#include <memory>
#include <vector>

#include "base/status.h"
#include "operators/aggregate/accumulators.h"
#include "operators/row.h"
#include "operators/run_state.h"
#include "operators/segment_entry.h"
#include "operators/window/window_bounds.h"
#include "serde/value.h"
#include "topology/plan.h"

namespace sidestream::operators {

class AggregateResults {
 public:
  /// `node` and `results`, the segment of its results, are borrowed. Fails with kInvalidConfig.
  static Result<std::unique_ptr<AggregateResults>> Create(const topology::AggregateNode& node,
                                                          const topology::Segment& results);

  /// The result of the group `key`, in `window` if there is one. It points into `accumulators`, `key`
  /// and the arena of `run`. Fails with kBadRecord.
  Result<serde::Value> Evaluate(const Accumulators& accumulators, RowKey& key,
                                const WindowBounds* window, RunState& run);

  /// The value of a group's key. Fails with kBadRecord.
  Result<serde::Value> WholeKey(RowKey& key, RunState& run);

 private:
  AggregateResults(const topology::AggregateNode& node, const topology::Segment& results);

  struct CallSlot {
    size_t slot = 0;
    size_t call = 0;
  };

  const topology::AggregateNode& node_;
  const bool folds_;  // the result is what `fold` holds
  std::unique_ptr<SegmentEntry> entry_;
  std::vector<CallSlot> call_slots_;
  std::vector<serde::Value> slots_;
  std::unique_ptr<serde::Reader> key_reader_;  // null: the key is computed
};

}  // namespace sidestream::operators
