// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tasks/watchdog.h"

namespace sidestream::tasks {

std::optional<std::string> Watchdog::Check() {
  const ClockReading reading = Read(clock_);
  const MonotonicTime now = reading.steady;
  const auto passed = std::chrono::duration_cast<Milliseconds>(now - last_.steady);
  const Milliseconds back = passed - Milliseconds(reading.wall - last_.wall);
  last_ = reading;
  if (back > step_back_max_) {
    return "the time of day was set back by " + std::to_string(back.count()) +
           " ms, for which the Kafka client would stand still";
  }
  for (const Watched& watched : watched_) {
    const auto silent = std::chrono::duration_cast<Milliseconds>(now - watched.heartbeat());
    if (silent > limit_) {
      return watched.name + " has not finished a step for " + std::to_string(silent.count()) +
             " ms (limit: max.poll.interval.ms=" + std::to_string(limit_.count()) + ")";
    }
  }
  return std::nullopt;
}

}  // namespace sidestream::tasks
