// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A random case of the windows' property test: a topology of window, aggregate, lateness and
// emission, and the records that are fed into it, with the points where the test commits and lets
// time pass.
//
// Threading: values.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"

namespace sidestream::testing {

enum class WindowKind { kTumbling, kHopping, kSliding, kSession, kCount, kNone };
enum class Emission { kFinal, kChanges, kEach, kEvery };

/// Times are milliseconds, those of a count window records. What a kind does not have is 0.
struct WindowSpec {
  WindowKind kind = WindowKind::kTumbling;
  int64_t size = 0;  // of a session its gap, of a sliding window its time difference
  int64_t every = 0;
  int64_t max_length = 0;
};

/// A record. `n` names it, so that a result tells what it was made of; a duplicate has the same.
struct Fact {
  int32_t partition = 0;
  std::string key;
  std::string group;
  int64_t n = 0;
  int64_t time = 0;
  /// The test commits behind this record.
  bool commit = false;
  /// Silence behind this record, longer than any window, while all partitions are idle.
  bool silence = false;
};

/// How far records are out of order.
enum class Disorder {
  kNone,
  /// Within the declared lateness: nothing is late.
  kWithinLateness,
  /// Beyond it.
  kLate,
};

struct Scenario {
  uint64_t seed = 0;
  WindowSpec window;
  Emission emission = Emission::kFinal;
  Disorder disorder = Disorder::kNone;
  int64_t lateness = 0;
  int64_t allowed_lateness = 0;
  /// Grouped by a field of the value, over a repartition topic; else by the record's key.
  bool hop = false;
  int32_t partitions = 1;
  int32_t instances = 1;
  bool crash = false;
  bool commit_each = false;
  /// The inputs end behind the last record; else silence follows it.
  bool ends = false;
  /// Places in the table of functions (naive_functions.h); the first is always the count.
  std::vector<size_t> functions;
  std::vector<Fact> facts;

  std::string Yaml() const;
  /// Topology, run and records, for the message of a failure.
  std::string Describe() const;
  /// Late records over a hop: chance decides which ones are late, but none may be lost or counted
  /// twice. The results then have the list of all their records.
  bool OnlyCounted() const { return hop && MayOnlyBeCounted(); }
  /// Whether that can be told of this window.
  bool MayOnlyBeCounted() const;
};

/// Event times begin at `start`; after a silence they go on `silence` later.
Scenario RandomScenario(uint64_t seed, int64_t start, int64_t silence);

}  // namespace sidestream::testing
