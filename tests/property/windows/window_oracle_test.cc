// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Random topologies of window, aggregate, lateness and emission, fed in random order over random
// partitions, with duplicates, silence, ends, crashes and several instances, against the oracles of
// oracles.h.
//
// SIDESTREAM_PROPERTY_CASES says how many cases (scripts/property.sh runs 10,000),
// SIDESTREAM_PROPERTY_SEED with which seed they begin. A failure prints seed and topology; that
// seed with one case repeats it.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "tests/property/windows/oracles.h"
#include "tests/property/windows/scenario.h"
#include "tests/support/engine_run.h"

namespace sidestream::testing {
namespace {

/// Event time runs so far ahead of the clock that idleness decides nothing but during silence.
constexpr int64_t kAhead = 10 * 60'000;
constexpr int64_t kSilence = 30 * 60'000;

int64_t Setting(const char* name, int64_t fallback) {
  const char* text = std::getenv(name);
  return text == nullptr ? fallback : std::atoll(text);
}

/// What names a window.
using WindowId = std::tuple<std::string, int64_t, int64_t>;
WindowId IdOf(const WindowResult& result) { return {result.group, result.start, result.end}; }

std::string TextOf(const WindowResult& result) {
  return result.group + " " + result.value + " @" + std::to_string(result.timestamp);
}

class CaseRun {
 public:
  explicit CaseRun(const Scenario& scenario)
      : scenario_(scenario),
        run_(scenario.Yaml(), {.way = {"", scenario.crash, scenario.instances},
                               .partitions = scenario.partitions,
                               .commit_interval = Milliseconds(1),
                               .seed = scenario.seed}) {}

  void Run() {
    for (const Fact& fact : scenario_.facts) {
      Feed(fact);
      if (fact.commit) run_.Commit();
      if (fact.silence) {
        run_.Commit();
        run_.Advance(Milliseconds(kSilence));
        ExpectClosedBefore(fact.time + kSilence / 2);
      }
      if (::testing::Test::HasFailure()) return;
    }
    run_.Commit();
    if (scenario_.ends) {
      run_.End();
    } else {
      run_.Advance(std::chrono::hours(4));
    }
    if (run_.ok()) Check();
  }

 private:
  void Feed(const Fact& fact) {
    run_.Feed("in", {.topic = "",
                     .key = fact.key,
                     .value = "{\"n\":" + std::to_string(fact.n) + ",\"k\":\"" + fact.group +
                              "\",\"t\":" + std::to_string(fact.time) + "}",
                     .timestamp = {},
                     .headers = {},
                     .partition = fact.partition});
  }

  std::vector<WindowResult> Actual() {
    std::vector<WindowResult> results;
    const bool bounds = HasBounds();
    for (const harness::CollectedRecord& record : run_.Output("out")) {
      WindowResult result;
      result.group = record.key.value_or("");
      result.value = record.value.value_or("null");
      result.timestamp = record.timestamp.value();
      if (bounds) {
        result.start = NumberIn(result.value, "window_start");
        result.end = NumberIn(result.value, "window_end");
      }
      results.push_back(std::move(result));
    }
    return results;
  }

  bool HasBounds() const {
    return scenario_.window.kind != WindowKind::kNone &&
           scenario_.window.kind != WindowKind::kCount;
  }

  /// Windows close in silence, without another record.
  void ExpectClosedBefore(int64_t time) {
    if (!run_.ok() || !HasBounds() || scenario_.emission != Emission::kFinal) return;
    const std::vector<WindowResult> expected = BatchResults(scenario_);
    const auto closed = std::count_if(expected.begin(), expected.end(),
                                      [&](const auto& result) { return result.start < time; });
    EXPECT_EQ(Actual().size(), static_cast<size_t>(closed)) << "after silence";
  }

  void Check() {
    if (scenario_.OnlyCounted()) return CheckNoneLost();
    if (scenario_.window.kind == WindowKind::kCount) return CheckCounts();
    if (scenario_.window.kind == WindowKind::kNone) {
      return CheckLast(Actual(), BatchResults(scenario_));
    }
    if (scenario_.disorder == Disorder::kLate) return CheckByArrival();
    const std::vector<WindowResult> actual = Actual();
    const std::vector<WindowResult> expected = BatchResults(scenario_);
    if (scenario_.emission == Emission::kFinal) return ExpectSame(actual, expected);
    CheckLast(actual, expected);
    // A session has other bounds before it has grown.
    if (scenario_.window.kind == WindowKind::kSession) return;
    std::set<WindowId> windows;
    for (const WindowResult& result : expected) windows.insert(IdOf(result));
    for (const WindowResult& result : actual) {
      EXPECT_TRUE(windows.contains(IdOf(result))) << "no such window: " << TextOf(result);
    }
  }

