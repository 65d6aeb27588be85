// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tasks/mark_schedule.h"

#include <algorithm>

namespace sidestream::tasks {
namespace {

using time::Progress;

// The clock moves all the time; a mark for each tick of it would keep an idle application busy.
constexpr Milliseconds kClockAdvanceMin{1'000};
constexpr int64_t kSilenceShare = 60;

bool Rests(Progress progress) {
  return progress == Progress::kIdle || progress == Progress::kFinished;
}

}  // namespace

MarkSchedule::MarkSchedule(const std::vector<int32_t>& partitions, MarkIntervals intervals,
                           MonotonicTime now, MarkRules rules)
    : intervals_(intervals), rules_(rules) {
  for (const int32_t count : partitions) touched_.emplace_back(static_cast<size_t>(count), false);
  state_.told_at = state_.so_since = now;
  committed_ = state_;
}

MarkSchedule::Said MarkSchedule::SaidOf(Progress progress, Timestamp watermark) {
  if (!Rests(progress) && watermark == kNoWatermark) return {};
  return {Rests(progress) ? progress : Progress::kActive, watermark};
}

bool MarkSchedule::MustOpen() const {
  return rules_.open_first && !touched_.empty() && (!state_.told || Rests(state_.told->progress));
}

MarkSchedule::Said MarkSchedule::Open(Timestamp watermark, MonotonicTime now) {
  const Said said = SaidOf(Progress::kActive, watermark);
  state_.so_since = now;
  Tell(said, Audience::kAll, now);
  return said;
}

bool MarkSchedule::Due(const Said& said, MonotonicTime now) const {
  if (touched_.empty()) return false;
  const Said told = state_.told.value_or(Said());
  if (said.progress != told.progress) return true;
  // An active task that never had a watermark has nothing to repeat.
  if (said == Said()) return false;
  const MonotonicTime::duration since = now - state_.told_at;
  if (said == told) return since >= intervals_.repeat;
  if (!Rests(said.progress)) return since >= intervals_.advance;
  const auto silence = std::chrono::duration_cast<Milliseconds>(now - state_.so_since);
  const Milliseconds pause =
      std::max({intervals_.advance, kClockAdvanceMin, silence / kSilenceShare});
  return since >= std::min(pause, intervals_.repeat);
}

MarkSchedule::Audience MarkSchedule::AudienceOf(const Said& said, MonotonicTime now,
                                                bool to_all) const {
  if (Due(said, now)) return rules_.tell_all ? Audience::kAll : Audience::kTouched;
  if (touched_.empty() || said == state_.told.value_or(Said())) return Audience::kNobody;
  return to_all ? Audience::kAll : Audience::kTouched;
}

void MarkSchedule::Tell(const Said& said, Audience audience, MonotonicTime now) {
  if (audience != Audience::kAll) return;
  if (!state_.told || state_.told->progress != said.progress) state_.so_since = now;
  state_.told = said;
  state_.told_at = now;
}

void MarkSchedule::Committed() {
  committed_ = state_;
  for (std::vector<bool>& topic : touched_) std::fill(topic.begin(), topic.end(), false);
}

void MarkSchedule::Aborted() {
  if (rules_.forget_aborted) state_ = committed_;
  for (std::vector<bool>& topic : touched_) std::fill(topic.begin(), topic.end(), false);
}

}  // namespace sidestream::tasks
