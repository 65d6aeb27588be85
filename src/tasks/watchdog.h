// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Watchdog: ends the process when a part of it hangs. What hangs cannot be closed in order,
// and the library's own limit is no watchdog: polling a worker's queue resets it (A3).
//
// A time of day that is set back counts as a hang: the client library waits for deadlines by it
// (C11's cnd_timedwait), so its main thread, which sends the heartbeats and joins again, stands
// still for as long as the clock went back. Found by fault 25 (docs/operations/faults.md).
//
// Threading: Check() on one thread; the heartbeats are atomics of their owners.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace sidestream::tasks {

class Watchdog {
 public:
  struct Watched {
    std::string name;
    /// When it last finished a step.
    std::function<MonotonicTime()> heartbeat;
  };

  /// `limit`: max.poll.interval.ms of the consumer. `step_back_max`: of the time of day.
  Watchdog(const Clock& clock, Milliseconds limit, Milliseconds step_back_max,
           std::vector<Watched> watched)
      : clock_(clock),
        limit_(limit),
        step_back_max_(step_back_max),
        watched_(std::move(watched)),
        last_(Read(clock)) {}

  /// What hangs, with since when, or empty.
  std::optional<std::string> Check();

 private:
  const Clock& clock_;
  const Milliseconds limit_;
  const Milliseconds step_back_max_;
  const std::vector<Watched> watched_;
  /// At the last Check().
  ClockReading last_;
};

}  // namespace sidestream::tasks
