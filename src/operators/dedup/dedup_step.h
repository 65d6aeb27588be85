// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// DedupStep: of the records of one id within the ttl, lets the first or the last one through; the
// others go to the side output `duplicates`. Internal to operators.
//
// keep: first. A record passes at once, unless one of its id was let through less than the ttl
// before or after it. In event time a record is decided while timestamp + ttl > watermark, so the
// times of those that passed are kept for twice the ttl; one that comes later passes and is counted
// as late.
//
// keep: last. Records wait. The first one of an id opens a period [first, first + ttl); when the
// clock has reached its end the last record in it, by time, then arrival, comes out with that time.
// Which record is the first is decided then, so it depends on no arrival order. A late record that
// lies less than the ttl from the first one of a period that is over is a duplicate.
//
// Threading: confined to the task's worker.

#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/header.h"
#include "operators/due_index.h"
#include "operators/expiry.h"
#include "operators/stateful_step.h"
#include "topology/plan.h"

namespace sidestream::operators {

class DedupStep final : public StatefulStep {
 public:
  /// `node` is borrowed.
  static Result<std::unique_ptr<DedupStep>> Create(const topology::DedupNode& node);

  Status Process(Row& row, std::span<const serde::Value> slots, StepOutput& output) override;
  bool FollowsEventTime() const override { return !node_.wall_clock; }
  Status AdvanceEventTime(Timestamp watermark, StepOutput& output) override;
  Status AdvanceWallTime(Timestamp now, StepOutput& output) override;
  std::optional<Timestamp> NextWallTime() const override;
  Status BeforeCommit(StepOutput& output) override;
  void Restart(Timestamp watermark) override;

 private:
  explicit DedupStep(const topology::DedupNode& node);

  /// Makes id_; false: the row has none.
  Result<bool> MakeId(Row& row, std::span<const serde::Value> slots, RunState& run);
  /// Whether a record of the id was let through less than the ttl from `time`; fills passed_.
  Result<bool> IsNearPassed(Timestamp time, statestore::KeyValueStore& store);
  void AddPassed(Timestamp time, statestore::KeyValueStore& store);
  Status Hold(const Row& row, Timestamp time, StepOutput& output);
  Status FireHeld(Timestamp now, StepOutput& output);
  /// Sends the rows of the period of `id` that ends at `end`.
  Status EndPeriod(std::string_view id, Timestamp end, StepOutput& output);
  Status SendHeld(std::string_view id, std::string_view bytes, std::optional<Timestamp> result_time,
                  StepOutput& output);
  Result<std::optional<Timestamp>> FirstHeld(std::string_view id,
                                             statestore::KeyValueStore& store) const;
  Result<uint64_t> NextNumber(statestore::KeyValueStore& store);
  void AddDue(Timestamp due, std::string_view id, statestore::KeyValueStore& store);
  Status Expire(Timestamp now, StepOutput& output);
  Timestamp ClockOf(RunState& run) const;
  bool Near(Timestamp a, Timestamp b) const;

  const topology::DedupNode& node_;
  Expiry passed_ends_;
  DueIndex held_due_;
  Timestamp watermark_ = kNoWatermark;
  // The least due time that was added while periods end.
  Timestamp added_due_ = kEndOfTime;

  // Of the record: its id, ready to be a part of keys.
  std::string id_;
  std::vector<Timestamp> passed_;
  std::vector<Header> headers_;
  std::string row_;
  std::string value_;
  std::string encoded_;
};

}  // namespace sidestream::operators
