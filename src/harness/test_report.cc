// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The text for people. JSON: test_report_json.cc. JUnit: test_report_junit.cc.

#include "harness/test_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace sidestream::harness {
namespace {

/// Longer values are cut: the place of a difference counts, and the file has the whole.
constexpr size_t kValueMax = 160;

constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kDim = "\x1b[2m";

std::string Painted(std::string_view text, std::string_view color, Colors colors) {
  return colors == Colors::kOn ? fmt::format("{}{}\x1b[0m", color, text) : std::string(text);
}

/// `text` without a character cut in half.
std::string Cut(const std::string& text) {
  if (text.size() <= kValueMax) return text;
  size_t end = kValueMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

std::string ShownValue(const std::optional<std::string>& value) {
  return value ? Cut(*value) : "(not there)";
}

std::string At(const std::string& location) {
  return location.empty() ? "" : fmt::format(" ({})", location);
}

/// A message of several lines stays below its first one.
std::string Indented(const std::string& text, std::string_view indent) {
  std::string lines;
  size_t start = 0;
  while (start < text.size()) {
    const size_t end = std::min(text.find('\n', start), text.size());
    lines += fmt::format("{}{}\n", start == 0 ? "" : indent, text.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

std::string CoverageText(const std::vector<CoveragePoint>& coverage, Colors colors) {
  if (coverage.empty()) return "";
  const auto missed = std::count_if(coverage.begin(), coverage.end(),
                                    [](const CoveragePoint& point) { return !point.reached; });
  if (missed == 0) {
    return fmt::format("every step and branch was reached: {}\n", coverage.size());
  }
  std::string text =
      fmt::format("{} of {} steps and branches were never reached:\n", missed, coverage.size());
  for (const CoveragePoint& point : coverage) {
    if (point.reached) continue;
    text += fmt::format("  {}{}{}\n", point.branch ? "branch " : "", point.name,
                        Painted(At(point.location), kDim, colors));
  }
  return text;
}

}  // namespace

std::string TextOf(const TestFailure& failure, Colors colors) {
  const std::string subject = failure.subject.empty() ? "" : failure.subject + ": ";
  std::string text =
      fmt::format("  {}", Indented(fmt::format("{}{}{}", subject, failure.message,
                                               Painted(At(failure.location), kDim, colors)),
                                   "    "));
  size_t field_width = 0;
  size_t expected_width = 0;
  for (const Difference& difference : failure.differences) {
    field_width = std::max(field_width, difference.field.size());
    expected_width = std::max(expected_width, ShownValue(difference.expected).size());
  }
  for (const Difference& difference : failure.differences) {
    // Padded before it is painted: a terminal's codes have no width.
    text +=
        fmt::format("      {:<{}}  expected {}  came {}\n", difference.field, field_width,
                    Painted(fmt::format("{:<{}}", ShownValue(difference.expected), expected_width),
                            kGreen, colors),
                    Painted(ShownValue(difference.actual), kRed, colors));
  }
  if (!failure.records.empty()) {
    text += "    what came out:\n";
    for (const std::string& record : failure.records) text += fmt::format("      {}\n", record);
  }
  return text;
}

std::string TextOf(const TestReport& report, Colors colors) {
  std::string text;
  size_t failed = 0;
  for (const TestResult& result : report.results) {
    if (result.passed()) {
      text += fmt::format("{}     {}\n", Painted("ok", kGreen, colors), result.name);
      continue;
    }
    ++failed;
    text += fmt::format("{} {}{}\n", Painted("FAILED", kRed, colors), result.name,
                        Painted(At(result.location), kDim, colors));
    for (const TestFailure& failure : result.failures) text += TextOf(failure, colors);
  }
  text += fmt::format("{} passed, {} failed\n", report.results.size() - failed, failed);
  return text + CoverageText(report.coverage, colors);
}

}  // namespace sidestream::harness
