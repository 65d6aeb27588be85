// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "time/source_time.h"

namespace sidestream::time {

void SourceTime::Wait(std::optional<bool> caught_up, const ClockReading& now) {
  if (!caught_up || kept_.progress == Progress::kFinished) return;
  if (!*caught_up) {
    if (kept_.progress == Progress::kIdle) Become(Progress::kActive, now);
    return;
  }
  seen_idle_ = true;
  const std::optional<MonotonicTime> at = idle_at();
  if (kept_.progress != Progress::kIdle && at && now.steady >= *at) Become(Progress::kIdle, now);
}

void SourceTime::Finish(const ClockReading& now) {
  if (kept_.progress != Progress::kFinished) Become(Progress::kFinished, now);
}

Timestamp SourceTime::IdleWatermark(const ClockReading& now) const {
  if (!policy_.follows_clock || !seen_idle_ || kept_.watermark == kNoWatermark) {
    return kept_.watermark;
  }
  const auto silence = std::chrono::duration_cast<Milliseconds>(now.steady - heard_at_).count();
  return std::max(kept_.watermark, std::min(kept_.watermark + silence, now.wall));
}

}  // namespace sidestream::time
