// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// How fast the restores of an instance went lately, and when they will be done at that pace.
//
// Place in the flow: `run` notes the progress now and then, for metrics and terminal.
//
// Threading: confined to one thread.

#pragma once

#include <cstdint>
#include <deque>

#include "base/clock.h"

namespace sidestream::app {

class RestorePace {
 public:
  struct Report {
    double per_second = 0;
    /// 0: nothing remains, or the pace is not known yet.
    double seconds_left = 0;
  };

  /// `passed`: offsets (or bytes) gone past since the start of the process; `remaining`: those still
  /// to go.
  Report Note(MonotonicTime now, int64_t passed, int64_t remaining);

 private:
  struct Sample {
    MonotonicTime at;
    int64_t passed;
  };
  /// Of the last ten seconds, and the one before them.
  std::deque<Sample> samples_;
};

}  // namespace sidestream::app
