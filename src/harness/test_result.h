// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What came of a case of `tests:`, as data: reports show it to people and machines.
//
// Threading: values.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace sidestream::harness {

/// A part of a record that is not as expected. Values are JSON; one that is not there is empty.
struct Difference {
  std::string field;  // "value.total", "timestamp", "headers.reason"
  std::optional<std::string> expected;
  std::optional<std::string> actual;
  friend bool operator==(const Difference&, const Difference&) = default;
};

/// One reason why a case failed.
struct TestFailure {
  /// What was looked at: a stream, "store counts", "$dlq"; empty: the run as a whole.
  std::string subject;
  /// "orders.yaml:31", where the expectation stands; may be empty.
  std::string location;
  std::string message;
  std::vector<Difference> differences;
  /// What came out, a line of JSON each, where that helps.
  std::vector<std::string> records;
};

struct TestResult {
  std::string name;
  std::string location;
  std::vector<TestFailure> failures;
  std::chrono::duration<double> took{0};
  bool passed() const { return failures.empty(); }
};

}  // namespace sidestream::harness
