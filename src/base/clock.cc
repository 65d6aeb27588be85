// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "base/clock.h"

namespace sidestream {

Timestamp SystemClock::WallTime() const {
  return Timestamp(std::chrono::duration_cast<Milliseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count());
}

}  // namespace sidestream
