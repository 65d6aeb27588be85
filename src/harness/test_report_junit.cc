// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The elements and attributes that Jenkins' schema of JUnit's reports knows, in its order.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <string_view>

#include "harness/test_report.h"
#include "serde/utf8.h"

namespace sidestream::harness {
namespace {

/// Text for an attribute or an element. What XML 1.0 cannot hold becomes a question mark.
std::string Escaped(std::string_view text) {
  std::string escaped;
  const bool utf8 = serde::IsUtf8(text);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else if (c == '>') {
      escaped += "&gt;";
    } else if (c == '"') {
      escaped += "&quot;";
    } else if (c == '\n') {
      escaped += "&#10;";
    } else if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !utf8)) {
      escaped += '?';
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string CaseXml(const TestReport& report, const TestResult& result) {
  const std::string open =
      fmt::format(R"(    <testcase name="{}" classname="{}" time="{:.3f}")", Escaped(result.name),
                  Escaped(report.application), result.took.count());
  if (result.passed()) return open + "/>\n";
  std::string xml = open + ">\n";
  for (const TestFailure& failure : result.failures) {
    const std::string subject = failure.subject.empty() ? "" : failure.subject + ": ";
    xml += fmt::format("      <failure message=\"{}\" type=\"expectation\">{}</failure>\n",
                       Escaped(subject + failure.message), Escaped(TextOf(failure, Colors::kOff)));
  }
  return xml + "    </testcase>\n";
}

/// Cases, failed ones and time, as attributes.
std::string SumsOf(std::span<const TestReport> reports) {
  size_t tests = 0;
  size_t failures = 0;
  std::chrono::duration<double> took{0};
  for (const TestReport& report : reports) {
    for (const TestResult& result : report.results) {
      ++tests;
      if (!result.passed()) ++failures;
      took += result.took;
    }
  }
  return fmt::format(R"(time="{:.3f}" tests="{}" failures="{}" errors="0")", took.count(), tests,
                     failures);
}

}  // namespace

std::string JunitOf(std::span<const TestReport> reports) {
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  xml += fmt::format("<testsuites name=\"sidestream\" {}>\n", SumsOf(reports));
  for (const TestReport& report : reports) {
    xml += fmt::format("  <testsuite name=\"{}\" {} skipped=\"0\" file=\"{}\">\n",
                       Escaped(report.application), SumsOf({&report, 1}),
                       Escaped(fmt::format("{}", fmt::join(report.files, " "))));
    for (const TestResult& result : report.results) xml += CaseXml(report, result);
    xml += "  </testsuite>\n";
  }
  return xml + "</testsuites>\n";
}

}  // namespace sidestream::harness
