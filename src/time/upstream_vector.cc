// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "time/upstream_vector.h"

#include <algorithm>

#include "base/check.h"

namespace sidestream::time {

UpstreamVector::UpstreamVector(uint32_t upstream_tasks, std::span<const UpstreamTime> heard,
                               const ClockReading& start, UpstreamRules rules)
    : rules_(rules), entries_(upstream_tasks), changed_at_(upstream_tasks, start.wall) {
  CHECK(upstream_tasks <= kUpstreamTasksMax) << upstream_tasks;
  for (uint32_t task = 0; task < upstream_tasks; ++task) entries_[task].upstream_task = task;
  for (const UpstreamTime& entry : heard) {
    if (entry.upstream_task < upstream_tasks) entries_[entry.upstream_task] = entry;
  }
  Combine();
}

void UpstreamVector::Take(const Mark& mark, const ClockReading& now) {
  newer_plan_tasks_ = mark.upstream_tasks > entries_.size() ? mark.upstream_tasks : 0;
  for (const UpstreamTime& said : mark.entries) {
    if (said.upstream_task >= entries_.size()) continue;
    UpstreamTime& entry = entries_[said.upstream_task];
    if (said.generation < entry.generation && rules_.newest_owner) continue;
    const UpstreamTime before = entry;
    entry.generation = said.generation;
    if (said.progress != Progress::kUnknown) {
      const bool heard = entry.progress != Progress::kUnknown;
      entry.watermark = heard ? std::max(entry.watermark, said.watermark) : said.watermark;
      entry.progress = said.progress;
    } else if (entry.progress != Progress::kUnknown) {
      // A new owner that does not know its time yet: what was said before still holds.
      entry.progress = Progress::kActive;
    }
    if (entry != before) changed_at_[said.upstream_task] = now.wall;
  }
  Combine();
}

void UpstreamVector::Combine() {
  bool active = newer_plan_tasks_ > 0 || entries_.empty();
  bool idle = false;
  Timestamp least = active ? kNoWatermark : kEndOfTime;
  Timestamp highest_idle = kNoWatermark;
  for (const UpstreamTime& entry : entries_) {
    switch (entry.progress) {
      case Progress::kUnknown:
        if (!rules_.await_unheard) break;
        active = true;
        least = kNoWatermark;
        break;
      case Progress::kActive:
        active = true;
        least = std::min(least, entry.watermark);
        break;
      case Progress::kIdle:
        idle = true;
        if (!rules_.leave_out_idle) least = std::min(least, entry.watermark);
        highest_idle = std::max(highest_idle, entry.watermark);
        break;
      case Progress::kFinished:
        break;
    }
  }
  progress_ = active ? Progress::kActive : idle ? Progress::kIdle : Progress::kFinished;
  watermark_ = active ? least : idle ? highest_idle : kEndOfTime;
}

std::vector<UpstreamTime> UpstreamVector::Heard() const {
  std::vector<UpstreamTime> heard;
  for (const UpstreamTime& entry : entries_) {
    if (entry.progress == Progress::kUnknown && entry.generation == 0) continue;
    heard.push_back(entry);
    heard.back().watermark =
        entry.progress == Progress::kUnknown ? Timestamp() : WrittenWatermark(entry.watermark);
  }
  return heard;
}

}  // namespace sidestream::time