  void CheckCounts() {
    const bool all =
        scenario_.emission == Emission::kFinal || scenario_.emission == Emission::kEach;
    // Of the others the newest complete window stands for the group.
    if (!all) return CheckLast(Actual(), NewestPerGroup(CountResults(scenario_)));
    std::map<std::string, std::vector<std::string>> actual;
    std::map<std::string, std::vector<std::string>> expected;
    for (const WindowResult& result : Actual()) actual[result.group].push_back(TextOf(result));
    for (const WindowResult& result : CountResults(scenario_)) {
      expected[result.group].push_back(TextOf(result));
    }
    EXPECT_EQ(actual, expected);
  }

  static std::vector<WindowResult> NewestPerGroup(const std::vector<WindowResult>& results) {
    std::map<std::string, WindowResult> newest;
    for (const WindowResult& result : results) newest[result.group] = result;
    std::vector<WindowResult> values;
    for (auto& [group, result] : newest) values.push_back(std::move(result));
    return values;
  }

  void CheckByArrival() {
    const ArrivalResults expected = ResultsByArrival(scenario_);
    const std::vector<WindowResult> actual = Actual();
    std::multiset<int64_t> late;
    for (const harness::CollectedRecord& record : run_.Output("late")) {
      late.insert(NumberIn(*record.value, "n"));
    }
    EXPECT_EQ(late, std::multiset<int64_t>(expected.late.begin(), expected.late.end())) << "late";
    if (scenario_.commit_each && scenario_.emission != Emission::kEvery) {
      return ExpectSame(actual, expected.all);
    }
    CheckLast(actual, expected.last);
    std::multiset<std::string> all;
    for (const WindowResult& result : expected.all) all.insert(Comparable(result));
    for (const WindowResult& result : actual) {
      const auto found = all.find(Comparable(result));
      if (found == all.end()) {
        ADD_FAILURE() << "a result that no record explains: " << TextOf(result);
      } else if (scenario_.emission != Emission::kEvery) {
        all.erase(found);
      }
    }
  }

  /// What a held result of `every` carries at the window's end is the window's time. A count window
  /// that equals the one sent before it is not sent.
  std::string Comparable(WindowResult result) const {
    const bool counts = scenario_.window.kind == WindowKind::kCount;
    if (scenario_.emission == Emission::kEvery || counts) result.timestamp = 0;
    return TextOf(result);
  }

  void ExpectSame(const std::vector<WindowResult>& actual,
                  const std::vector<WindowResult>& expected) {
    std::multiset<std::string> have;
    std::multiset<std::string> want;
    for (const WindowResult& result : actual) have.insert(TextOf(result));
    for (const WindowResult& result : expected) want.insert(TextOf(result));
    for (const std::string& text : want) {
      if (have.count(text) < want.count(text)) ADD_FAILURE() << "missing: " << text;
    }
    for (const std::string& text : have) {
      if (have.count(text) > want.count(text)) ADD_FAILURE() << "too much: " << text;
    }
  }

  void CheckLast(const std::vector<WindowResult>& actual,
                 const std::vector<WindowResult>& expected) {
    std::map<WindowId, WindowResult> newest;
    for (const WindowResult& result : actual) newest[IdOf(result)] = result;
    for (const WindowResult& result : expected) {
      const auto found = newest.find(IdOf(result));
      if (found == newest.end()) {
        ADD_FAILURE() << "nothing came for " << TextOf(result);
      } else {
        EXPECT_EQ(Comparable(found->second), Comparable(result));
      }
    }
  }

  /// Every record is in one result or late, every window has one result.
  void CheckNoneLost() {
    std::multiset<int64_t> fed;
    std::multiset<int64_t> seen;
    std::set<WindowId> windows;
    for (const Fact& fact : scenario_.facts) fed.insert(fact.n);
    for (const harness::CollectedRecord& record : run_.Output("late")) {
      seen.insert(NumberIn(*record.value, "n"));
    }
    for (const WindowResult& result : Actual()) {
      EXPECT_TRUE(windows.insert(IdOf(result)).second) << "a second result: " << TextOf(result);
      for (const int64_t n : NumbersIn(result.value, "all")) seen.insert(n);
    }
    EXPECT_EQ(seen, fed);
  }

  const Scenario& scenario_;
  EngineRun run_;
};

TEST(WindowOracleTest, ResultsAreThoseOfTheOracle) {
  const int64_t cases = Setting("SIDESTREAM_PROPERTY_CASES", 300);
  const int64_t first = Setting("SIDESTREAM_PROPERTY_SEED", 1);
  for (int64_t i = 0; i < cases; ++i) {
    const auto seed = static_cast<uint64_t>(first + i);
    const Scenario scenario = RandomScenario(seed, ManualClock::kStart.value() + kAhead, kSilence);
    CaseRun(scenario).Run();
    if (!HasFailure()) continue;
    ADD_FAILURE() << "SIDESTREAM_PROPERTY_SEED=" << seed << " SIDESTREAM_PROPERTY_CASES=1\n"
                  << scenario.Describe();
    return;
  }
}

}  // namespace
}  // namespace sidestream::testing
