// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The cases of tests/golden/windows on whole instances: straight, with a crash at every commit,
// with two and three instances of which one joins, one leaves and one dies while records flow, and
// with the input shuffled within the lateness. One expectation for all of them.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/clock.h"
#include "golden_window.h"
#include "tests/support/engine_run.h"

namespace sidestream::testing {
namespace {

struct RunKind {
  const char* name;
  bool hop = false;
  bool crash = false;
  int32_t instances = 1;
  /// Instances come and go.
  bool rebalance = false;
  /// 0: in the order of the file.
  uint64_t shuffle = 0;
};

constexpr RunKind kRunKinds[] = {
    {.name = "straight"},
    {.name = "straight_over_a_hop", .hop = true},
    {.name = "crashes", .crash = true},
    {.name = "crashes_over_a_hop", .hop = true, .crash = true},
    {.name = "two_instances", .instances = 2, .rebalance = true},
    {.name = "two_instances_over_a_hop", .hop = true, .instances = 2, .rebalance = true},
    {.name = "three_instances", .instances = 3, .rebalance = true},
    {.name = "three_instances_over_a_hop", .hop = true, .instances = 3, .rebalance = true},
    {.name = "shuffled", .shuffle = 1},
    {.name = "shuffled_over_a_hop", .hop = true, .shuffle = 2},
    {.name = "shuffled_with_crashes", .crash = true, .shuffle = 3},
    {.name = "shuffled_on_three", .hop = true, .instances = 3, .rebalance = true, .shuffle = 4},
};

/// Records that are on time, or late ones, that follow each other.
struct Stretch {
  bool late = false;
  std::vector<WindowLine> lines;
};

/// A record is late behind the lateness of all that came before it.
std::vector<Stretch> StretchesOf(const std::vector<WindowLine>& input, Milliseconds lateness) {
  std::vector<Stretch> stretches;
  Timestamp highest = input.front().timestamp;
  for (const WindowLine& line : input) {
    const bool late = line.timestamp < highest - lateness.count();
    if (stretches.empty() || stretches.back().late != late) stretches.push_back({late, {}});
    stretches.back().lines.push_back(line);
    highest = std::max(highest, line.timestamp);
  }
  return stretches;
}

/// Another order in which the records may come without one of them being late.
void Shuffle(std::vector<WindowLine>& lines, Milliseconds lateness, Random& random) {
  std::vector<std::pair<int64_t, WindowLine>> arrivals;
  for (WindowLine& line : lines) {
    const int64_t at = line.timestamp.value() + random.Below(lateness.count() + 1);
    arrivals.emplace_back(at, std::move(line));
  }
  std::ranges::stable_sort(arrivals, {}, &std::pair<int64_t, WindowLine>::first);
  for (size_t i = 0; i < lines.size(); ++i) lines[i] = std::move(arrivals[i].second);
}

/// What names a window: key, start and end; of a count window or a running aggregate only the key.
using WindowId = std::tuple<std::string, int64_t, int64_t>;

struct ReadResult {
  WindowId id;
  int64_t records = 0;
  Timestamp newest;
};

ReadResult Read(const std::string& key, const std::string& value) {
  const auto json = nlohmann::json::parse(value);
  return {{key, json.value("window_start", int64_t{0}), json.value("window_end", int64_t{0})},
          json["n"],
          Timestamp(json["newest"].get<int64_t>())};
}

std::string Text(const std::string& key, const std::string& value, Timestamp at) {
  return key + " " + value + " @" + std::to_string(at.value());
}

class GoldenRun {
 public:
  GoldenRun(const GoldenWindow& of, const RunKind& kind)
      : case_(of),
        kind_(kind),
        steps_(StepsOf(of)),
        run_(TopologyOf(of, steps_, kind.hop), {.way = {kind.name, kind.crash, kind.instances},
                                                .commit_interval = Milliseconds(1),
                                                .seed = kind.shuffle + 1}) {}

  void Run() {
    Random random(kind_.shuffle);
    const std::vector<WindowLine> input = ReadInput(case_);
    left_ = input.size();
    for (Stretch& stretch : StretchesOf(input, LatenessOf(case_))) {
      if (kind_.shuffle != 0 && !stretch.late) Shuffle(stretch.lines, LatenessOf(case_), random);
      for (const WindowLine& line : stretch.lines) {
        Feed(line);
        if (kind_.rebalance) Rebalance(input.size());
        if (kind_.crash) run_.Commit();
      }
      // What is late is so for every task of every run.
      run_.Commit();
      if (!run_.ok()) return;
    }
    // Results of the end may not be dated in the future.
    run_.Advance(std::chrono::days(40));
    run_.End();
    if (!run_.ok()) return;
    for (const WindowStep& step : steps_) {
      SCOPED_TRACE(step.Name());
      ExpectResults(step);
      if (case_.timed()) ExpectLate(step);
    }
  }

 private:
  void Feed(const WindowLine& line) {
    if (run_.ok() && line.timestamp > run_.now()) {
      run_.Work(Milliseconds(std::min<int64_t>(line.timestamp - run_.now(), 3)));
      run_.AdvanceTo(line.timestamp);
    }
    run_.Feed("in", {.topic = "",
                     .key = line.key,
                     .value = line.value,
                     .timestamp = line.timestamp,
                     .headers = {},
                     .partition = line.partition});
    --left_;
  }

