// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// StatefulStep: a step with state, as PlanProgram drives it: one record at a time, event time and
// the wall clock as they move, and what is held back until the commit. Internal to operators.
//
// Invariants
//  T1. All that outlives a transaction lies in the step's store. What is in memory beside it can be
//      made from the store again, which is what Restart() asks for.
//  T2. A step keeps its own watermark. What the step before it emits because of an advance arrives
//      under the watermark before that advance.
//  T3. Whether something comes out is decided by a row of the store, never by an interval of
//      watermarks (R14).
//
// Threading: confined to the task's worker.

#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "base/ids.h"
#include "base/status.h"
#include "operators/row.h"
#include "operators/run_state.h"
#include "serde/value.h"
#include "statestore/key_value_store.h"

namespace sidestream::operators {

/// A record that a step drops for its null value is counted so: docs/operations/metrics.md.
inline constexpr std::string_view kNullValue = "null_value";

/// What a step acts through, during one call.
class StepOutput {
 public:
  virtual ~StepOutput() = default;

  virtual statestore::KeyValueStore& store() = 0;
  virtual RunState& run() = 0;

  /// A result is about to be made outside of Process(): the arena of the run is empty again, so
  /// what the last one consisted of is gone.
  virtual void BeginResult() = 0;
  /// Sends a result to the children of the node. An error goes up unchanged, out of the step too.
  virtual Status Emit(Row& result) = 0;
  /// Puts `row` aside: into side output `output` of the node, as it came to the step. Where nobody
  /// reads it, it is dropped and counted. Errors as Emit().
  virtual Status EmitSide(size_t output, Row& row) = 0;
  /// A result that cannot be made: its policy decides. `result` has what is known of it, key and
  /// time. ok: go on with the next one. Other errors than kBadRecord go up unchanged.
  virtual Status Refuse(Row& result, const Status& cause) = 0;
  /// Counts a record that the step drops; `reason` is one of docs/operations/metrics.md.
  virtual void CountDropped(std::string_view reason) = 0;
  /// Counts a record that came too late to be decided, and passes.
  virtual void CountLate() = 0;
};

class StatefulStep {
 public:
  virtual ~StatefulStep() = default;

  /// Takes a row; its slots are those of the node's segment. kBadRecord: the row is refused and has
  /// changed nothing. Other errors go up unchanged.
  virtual Status Process(Row& row, std::span<const serde::Value> slots, StepOutput& output) = 0;

  /// Whether AdvanceEventTime() has anything to do: else it is not called for this step's sake.
  virtual bool FollowsEventTime() const { return false; }
  /// Event time has reached `watermark`, which never goes back between two calls of Restart(): what
  /// is due comes out.
  virtual Status AdvanceEventTime(Timestamp /*watermark*/, StepOutput& /*output*/) {
    return Status::Ok();
  }
  /// The wall clock has reached `now`.
  virtual Status AdvanceWallTime(Timestamp /*now*/, StepOutput& /*output*/) { return Status::Ok(); }
  /// When AdvanceWallTime() has something to do, at the latest; empty: nothing waits for the clock.
  virtual std::optional<Timestamp> NextWallTime() const { return std::nullopt; }

  /// The transaction is about to be committed: lets go of what is held for it and writes the rows
  /// that are still in memory. May come more than once between two commits.
  virtual Status BeforeCommit(StepOutput& /*output*/) { return Status::Ok(); }

  /// At the task's start and after an abort: forgets what it keeps in memory. Its watermark is
  /// `watermark`; kNoWatermark: not known.
  virtual void Restart(Timestamp watermark) = 0;
};

}  // namespace sidestream::operators
