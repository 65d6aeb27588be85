// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/restore_pace.h"

#include <chrono>

namespace sidestream::app {
namespace {

constexpr Milliseconds kWindow{10'000};

}  // namespace

RestorePace::Report RestorePace::Note(MonotonicTime now, int64_t passed, int64_t remaining) {
  if (remaining == 0) {
    // What follows is another restore, with a pace of its own.
    samples_.clear();
    return {};
  }
  samples_.push_back({now, passed});
  while (samples_.size() > 2 && now - samples_[1].at >= kWindow) samples_.pop_front();
  const Sample& oldest = samples_.front();
  const double seconds = std::chrono::duration<double>(now - oldest.at).count();
  if (seconds <= 0 || passed <= oldest.passed) return {};
  const double pace = static_cast<double>(passed - oldest.passed) / seconds;
  return {.per_second = pace, .seconds_left = static_cast<double>(remaining) / pace};
}

}  // namespace sidestream::app
