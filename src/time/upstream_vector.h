// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// UpstreamVector: how far event time is known in one partition of a repartition topic: what its
// upstream tasks have said in marks.
//
// Invariants (architecture 7)
//  V1. Per upstream task the watermark is the maximum of what was said; a mark of an older
//      generation is ignored: it comes from an owner that another one has replaced.
//  V2. The set of upstream tasks is the plan's. Entries outside of it are dropped at the start; an
//      upstream that was never heard holds the watermark, and so does a mark that names more
//      upstream tasks than the plan knows: a newer plan's data is on its way.
//  V3. Idle and finished upstreams are left out of the minimum. All finished: finished; all idle,
//      or idle and finished: idle, with the highest watermark of the idle ones.
//
// Threading: a value, confined to the task's worker.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "time/mark.h"
#include "time/upstream_time.h"

namespace sidestream::time {

/// Rules that negative tests switch off, to show that the oracles catch it.
struct UpstreamRules {
  /// V1: off, what was said last counts, whoever said it.
  bool newest_owner = true;
  /// V2.
  bool await_unheard = true;
  /// V3: off, upstreams that are idle are waited for.
  bool leave_out_idle = true;
};

class UpstreamVector {
 public:
  /// `upstream_tasks`: how many the plan knows, at most kUpstreamTasksMax; `heard`: of the stamp.
  UpstreamVector(uint32_t upstream_tasks, std::span<const UpstreamTime> heard,
                 const ClockReading& start, UpstreamRules rules = {});

  void Take(const Mark& mark, const ClockReading& now);

  Progress progress() const { return progress_; }
  /// Of kActive the minimum, of kIdle the maximum; kNoWatermark: held.
  Timestamp watermark() const { return watermark_; }
  /// Those that were heard, ascending: what the stamp keeps.
  std::vector<UpstreamTime> Heard() const;

  uint32_t upstream_tasks() const { return static_cast<uint32_t>(entries_.size()); }
  /// How many a mark named, when they are more than the plan's; else 0.
  uint32_t newer_plan_tasks() const { return newer_plan_tasks_; }
  const UpstreamTime& entry(size_t task) const { return entries_[task]; }
  /// Wall clock when the entry changed last.
  Timestamp changed_at(size_t task) const { return changed_at_[task]; }

 private:
  void Combine();

  UpstreamRules rules_;
  std::vector<UpstreamTime> entries_;  // by task; kUnknown: not heard
  std::vector<Timestamp> changed_at_;  // as entries_
  uint32_t newer_plan_tasks_ = 0;
  Progress progress_ = Progress::kUnknown;
  Timestamp watermark_ = kNoWatermark;
};

}  // namespace sidestream::time
