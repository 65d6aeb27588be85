// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// TaskTime: event time of a task: what its inputs know, and the watermark over all of them.
//
// Place in the flow: StreamTask tells it of records, marks and silence, and passes the watermark to
// the program when it moved. A transaction copies it at begin and takes the copy back at abort.
//
// Invariants (topology-language, Time)
//  E3. The watermark is the minimum over the inputs that are neither idle nor finished. All of them
//      idle, or idle and finished: the highest of the idle ones, which follow the clock. All
//      finished: kEndOfTime.
//  E4. The watermark never goes back, also across owners of the task.
//
// Threading: a value, confined to the task's worker.

#pragma once

#include <cstddef>
#include <optional>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "time/source_time.h"
#include "time/upstream_vector.h"

namespace sidestream::time {

class TaskTime {
 public:
  using Input = std::variant<SourceTime, UpstreamVector>;

  /// `watermark`: the one that was committed last, or kNoWatermark.
  TaskTime(std::vector<Input> inputs, Timestamp watermark)
      : inputs_(std::move(inputs)), watermark_(watermark) {}

  Timestamp watermark() const { return watermark_; }
  /// Of the task as a whole: what a mark says of it.
  Progress progress() const { return progress_; }

  size_t size() const { return inputs_.size(); }
  /// Null: a repartition topic.
  SourceTime* source(size_t input) { return std::get_if<SourceTime>(&inputs_[input]); }
  const SourceTime* source(size_t input) const { return std::get_if<SourceTime>(&inputs_[input]); }
  /// Null: a user's topic.
  UpstreamVector* hop(size_t input) { return std::get_if<UpstreamVector>(&inputs_[input]); }
  const UpstreamVector* hop(size_t input) const {
    return std::get_if<UpstreamVector>(&inputs_[input]);
  }

  /// Combines what the inputs know; true: the watermark moved.
  bool Update(const ClockReading& now);

  /// Wall clock when the watermark moved last; kNoTimestamp: not since the task started.
  Timestamp moved_at() const { return moved_at_; }

  /// Idle, and its watermark goes on with the clock, no further behind it than lateness and `idle`
  /// of an input are long: waiting for it is waiting for the clock, and not for a replay.
  bool FollowsNearClock(const ClockReading& now) const;
  /// The highest timestamp of a record; kNoTimestamp: there was none, or behind a hop nobody knows.
  Timestamp highest() const;

  /// The input that holds the watermark where it is; empty: none does (all idle or finished).
  std::optional<size_t> Holder() const;

 private:
  struct View {
    Progress progress;
    Timestamp watermark;
  };
  static View ViewOf(const Input& input, const ClockReading& now);

  std::vector<Input> inputs_;
  Timestamp watermark_;
  Progress progress_ = Progress::kUnknown;
  Timestamp moved_at_ = kNoTimestamp;
};

}  // namespace sidestream::time
