// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// SIGTERM and SIGINT: the first asks for an orderly stop, the second ends the process at
// once with 128 + its number; the broker then aborts what was open.
//
// Threading: functions may be called from any thread.

#pragma once

#include "base/clock.h"

namespace sidestream::app {

/// Installs the handlers; once, before any other thread exists. Also ignores SIGPIPE: a reader
/// of our output that goes away is an error of the write.
void InstallStopSignals();
/// A first signal has come.
bool StopRequested();

/// Ends waits of another thread. Once rung it stays so.
class Doorbell {
 public:
  Doorbell();
  Doorbell(const Doorbell&) = delete;
  Doorbell& operator=(const Doorbell&) = delete;
  ~Doorbell();
  void Ring();
  /// Returns after `time`, or when it has rung; says whether it has.
  bool Wait(Milliseconds time) const;

 private:
  friend void WaitForStop(Milliseconds time, const Doorbell* bell);
  const int event_;
};

/// Returns after `time`, when a first signal has come, or when `bell` has rung.
void WaitForStop(Milliseconds time, const Doorbell* bell = nullptr);

}  // namespace sidestream::app
