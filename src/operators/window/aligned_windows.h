// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// AlignedWindows: an aggregate in tumbling and calendar windows, and in hopping ones whose results
// come out before the window's end: a row per key and window. Internal to operators.
//
// Rows lie by window, so what is due stands together: when the watermark passes an end, the rows of
// that window are visited and no others. Between two ends nothing is looked at.
//
// Invariants
//  W1. At each commit, no window that has ended at the step's watermark owes a result.
//  W2. Results of one advance come window by window, in each by the bytes of the key, wherever
//      commits lie.
//
// Threading: confined to the task's worker.

#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "operators/due_index.h"
#include "operators/stateful_step.h"
#include "operators/window/pane_table.h"
#include "operators/window/result_sender.h"
#include "operators/window/time_grid.h"
#include "topology/plan.h"

namespace sidestream::operators {

class AlignedWindows final : public StatefulStep {
 public:
  /// `node` and `results` are borrowed. Fails with kInvalidConfig.
  static Result<std::unique_ptr<AlignedWindows>> Create(
      const topology::AggregateNode& node, const topology::Segment& results,
      size_t held_bytes_max = PaneTable::kHeldBytesMax);

  Status Process(Row& row, std::span<const serde::Value> slots, StepOutput& output) override;
  bool FollowsEventTime() const override { return true; }
  Status AdvanceEventTime(Timestamp watermark, StepOutput& output) override;
  Status AdvanceWallTime(Timestamp now, StepOutput& output) override;
  std::optional<Timestamp> NextWallTime() const override;
  Status BeforeCommit(StepOutput& output) override;
  void Restart(Timestamp watermark) override;

 private:
  AlignedWindows(const topology::AggregateNode& node, size_t held_bytes_max);

  bool Over(const WindowBounds& window) const { return watermark_ >= window.end - 1; }
  bool Closed(const WindowBounds& window) const {
    return watermark_ >= window.end - 1 + node_.allowed_lateness;
  }
  KeyedWindow Keyed(const WindowBounds& window, const PaneTable::Entry& entry, bool over) const {
    return {entry.key, window, window.end - 1, over};
  }

  Status Take(const WindowBounds& window, Row& row, StepOutput& output);
  /// Visits the windows from `from` on whose end + `grace` the watermark has reached: their results
  /// come out, and with `drop` their rows go. Returns when the next one is due.
  Result<Timestamp> Sweep(Timestamp from, int64_t grace, Timestamp watermark, bool drop,
                          StepOutput& output);
  Status SweepWindow(const WindowBounds& window, bool drop, StepOutput& output);
  Status End(const WindowBounds& window, PaneTable::Entry& entry, bool drop, StepOutput& output);
  /// Start of the first window that is not over at `watermark`.
  Timestamp FirstOpen(Timestamp watermark) const;
  Status CommitEntry(const WindowBounds& window, PaneTable::Entry& entry, StepOutput& output);
  void WriteThrough(statestore::KeyValueStore& store);

  const topology::AggregateNode& node_;
  const TimeGrid grid_;
  const bool overlap_;
  std::unique_ptr<ResultSender> sender_;
  AggregateArguments arguments_;
  PaneTable table_;
  DueIndex held_{kHeldRows};

  Timestamp watermark_ = kNoWatermark;
  /// Nothing is due before; kNoTimestamp: not known.
  Timestamp next_due_ = kNoTimestamp;
  /// All windows that begin before have ended; are dropped.
  Timestamp ended_before_ = kNoTimestamp;
  Timestamp dropped_before_ = kNoTimestamp;
  /// What was written through in this transaction and may owe a result at the commit.
  std::vector<std::pair<Timestamp, std::string>> written_;
  std::string key_;
  PaneTable::Entry swept_;
};

}  // namespace sidestream::operators
