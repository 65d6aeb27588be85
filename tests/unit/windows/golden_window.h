// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The cases of tests/golden/windows: a window in one topology with every emission, without and with
// `allowed_lateness`, and what must come out of each.
//
// Threading: free functions.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"

namespace sidestream::testing {

/// A line of an input or an expectation.
struct WindowLine {
  std::string key;
  std::string value;
  Timestamp timestamp;
  Partition partition;
};

struct GoldenWindow {
  std::string name;
  /// In flow style; empty: a running aggregate.
  std::string window;
  std::string input;

  /// Neither a running aggregate nor a count: it looks at times, so records may be late for it.
  bool timed() const { return !window.empty() && !counts(); }
  bool counts() const { return window.find("\"count\"") != std::string::npos; }
  bool session() const { return window.find("\"session\"") != std::string::npos; }
  /// A session with a length that it may not exceed.
  bool cut() const { return window.find("\"max_length\"") != std::string::npos; }
};

/// One aggregate of the topology. Its results go to stream Name(), what it refuses as late to
/// Name() + "_late".
struct WindowStep {
  std::string emit;
  bool lenient = false;
  std::string Name() const { return Lenience() + "_" + emit; }
  std::string Lenience() const { return lenient ? "lenient" : "strict"; }
};

const std::vector<GoldenWindow>& GoldenWindows();
std::vector<WindowStep> StepsOf(const GoldenWindow& of);
/// `hop`: grouped by a field of the value, so over repartition topics; else by the record's key.
std::string TopologyOf(const GoldenWindow& of, const std::vector<WindowStep>& steps, bool hop);

/// `watermark: { lateness }` of the case's input.
Milliseconds LatenessOf(const GoldenWindow& of);
std::vector<WindowLine> ReadInput(const GoldenWindow& of);
/// `stream`: strict, strict_late, lenient, lenient_late.
std::vector<WindowLine> ReadExpected(const GoldenWindow& of, const std::string& stream);

}  // namespace sidestream::testing
