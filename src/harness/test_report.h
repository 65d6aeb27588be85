// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Results of tests as text for people, as JSON and as JUnit's XML.
//
// Threading: free functions.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/test_coverage.h"
#include "harness/test_result.h"

namespace sidestream::harness {

/// The cases of one application.
struct TestReport {
  std::string application;
  /// The files that it was loaded from.
  std::vector<std::string> files;
  std::vector<TestResult> results;
  /// Empty when only some cases ran.
  std::vector<CoveragePoint> coverage;
};

enum class Colors { kOff, kOn };

/// A line for each case; below a failed one what was expected beside what came, and in the end
/// the sums and what no test came to.
std::string TextOf(const TestReport& report, Colors colors);

/// A failure as lines of text, each indented; as in TextOf().
std::string TextOf(const TestFailure& failure, Colors colors);

/// One object for all applications. `seed`: as the runs had it.
std::string JsonOf(std::span<const TestReport> reports, std::optional<uint64_t> seed);

/// <testsuites> with a suite for each application, as CI servers read it.
std::string JunitOf(std::span<const TestReport> reports);

}  // namespace sidestream::harness
