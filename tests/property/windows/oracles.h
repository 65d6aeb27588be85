// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What an aggregate must give, from the text of the language (docs/language.md), not from the
// engine's code: as sets of records where nothing is late, and record by record where arrival
// decides.
//
// Threading: pure functions.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/property/windows/scenario.h"

namespace sidestream::testing {

/// A result. Without bounds (count windows, no window) `start` and `end` are 0.
struct WindowResult {
  std::string group;
  int64_t start = 0;
  int64_t end = 0;
  /// The whole JSON of the record.
  std::string value;
  int64_t timestamp = 0;
};

/// The last result of every window, from all records at once. Requires: nothing is late. Timestamps
/// are those of `emit: final`, or the largest of the records in it for the other modes.
std::vector<WindowResult> BatchResults(const Scenario& scenario);

struct ArrivalResults {
  /// In order of arrival, with a commit behind every record. More records in a commit leave some of
  /// the results out that another one of the same window follows.
  std::vector<WindowResult> all;
  /// The last one of each window that must come, whatever the commits.
  std::vector<WindowResult> last;
  /// `n` of the records that no window took.
  std::vector<int64_t> late;
};

/// Record by record: tumbling, hopping and session windows without a hop, late records included.
ArrivalResults ResultsByArrival(const Scenario& scenario);

/// Count windows, in the order of their results.
std::vector<WindowResult> CountResults(const Scenario& scenario);

}  // namespace sidestream::testing
