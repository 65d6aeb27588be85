// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/waiting.h"

#include "app/signals.h"
#include "base/log.h"

namespace sidestream::app {

void ProcessWaiting::Pass(Milliseconds time) { WaitForStop(time); }

bool ProcessWaiting::stopping() const { return StopRequested(); }

namespace internal {

bool MayRetry(const Status& status, std::string_view what, MonotonicTime deadline,
              Milliseconds pause, Waiting& waiting) {
  const auto left = std::chrono::duration_cast<Milliseconds>(deadline - waiting.clock().Now());
  if (waiting.stopping() || left.count() <= 0) return false;
  log::Warning("app", "the cluster does not answer, trying again: wanted={} left_s={} error={}",
               what, left.count() / 1000, status.message());
  waiting.Pass(std::min(pause, left));
  return !waiting.stopping() && waiting.clock().Now() < deadline;
}

}  // namespace internal
}  // namespace sidestream::app
