// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// ResultSender: when the results of a windowed aggregate come out (`emit`), and with which key and
// time. The steps say what happened to a window; this decides whether that gives a result.
// Internal to operators.
//
// What came in since the last result is owed. Before the window's end `each` sends it at once,
// `changes` at the commit, `every` at the commit or when the clock says so, `final` not at all. At
// the end `final` and `every` send a result in any case, the others what is owed. After the end, of
// a late record, all of them send at the commit.
//
// Threading: confined to the task's worker.

#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "operators/aggregate/aggregate_results.h"
#include "operators/row.h"
#include "operators/stateful_step.h"
#include "operators/window/window_bounds.h"
#include "operators/window/window_row.h"
#include "topology/plan.h"

namespace sidestream::operators {

/// The rows of results that wait for the clock (a DueIndex).
inline constexpr std::string_view kHeldRows = "h";

/// The side of a windowed step that takes what no window took.
inline constexpr size_t kLateSide = 0;

/// A window of one key, for the calls below. `key` is as in the store (row_key.h).
struct KeyedWindow {
  std::string_view key;
  WindowBounds bounds;
  /// Time of the result of its end: bounds.end - 1, of a session bounds.end.
  Timestamp end_time;
  /// The watermark has reached that.
  bool over = false;
};

class ResultSender {
 public:
  /// `node` and `results` are borrowed. Fails with kInvalidConfig.
  static Result<std::unique_ptr<ResultSender>> Create(const topology::AggregateNode& node,
                                                      const topology::Segment& results);

  /// A record was folded in.
  Status AfterRecord(const KeyedWindow& window, WindowState& state, StepOutput& output);

  /// The commit is near. A result that has to wait for the clock sets state.held and stays owed;
  /// HeldUntil() says until when.
  Status AtCommit(const KeyedWindow& window, WindowState& state, StepOutput& output);
  Timestamp HeldUntil(const WindowState& state) const { return state.sent_at + node_.emit_every; }

  /// The clock has come for a result that was held.
  Status AtClock(const KeyedWindow& window, WindowState& state, StepOutput& output);

  /// The watermark has reached the window's end. Once it has ended it only sends what is owed.
  Status AtEnd(const KeyedWindow& window, WindowState& state, StepOutput& output);

  /// Sends the result of `accumulators` with time `time`: steps that keep no WindowState per window.
  Status Send(const KeyedWindow& window, const Accumulators& accumulators, Timestamp time,
              StepOutput& output);
  /// The same of a result that cannot be computed.
  Status Refuse(const KeyedWindow& window, Timestamp time, const Status& cause,
                StepOutput& output);

 private:
  explicit ResultSender(const topology::AggregateNode& node) : node_(node) {}

  Status Make(const KeyedWindow& window, const Accumulators& accumulators, Timestamp time,
              StepOutput& output, Row& result);
  Status ShapeKey(const KeyedWindow& window, StepOutput& output, RowKey& key);
  /// Sends where the encoded result differs from the last one sent. True: it did.
  Result<bool> SendChange(const KeyedWindow& window, WindowState& state, StepOutput& output);
  /// Sends in any case, with time `time`.
  Status SendNow(const KeyedWindow& window, WindowState& state, Timestamp time,
                 StepOutput& output);

  const topology::AggregateNode& node_;
  std::unique_ptr<AggregateResults> results_;
  std::string encoded_;
  std::string key_;
};

}  // namespace sidestream::operators
