// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>

namespace sidestream::log {
namespace {

std::atomic<Format> g_format{Format::kText};
std::atomic<Level> g_lowest{Level::kInfo};

spdlog::level::level_enum SpdlogLevel(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

spdlog::logger& Logger() {
  static const std::shared_ptr<spdlog::logger> logger = [] {
    auto made = spdlog::stderr_color_mt("sidestream");
    made->set_level(spdlog::level::trace);
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
    return made;
  }();
  return *logger;
}

std::string JsonEscaped(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (c == '\n') {
      out.append("\\n");
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out.append(fmt::format("\\u{:04x}", static_cast<unsigned char>(c)));
    } else {
      out.push_back(c);
    }
  }
  return out;
}

}  // namespace

void Configure(Format format, Level lowest) {
  g_format = format;
  g_lowest = lowest;
  Logger().set_pattern(format == Format::kText
                           ? "%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v"
                           : R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v})");
}

bool Enabled(Level level) { return level >= g_lowest.load(std::memory_order_relaxed); }

void Write(Level level, std::string_view folder, std::string_view message) {
  if (!Enabled(level)) return;
  if (g_format == Format::kText) {
    Logger().log(SpdlogLevel(level), "{}: {}", folder, message);
  } else {
    Logger().log(SpdlogLevel(level), R"("logger":"{}","message":"{}")", folder,
                 JsonEscaped(message));
  }
}

}  // namespace sidestream::log
