// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// RunningAggregate: one aggregate step without window, or in other words with one window that never
// ends, save with its inputs. Records fold into groups. When the results come (`emit`):
//   each     every one at once
//   changes  at the commit, where they differ from the last ones sent
//   every    the same, but at most once per group and that time of the wall clock
//   final    not before all inputs have ended
// At the end of all inputs `every` and `final` send the result of each group. What comes behind
// that is sent as `changes` are. Internal to operators.
//
// A record folds wholly or not at all: every argument is evaluated and every sum is checked
// before the first accumulator changes.
//
// A result's time is the largest event time of its group's records and never goes back. The
// row remembers the bytes that were sent last, so "differs" holds across crashes. Under `every` and
// `final` a row of its own says that the end has come, so it comes once, whatever is known of the
// watermark; records that are taken before the inputs end again take it away.
//
// With a ttl a group ends so long behind its last update, and nothing comes out (group_expiry.h).
//
// Threading: confined to the task's worker.

#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/status.h"
#include "operators/aggregate/accumulators.h"
#include "operators/aggregate/aggregate_results.h"
#include "operators/aggregate/group_expiry.h"
#include "operators/aggregate/group_table.h"
#include "operators/due_index.h"
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
  bool FollowsEventTime() const override { return waits_ || (node_.ttl && !node_.ttl->wall_clock); }
  Status AdvanceEventTime(Timestamp watermark, StepOutput& output) override;
  Status AdvanceWallTime(Timestamp now, StepOutput& output) override;
  std::optional<Timestamp> NextWallTime() const override;
  Status BeforeCommit(StepOutput& output) override;
  void Restart(Timestamp watermark) override;

 private:
  RunningAggregate(const topology::AggregateNode& node, size_t held_bytes_max);
  /// Folds a row whose key and value are not null. Fails with kBadRecord (nothing changed),
  /// and as the store does.
  Status Fold(Row& row, std::span<const serde::Value> slots, StepOutput& output);
  /// Under `emit: each`.
  Status SendNow(const Group& group, StepOutput& output);
  /// Group `index` at the commit: sends or holds its result, and writes its row.
  Status Finish(size_t index, StepOutput& output);
  /// Whether the result of `group` has to wait for the clock; sees to it that it does.
  bool Hold(Group& group, StepOutput& output);
  /// Sends the result of `group` where it differs from the last one sent, with `always` in any case,
  /// and writes its row when there is something new to be kept.
  Status Send(Group& group, bool always, StepOutput& output);
  /// The result of `group`, and its bytes in encoded_. Fails with kBadRecord: `result` has key and
  /// time.
  Status Make(const Group& group, StepOutput& output, Row& result);

  /// Sends what has waited for the clock to show `now`.
  Status SendHeld(Timestamp now, StepOutput& output);
  /// Deletes groups that have ended, unless the open transaction has touched some: then the commit
  /// does.
  Status Expire(StepOutput& output);

  /// All inputs have ended, at `watermark`.
  Status End(Timestamp watermark, StepOutput& output);
  /// A record has come: there will be another end.
  Status Reopen(StepOutput& output);
  Result<bool> HasEnded(statestore::KeyValueStore& store);

  const topology::AggregateNode& node_;
  /// `every`, `final`.
  const bool waits_;
  std::unique_ptr<AggregateResults> results_;
  GroupTable groups_;
  AggregateArguments arguments_;  // of the record that is being folded
  /// Groups whose results wait for the clock, by the keys of their rows.
  DueIndex held_;
  std::optional<GroupExpiry> ttl_;
  Timestamp watermark_ = kNoWatermark;
  /// Whether the store says that the end has come; empty: not read yet.
  std::optional<bool> ended_;
  /// One that the transaction has not touched.
  Group other_;
  std::string key_;
  std::string encoded_;
};

}  // namespace sidestream::operators