  /// While the records before and behind are on their way.
  void Rebalance(size_t records) {
    if (left_ == records * 3 / 4) run_.Join();
    if (left_ == records / 2) run_.Leave(0);
    if (left_ == records / 4) run_.Kill(1);
  }

  void ExpectResults(const WindowStep& step) {
    const std::vector<WindowLine> expected = ReadExpected(case_, step.Lenience());
    // The newest complete window of a key stands for it, where results are held back.
    const bool all = case_.counts() ? step.emit == "final" || step.emit == "each"
                                    : step.emit == "final" && !step.lenient;
    if (all) {
      ExpectSame(step, expected);
    } else {
      ExpectLastOfEach(step, expected);
    }
    if (case_.timed()) ExpectProgress(step);
  }

  /// By key in the same order, and nothing else.
  void ExpectSame(const WindowStep& step, const std::vector<WindowLine>& expected) {
    std::map<std::string, std::vector<std::string>> want;
    std::map<std::string, std::vector<std::string>> have;
    for (const WindowLine& line : expected) {
      want[line.key].push_back(Text(line.key, line.value, line.timestamp));
    }
    for (const harness::CollectedRecord& record : run_.Output(step.Name())) {
      have[*record.key].push_back(Text(*record.key, *record.value, record.timestamp));
    }
    EXPECT_EQ(have, want);
  }

  void ExpectLastOfEach(const WindowStep& step, const std::vector<WindowLine>& expected) {
    std::map<WindowId, std::string> last;
    for (const harness::CollectedRecord& record : run_.Output(step.Name())) {
      last[Read(*record.key, *record.value).id] =
          Text(*record.key, *record.value, record.timestamp);
    }
    std::map<WindowId, WindowLine> want;
    for (const WindowLine& line : expected) {
      want.insert_or_assign(Read(line.key, line.value).id, line);
    }
    std::set<WindowId> windows;
    for (const auto& [id, line] : want) {
      const ReadResult result = Read(line.key, line.value);
      const bool ends = case_.timed() && (step.emit == "final" || step.emit == "every");
      EXPECT_EQ(last[result.id], Text(line.key, line.value, ends ? line.timestamp : result.newest));
      windows.insert(result.id);
    }
    for (const auto& [id, text] : last) {
      EXPECT_TRUE(windows.contains(id) || (GrowsInto(id, windows) && step.emit != "final"))
          << "no such window: " << text;
    }
  }

  /// A session has other bounds before it has all its records, and may have been cut elsewhere.
  bool GrowsInto(const WindowId& id, const std::set<WindowId>& windows) const {
    const auto& [key, start, end] = id;
    return case_.session() && std::ranges::any_of(windows, [&](const WindowId& grown) {
             const auto& [of, from, to] = grown;
             if (of != key) return false;
             return case_.cut() ? from < end && start < to : from <= start && end <= to;
           });
  }

  /// Results of one window: each has more records than the one before. So there are never two
  /// finals without a late record between them.
  void ExpectProgress(const WindowStep& step) {
    std::map<WindowId, int64_t> records;
    for (const harness::CollectedRecord& record : run_.Output(step.Name())) {
      const ReadResult result = Read(*record.key, *record.value);
      int64_t& before = records[result.id];
      // `every` tells the end in any case.
      EXPECT_GE(result.records, before + (step.emit == "every" ? 0 : 1))
          << Text(*record.key, *record.value, record.timestamp);
      before = result.records;
    }
  }

  void ExpectLate(const WindowStep& step) {
    std::multiset<std::string> want;
    std::multiset<std::string> have;
    for (const WindowLine& line : ReadExpected(case_, step.Lenience() + "_late")) {
      want.insert(Text(line.key, line.value, line.timestamp));
    }
    for (const harness::CollectedRecord& record : run_.Output(step.Name() + "_late")) {
      have.insert(Text(*record.key, *record.value, record.timestamp));
    }
    EXPECT_EQ(have, want) << "late";
  }

  const GoldenWindow& case_;
  const RunKind& kind_;
  const std::vector<WindowStep> steps_;
  EngineRun run_;
  size_t left_ = 0;
};

class GoldenWindowsTest
    : public ::testing::TestWithParam<std::tuple<const GoldenWindow*, const RunKind*>> {};

TEST_P(GoldenWindowsTest, HasTheExpectedResults) {
  const auto& [of, kind] = GetParam();
  GoldenRun(*of, *kind).Run();
}

std::vector<std::tuple<const GoldenWindow*, const RunKind*>> Runs() {
  std::vector<std::tuple<const GoldenWindow*, const RunKind*>> runs;
  for (const GoldenWindow& of : GoldenWindows()) {
    for (const RunKind& kind : kRunKinds) {
      // Count windows go by arrival.
      if (kind.shuffle == 0 || !of.counts()) runs.emplace_back(&of, &kind);
    }
  }
  return runs;
}

INSTANTIATE_TEST_SUITE_P(All, GoldenWindowsTest, ::testing::ValuesIn(Runs()), [](const auto& run) {
  return std::get<0>(run.param)->name + "_" + std::get<1>(run.param)->name;
});

}  // namespace
}  // namespace sidestream::testing
