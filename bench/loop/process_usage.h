// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A child process, and what a process uses: CPU time of all its threads, resident memory.
//
// Threading: one thread.

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace sidestream::bench {

/// Of all threads, also those that ended, user and system. 0 when there is no such process.
double CpuSeconds(pid_t process);

/// A line of /proc/<pid>/status in MiB: VmRSS, VmHWM.
double MemoryMib(pid_t process, const std::string& line);

/// 1-minute load average of the machine.
double LoadAverage();

/// Its output goes to `log`.
pid_t StartChild(char** command, const std::string& log);

/// SIGTERM, and SIGKILL after 30 s. True when it ended by itself with exit code 0.
bool StopChild(pid_t child);

bool HasEnded(pid_t child);

}  // namespace sidestream::bench
