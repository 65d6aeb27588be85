// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// RunningAggregate: one aggregate step without window. Records fold into groups; at the commit
// the results that differ from the last ones sent come out, under `emit: each` every one at once.
// Internal to operators.
//
// A record folds wholly or not at all: every argument is evaluated and every sum is checked
// before the first accumulator changes.
//
// A result's time is the largest event time of its group's records and never goes back. The
// row remembers the bytes that were sent last, so "differs" holds across crashes.
//
// Threading: confined to the task's worker.

#pragma once

#include <memory>
#include <string>

#include "base/status.h"
#include "operators/aggregate/accumulators.h"
#include "operators/aggregate/aggregate_results.h"
#include "operators/aggregate/group_table.h"
#include "operators/row.h"
#include "operators/run_state.h"
#include "operators/stateful_step.h"
#include "topology/plan.h"

namespace sidestream::operators {

class RunningAggregate final : public StatefulStep {
 public:
  /// `node` and `results` are borrowed. Fails with kInvalidConfig.
  static Result<std::unique_ptr<RunningAggregate>> Create(
      const topology::AggregateNode& node, const topology::Segment& results,
      size_t held_bytes_max = GroupTable::kHeldBytesMax);

  Status Process(Row& row, std::span<const serde::Value> slots, StepOutput& output) override;
  Status BeforeCommit(StepOutput& output) override;
  void Restart(Timestamp /*watermark*/) override { groups_.Clear(); }

 private:
  RunningAggregate(const topology::AggregateNode& node, size_t held_bytes_max);
  /// Folds a row whose key and value are not null. Fails with kBadRecord (nothing changed),
  /// and as the store does.
  Status Fold(Row& row, std::span<const serde::Value> slots, StepOutput& output);
  /// Under `emit: each`.
  Status SendNow(const Group& group, StepOutput& output);
  /// Computes the result of group `index` and writes its row. True: `result` has to be sent.
  /// Fails with kBadRecord when an expression does: the row is written, `result` has key and time.
  Result<bool> Finish(size_t index, StepOutput& output, Row& result);

  const topology::AggregateNode& node_;
  std::unique_ptr<AggregateResults> results_;
  GroupTable groups_;
  AggregateArguments arguments_;  // of the record that is being folded
  std::string key_;
  std::string encoded_;
};

}  // namespace sidestream::operators
