// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What the operating system knows of this process, under the names that every Prometheus
// client uses (`process_*`).
//
// Threading: ReadProcess() may be called from any thread; it reads /proc.

#pragma once

#include <optional>

namespace sidestream::metrics {

struct ProcessFacts {
  double cpu_seconds = 0;
  double resident_bytes = 0;
  double virtual_bytes = 0;
  double start_time_seconds = 0;
  double open_fds = 0;
  double threads = 0;
};

/// Empty where /proc does not tell.
std::optional<ProcessFacts> ReadProcess();

}  // namespace sidestream::metrics
