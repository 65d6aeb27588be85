// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "time/task_time.h"

#include <algorithm>

namespace sidestream::time {

TaskTime::View TaskTime::ViewOf(const Input& input, const ClockReading& now) {
  if (const auto* hop = std::get_if<UpstreamVector>(&input)) {
    return {hop->progress(), hop->watermark()};
  }
  const auto& source = std::get<SourceTime>(input);
  if (source.progress() == Progress::kFinished) return {Progress::kFinished, kEndOfTime};
  if (source.policy().kind == WatermarkPolicy::Kind::kClock) {
    return {Progress::kActive, now.wall - 1};
  }
  if (source.progress() == Progress::kIdle) return {Progress::kIdle, source.IdleWatermark(now)};
  return {Progress::kActive, source.watermark()};
}

bool TaskTime::Update(const ClockReading& now) {
  bool active = false;
  bool idle = false;
  Timestamp least = kEndOfTime;
  Timestamp highest_idle = kNoWatermark;
  for (const Input& input : inputs_) {
    const View view = ViewOf(input, now);
    if (view.progress == Progress::kFinished) continue;
    if (view.progress == Progress::kIdle) {
      idle = true;
      highest_idle = std::max(highest_idle, view.watermark);
    } else {
      active = true;
      least = std::min(least, view.watermark);
    }
  }
  progress_ = active ? Progress::kActive : idle ? Progress::kIdle : Progress::kFinished;
  const Timestamp reached = active ? least : idle ? highest_idle : kEndOfTime;
  if (reached <= watermark_) return false;
  watermark_ = reached;
  moved_at_ = now.wall;
  return true;
}

bool TaskTime::FollowsNearClock(const ClockReading& now) const {
  if (progress_ != Progress::kIdle) return false;
  return std::ranges::any_of(inputs_, [&](const Input& input) {
    const auto* source = std::get_if<SourceTime>(&input);
    if (source == nullptr || source->progress() != Progress::kIdle) return false;
    const WatermarkPolicy& policy = source->policy();
    const Timestamp reached = source->IdleWatermark(now);
    return policy.follows_clock && policy.idle && reached != kNoWatermark &&
           now.wall - reached <= (policy.lateness + *policy.idle).count();
  });
}

Timestamp TaskTime::highest() const {
  Timestamp highest = kNoTimestamp;
  for (const Input& input : inputs_) {
    const auto* source = std::get_if<SourceTime>(&input);
    if (source != nullptr) highest = std::max(highest, source->kept().highest);
  }
  return highest;
}

std::optional<size_t> TaskTime::Holder() const {
  std::optional<size_t> holder;
  Timestamp least;
  for (size_t i = 0; i < inputs_.size(); ++i) {
    const View view = ViewOf(inputs_[i], {{}, watermark_});
    if (view.progress != Progress::kActive && view.progress != Progress::kUnknown) continue;
    if (holder && view.watermark >= least) continue;
    holder = i;
    least = view.watermark;
  }
  return holder;
}

}  // namespace sidestream::time
