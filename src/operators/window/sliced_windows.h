// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// SlicedWindows: an aggregate in hopping windows whose results come at the window's end. A record
// goes into one slice, however many windows hold it; at the end of a window its slices are merged.
// Internal to operators.
//
// Rows: those of slices as PaneTable has them, and 'f': the end up to which windows have been
// fired. A window that takes late records is merged again at the commit.
//
// Memory: what is in the table is merged where it lies. Else a bounded number of the rows of a
// window is merged at once, key by key.
//
// What a firing costs grows with the slices that exist and their entries, not with the slices that
// the window could have: hopping 1 h every 1 s has 3,600 of them.
//
// Invariant: results of one advance come window by window, in each by the bytes of the key.
//
// Threading: confined to the task's worker.

#pragma once

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "operators/stateful_step.h"
#include "operators/window/key_merge.h"
#include "operators/window/pane_table.h"
#include "operators/window/result_sender.h"
#include "operators/window/time_grid.h"
#include "topology/plan.h"

namespace sidestream::operators {

class SlicedWindows final : public StatefulStep {
 public:
  /// `node` and `results` are borrowed. Fails with kInvalidConfig.
  static Result<std::unique_ptr<SlicedWindows>> Create(
      const topology::AggregateNode& node, const topology::Segment& results,
      size_t held_bytes_max = PaneTable::kHeldBytesMax);

  Status Process(Row& row, std::span<const serde::Value> slots, StepOutput& output) override;
  bool FollowsEventTime() const override { return true; }
  Status AdvanceEventTime(Timestamp watermark, StepOutput& output) override;
  Status BeforeCommit(StepOutput& output) override;
  void Restart(Timestamp watermark) override;

 private:
  struct SliceRow {
    std::string key;
    std::string row;
  };

  SlicedWindows(const topology::AggregateNode& node, size_t held_bytes_max);

  Timestamp SliceOf(Timestamp time) const;
  /// Of the windows that hold the slice at `slice`, the one that begins first.
  WindowBounds FirstWindowWith(Timestamp slice) const;
  /// Of those and the ones behind them, the first that ends behind `time`.
  WindowBounds FirstWindowBehind(Timestamp slice, Timestamp time) const;
  /// When the last window that holds the slice takes no record any more.
  Timestamp Closes(Timestamp slice) const {
    return grid_.LastWindowWith(slice).end - 1 + node_.allowed_lateness;
  }
  Status FireWindows(Timestamp watermark, StepOutput& output);
  Status FireWindow(const WindowBounds& window, StepOutput& output);
  /// Whether the table has all rows of all slices of `window`.
  Result<bool> Held(const WindowBounds& window, statestore::KeyValueStore& store);
  Status FireHeld(const WindowBounds& window, StepOutput& output);
  Status FireStored(const WindowBounds& window, StepOutput& output);
  /// Merges `rows`, which stand by key and slice, and sends a result per key.
  Status MergeRows(const WindowBounds& window, std::span<const SliceRow> rows, StepOutput& output);
  /// Sends what was merged, or says why it could not be.
  Status SendMerged(const KeyedWindow& window, const Status& merged, StepOutput& output);
  Status DropSlices(Timestamp watermark, statestore::KeyValueStore& store);
  Status DropSlice(Timestamp slice, statestore::KeyValueStore& store);
  /// Sends the corrections of windows that are closed at `watermark`.
  Status Correct(Timestamp watermark, StepOutput& output);
  Status SendAgain(const WindowBounds& window, const std::string& key, StepOutput& output);
  Status LoadFired(statestore::KeyValueStore& store);
  void SaveAll(statestore::KeyValueStore& store);
  void ClearTable();

  const topology::AggregateNode& node_;
  const TimeGrid grid_;
  const int64_t slice_;
  std::unique_ptr<ResultSender> sender_;
  AggregateArguments arguments_;
  PaneTable table_;
  KeyMerge merge_;
  std::vector<KeyMerge::Sorted> panes_;
  /// The table has all rows of the slices with held_from_ <= start < held_to_.
  Timestamp held_from_ = kNoTimestamp;
  Timestamp held_to_ = kNoTimestamp;

  Timestamp watermark_ = kNoWatermark;
  /// Nothing is due before; kNoTimestamp: not known.
  Timestamp next_due_ = kNoTimestamp;
  /// Windows that end at or before have been fired; empty: not read yet.
  std::optional<Timestamp> fired_;
  /// Slices that begin before are gone.
  Timestamp dropped_before_ = kNoTimestamp;
  /// Fired windows, by start, that took late records in this transaction.
  std::set<std::pair<Timestamp, std::string>> corrections_;
  std::string key_;
  WindowState merged_;
  WindowState part_;
};

}  // namespace sidestream::operators
