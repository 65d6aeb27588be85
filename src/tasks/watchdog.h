// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Watchdog: ends the process when a part of it hangs. What hangs cannot be closed in order,
// and the library's own limit is no watchdog: polling a worker's queue resets it (A3).
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

  /// `limit`: max.poll.interval.ms of the consumer.
  Watchdog(const Clock& clock, Milliseconds limit, std::vector<Watched> watched)
      : clock_(clock), limit_(limit), watched_(std::move(watched)) {}

  /// What hangs, with since when, or empty.
  std::optional<std::string> Check() const;

 private:
  const Clock& clock_;
  const Milliseconds limit_;
  const std::vector<Watched> watched_;
};

}  // namespace sidestream::tasks
