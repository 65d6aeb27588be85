// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// TimeGrid: where the windows of the kinds tumbling and hopping lie on the time line: by the epoch,
// or by the calendar of a time zone. Internal to operators.
//
// A calendar window begins at a local time and ends where the next one begins, so a day of 23 or 25
// hours is one window. A local time that a change of clocks leaves out begins at the change; of one
// that comes twice the first counts. Weeks begin on Monday, quarters and years in January.
//
// Threading: confined to the task's worker (it remembers the last window).

#pragma once

#include <cstdint>
#include <string>

#include "base/ids.h"
#include "operators/window/window_bounds.h"
#include "topology/plan.h"

namespace sidestream::operators {

class TimeGrid {
 public:
  explicit TimeGrid(const topology::Window& window);

  /// Of the windows that hold `time` the one that begins last.
  WindowBounds LastWindowWith(Timestamp time) const;
  /// The window that begins at `start`.
  WindowBounds WindowAt(Timestamp start) const;
  /// The one that begins before.
  WindowBounds Before(const WindowBounds& window) const;
  /// The one that begins behind.
  WindowBounds Behind(const WindowBounds& window) const;

 private:
  bool calendar() const { return unit_ != Unit::kMilliseconds; }
  enum class Unit { kMilliseconds, kDays, kMonths };

  // Calendar windows are counted: window n begins at local time LocalStart(n).
  int64_t NumberAt(Timestamp time) const;
  int64_t LocalStart(int64_t number) const;
  WindowBounds Numbered(int64_t number) const;

  Unit unit_ = Unit::kMilliseconds;
  int64_t length_;  // in units
  int64_t step_;    // in units; of tumbling windows the length
  int64_t offset_;  // in milliseconds
  std::string zone_;
  mutable WindowBounds last_{kEndOfTime, kEndOfTime};  // holds no time
};

/// Length of the slices of a hopping window: window and step consist of whole ones.
int64_t SliceLength(const topology::Window& window);

}  // namespace sidestream::operators
