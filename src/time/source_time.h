// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// SourceTime: how far event time is known in one partition of a user's topic.
//
// Place in the flow: StreamTask tells it of each record and, when there is none, of silence;
// TaskTime takes the minimum over the inputs of a task.
//
// Invariants
//  E1. The watermark never goes back: it is the highest timestamp seen - lateness - 1 ms, or the
//      highest value that the stream stated itself. A timestamp further than max_ahead in the
//      future moves nothing.
//  E2. Idle: caught up with the log's end (its unreadable tail included) and silent for `idle`. A
//      record ends it, and so does a tail, because that is data on its way. Silence counts from the
//      last record on, whoever took it: a task that moves goes on where it was.
//
// Threading: a value, confined to the task's worker.

#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/clock.h"
#include "base/ids.h"
#include "time/upstream_time.h"

namespace sidestream::time {

/// What `watermark:` of a stream says.
struct WatermarkPolicy {
  enum class Kind {
    kLateness,  // behind the highest timestamp
    kStated,    // records say it themselves (`when`, `value`)
    kClock,     // processing time: the wall clock, always
  };
  Kind kind = Kind::kLateness;
  Milliseconds lateness{0};
  /// Empty: never idle.
  std::optional<Milliseconds> idle;
  /// When all inputs of the task are idle: follow the clock, or hold.
  bool follows_clock = true;
  Milliseconds max_ahead{std::numeric_limits<int64_t>::max()};
  /// How far a partition may run ahead of the slowest one of the stream; empty: without bound.
  std::optional<Milliseconds> max_drift;
};

class SourceTime {
 public:
  /// What outlives the task: in the commit stamp.
  struct Kept {
    Progress progress = Progress::kUnknown;
    /// kNoTimestamp: there was no record.
    Timestamp highest = kNoTimestamp;
    Timestamp watermark = kNoWatermark;
    /// Wall clock when a record was taken last, or when the first owner started; kNoTimestamp: not
    /// known.
    Timestamp heard = kNoTimestamp;
    friend bool operator==(const Kept&, const Kept&) = default;
  };

  SourceTime(const WatermarkPolicy& policy, const Kept& kept, const ClockReading& start)
      : policy_(policy), kept_(kept), heard_at_(start.steady), moved_at_(start.wall) {
    if (kept_.heard == kNoTimestamp) kept_.heard = start.wall;
    // The clock of the owner before may be ahead of this one's.
    if (kept_.heard < start.wall) heard_at_ -= Milliseconds(start.wall - kept_.heard);
    if (policy_.kind == WatermarkPolicy::Kind::kLateness && kept_.highest != kNoTimestamp) {
      Raise(kept_.highest - policy_.lateness.count() - 1, start);
    }
  }

  /// A record was taken. False: it lies more than max_ahead in the future.
  bool Take(Timestamp at, const ClockReading& now) {
    Hear(now);
    if (at <= kept_.highest) return true;
    if (IsAhead(at, now)) return false;
    kept_.highest = at;
    if (policy_.kind == WatermarkPolicy::Kind::kLateness) {
      Raise(at - policy_.lateness.count() - 1, now);
    }
    return true;
  }

  /// A record came that says nothing of time: the partition is not silent.
  void Hear(const ClockReading& now) {
    heard_at_ = now.steady;
    kept_.heard = now.wall;
    if (kept_.progress != Progress::kActive) Become(Progress::kActive, now);
  }

  /// The stream states that no record at or before `watermark` is expected. False: as Take().
  bool State(Timestamp watermark, const ClockReading& now) {
    if (IsAhead(watermark, now)) return false;
    if (policy_.kind == WatermarkPolicy::Kind::kStated) Raise(watermark, now);
    return true;
  }

  /// Nothing is there to take. `caught_up`: the position has reached the high watermark; empty:
  /// nobody knows.
  void Wait(std::optional<bool> caught_up, const ClockReading& now);
  /// The bounded partition was read to its end.
  void Finish(const ClockReading& now);

  Progress progress() const { return kept_.progress; }
  Timestamp watermark() const { return kept_.watermark; }
  /// What it counts as when all inputs of the task are idle: the watermark at the last record, moved
  /// on by the time since, but not above the wall clock by that.
  Timestamp IdleWatermark(const ClockReading& now) const;

  const Kept& kept() const { return kept_; }
  const WatermarkPolicy& policy() const { return policy_; }
  /// When silence is long enough; empty: never.
  std::optional<MonotonicTime> idle_at() const {
    return policy_.idle ? std::optional(heard_at_ + *policy_.idle) : std::nullopt;
  }
  /// Wall clock when watermark or progress changed last.
  Timestamp moved_at() const { return moved_at_; }

 private:
  bool IsAhead(Timestamp at, const ClockReading& now) const {
    return at.value() > now.wall.value() && at - now.wall > policy_.max_ahead.count();
  }
  void Raise(Timestamp watermark, const ClockReading& now) {
    if (watermark <= kept_.watermark) return;
    kept_.watermark = watermark;
    moved_at_ = now.wall;
  }
  void Become(Progress progress, const ClockReading& now) {
    kept_.progress = progress;
    moved_at_ = now.wall;
  }

  WatermarkPolicy policy_;
  Kept kept_;
  MonotonicTime heard_at_;
  Timestamp moved_at_;
  /// Idle, and seen to be caught up by this owner: a restored idleness may have ended meanwhile, and
  /// what waits there must not find that the clock has gone on.
  bool seen_idle_ = false;
};

}  // namespace sidestream::time
