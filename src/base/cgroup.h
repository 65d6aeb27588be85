// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// How much memory this process may use: the limit of its control group (v1 or v2), of every
// group above it, and of the machine.
//
// Threading: free functions; read the file system at each call.

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace sidestream {

/// The lowest memory limit of this process' control groups; empty when there is none or it
/// cannot be read. `root` stands for "/", so that a test can bring its own files.
std::optional<int64_t> CgroupMemoryLimit(const std::filesystem::path& root = "/");

/// The lower of the control group's limit and the machine's memory.
int64_t UsableMemoryBytes(const std::filesystem::path& root = "/");

}  // namespace sidestream
