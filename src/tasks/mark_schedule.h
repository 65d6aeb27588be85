// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// MarkSchedule: when a task tells the partitions of its repartition topics where its event time
// stands. What it says goes out in marks (time/mark.h), which the worker writes (mark_writer.h).
//
// Invariants (architecture 7)
//  M1. In its first transaction after a start, and when it leaves idleness, a task says so before its
//      first data record, to every partition: a reader that still counts it as idle would be too far.
//  M2. An advance goes with each commit to the partitions that got data, after it; to the others at
//      most once per `interval`. That the task became idle or finished, or came back, goes to all at
//      once.
//  M3. What did not change is repeated once per `repeat`. While nothing but the clock moves an idle
//      task on, advances become rarer with the silence, by a sixtieth of it.
//  M4. What an aborted transaction said was not said.
//
// Threading: a value, confined to the task's worker.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "time/upstream_time.h"

namespace sidestream::tasks {

struct MarkIntervals {
  Milliseconds advance{1'000};
  Milliseconds repeat{60'000};
};

/// Rules that negative tests switch off, to show that the oracles catch it.
struct MarkRules {
  /// M1.
  bool open_first = true;
  /// M2: off, only partitions that got data hear of the task.
  bool tell_all = true;
  /// M4: off, what an aborted transaction said counts as said.
  bool forget_aborted = true;
};

class MarkSchedule {
 public:
  /// What a mark says of the task, save number and generation.
  struct Said {
    time::Progress progress = time::Progress::kUnknown;
    Timestamp watermark = kNoWatermark;
    friend bool operator==(const Said&, const Said&) = default;
  };
  enum class Audience {
    kNobody,
    kTouched,  // partitions that got data in this transaction
    kAll,
  };

  /// `partitions`: of each repartition topic that the task writes; empty: it says nothing, ever.
  MarkSchedule(const std::vector<int32_t>& partitions, MarkIntervals intervals, MonotonicTime now,
               MarkRules rules = {});

  /// What is to be said: an active task without a watermark says kUnknown.
  static Said SaidOf(time::Progress progress, Timestamp watermark);

  /// M1: an opening mark has to go before the data record that is about to be written.
  bool MustOpen() const;
  /// It has been written, to all partitions; returns what it says.
  Said Open(Timestamp watermark, MonotonicTime now);
  /// A data record goes to `partition` of topic number `topic`.
  void Touch(size_t topic, int32_t partition) {
    touched_[topic][static_cast<size_t>(partition)] = true;
  }

  /// Something is to be said to all by now: reason enough for a commit.
  bool Due(const Said& said, MonotonicTime now) const;
  /// Whom the commit under way tells. `to_all`: an advance does not wait for its interval.
  Audience AudienceOf(const Said& said, MonotonicTime now, bool to_all = false) const;
  bool Touched(size_t topic, int32_t partition) const {
    return touched_[topic][static_cast<size_t>(partition)];
  }
  /// They have been told.
  void Tell(const Said& said, Audience audience, MonotonicTime now);

  void Committed();
  void Aborted();

 private:
  struct State {
    /// To all partitions, since the start.
    std::optional<Said> told;
    MonotonicTime told_at{};
    /// Since when the progress is what was told.
    MonotonicTime so_since{};
  };

  MarkIntervals intervals_;
  MarkRules rules_;
  std::vector<std::vector<bool>> touched_;  // by topic, then partition; of the open transaction
  State state_;
  State committed_;
};

}  // namespace sidestream::tasks
