// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Scalars of a topology file: numbers, durations, sizes, and ${...} references. We read
// them ourselves, since YAML libraries take 0123 for octal and `on` for true.
//
// Threading: free functions.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/clock.h"
#include "base/status.h"
#include "serde/value.h"
#include "topology/yaml_node.h"

namespace sidestream::topology {

/// Decimal, with an optional sign; 64 bits.
std::optional<int64_t> ParseInteger(std::string_view text);
/// "250ms", "1m30s", "7d": units d h m s ms, each at most once, falling.
std::optional<Milliseconds> ParseDuration(std::string_view text);
/// A duration, or whole months: "1mo", "1y".
struct CalendarSpan {
  Milliseconds duration{0};
  int32_t months = 0;  // in place of the duration, when above 0
};
std::optional<CalendarSpan> ParseCalendarSpan(std::string_view text);
/// A duration in its one spelling: "1m30s", "0s".
std::string DurationText(Milliseconds duration);
/// "64MiB": B KiB MiB GiB TiB, and KB MB GB TB by thousands; a bare number is bytes.
std::optional<int64_t> ParseSize(std::string_view text);

/// Port: what a topology file may refer to outside of itself, and the files themselves.
class Surroundings {
 public:
  virtual ~Surroundings() = default;
  virtual std::optional<std::string> Variable(const std::string& name) const = 0;
  /// Fails with kInvalidConfig: the message says why the file cannot be read.
  virtual Result<std::string> ReadFile(const std::string& path) const = 0;
};

/// Environment variables and files of the process.
class ProcessSurroundings final : public Surroundings {
 public:
  std::optional<std::string> Variable(const std::string& name) const override;
  /// "-" is standard input. Reads at most 16 MiB.
  Result<std::string> ReadFile(const std::string& path) const override;
};

/// `scalar` with its references resolved. Fails with kInvalidConfig.
struct ResolvedText {
  std::string text;
  /// The whole text was one reference.
  bool reference = false;
  /// One of them was a ${file:...}.
  bool from_file = false;
};
Result<ResolvedText> ResolveReferences(std::string_view text, const Surroundings& surroundings);

/// A tree as a Value: plain `true false null ~`, decimal integers and floats are typed, all
/// else is text. Lives in `arena`.
serde::Value ToValue(const YamlNode& node, Arena& arena);

}  // namespace sidestream::topology
