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
/// Returns after `time`, or when a first signal comes.
void WaitForStop(Milliseconds time);

}  // namespace sidestream::app
