// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Logging: one named logger per folder, text on a terminal and JSON lines
// otherwise (decided once, by app). Log an error where it is handled, not at
// each level it passes. Per-record lines are debug at most.
//
// Threading: all functions may be called from any thread.

#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

namespace sidestream::log {

enum class Level { kDebug, kInfo, kWarning, kError };
enum class Format { kText, kJson };

/// Sets format and lowest level of the process; the default is text and kInfo, on standard error.
void Configure(Format format, Level lowest);
bool Enabled(Level level);
/// Writes one line. `folder` names the part of the engine that speaks.
void Write(Level level, std::string_view folder, std::string_view message);

template <typename... Args>
void Debug(std::string_view folder, fmt::format_string<Args...> format, Args&&... args) {
  if (Enabled(Level::kDebug)) {
    Write(Level::kDebug, folder, fmt::format(format, std::forward<Args>(args)...));
  }
}
template <typename... Args>
void Info(std::string_view folder, fmt::format_string<Args...> format, Args&&... args) {
  if (Enabled(Level::kInfo)) {
    Write(Level::kInfo, folder, fmt::format(format, std::forward<Args>(args)...));
  }
}
template <typename... Args>
void Warning(std::string_view folder, fmt::format_string<Args...> format, Args&&... args) {
  if (Enabled(Level::kWarning)) {
    Write(Level::kWarning, folder, fmt::format(format, std::forward<Args>(args)...));
  }
}
template <typename... Args>
void Error(std::string_view folder, fmt::format_string<Args...> format, Args&&... args) {
  Write(Level::kError, folder, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace sidestream::log
