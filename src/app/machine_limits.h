// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// How many processors this process may use: the limit of its cgroup (v2 or v1), which the
// usual calls do not tell inside a container. (Memory: statestore reads that limit itself.)
//
// Threading: free functions; they read files below /sys.

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace sidestream::app {

/// Processors, possibly a fraction; empty: no limit is set.
std::optional<double> CgroupCpuLimit(const std::filesystem::path& root = "/sys/fs/cgroup");

/// Workers for `auto`: the processor limit rounded up, at most the machine's processors.
int32_t DefaultWorkers(std::optional<double> cpu_limit, unsigned processors);

}  // namespace sidestream::app
