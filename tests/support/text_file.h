// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The whole text of a file that a test reads.
//
// Threading: pure functions.

#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace sidestream::testing {

/// Byte by byte; empty when there is no such file.
inline std::string ReadText(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace sidestream::testing
