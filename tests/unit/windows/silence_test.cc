// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Traffic stops, on all, some or one of the partitions, or an instance dies: when windows close, to
// the second of virtual time. Each case without a hop, where a task waits for its own partition,
// and over a repartition topic, where it waits for all tasks that write it.

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "tests/support/engine_run.h"

namespace sidestream::testing {
namespace {

using std::chrono::seconds;

constexpr Partition kPartitions = 4;
const std::set<Partition> kAll = {0, 1, 2, 3};
const std::set<Partition> kNone = {};

/// Windows of 20 s; a stream that is 5 s out of order and idle after 30 s.
constexpr const char* kTopology = R"(
version: 1
application: { id: silence }
streams:
  in: { topic: in, key: string, value: json, watermark: { lateness: LATENESS } }
  out: { topic: out, key: string, value: json }
  late: { topic: late, key: string, value: json }
pipelines:
  counted:
    from: in
    to: out
    steps:
      - name: per_window
        aggregate: { group_by: GROUP, window: { tumbling: 20s }, fields: { n: count() } }
  too_late: { from: counted.per_window.late, to: late }
)";

std::string Replaced(std::string text, const std::string& word, const std::string& by) {
  return text.replace(text.find(word), word.size(), by);
}

/// With a hop.
class SilenceTest : public ::testing::TestWithParam<bool> {
 protected:
  bool hop() const { return GetParam(); }

  void Start(int32_t instances = 1, const std::string& lateness = "5s") {
    std::string yaml = Replaced(kTopology, "LATENESS", lateness);
    yaml = Replaced(yaml, "GROUP", hop() ? "value.user" : "key");
    run_.emplace(yaml, EngineRunOptions{.way = {"", false, instances}, .partitions = kPartitions});
    ASSERT_TRUE(run_->ok());
  }

  /// Feeds `fed` every second up to `second`, exclusive. Partition p has the key kp.
  void Drive(int64_t second, const std::set<Partition>& fed) {
    while (run_->ok() && Second() < static_cast<double>(second)) {
      for (const Partition partition : fed) {
        if (Second() < static_cast<double>(next_[partition])) continue;
        next_[partition] = static_cast<int64_t>(Second());
        Feed(partition, next_[partition]++);
      }
      run_->Work(Milliseconds(50));
      Look();
    }
  }
  void Feed(Partition partition, int64_t second) {
    const std::string key = "k" + std::to_string(partition);
    run_->Feed("in", {.topic = "",
                      .key = key,
                      .value = R"({"user":")" + key + R"("})",
                      .timestamp = ManualClock::kStart + second * 1'000,
                      .headers = {},
                      .partition = partition});
  }

  /// The window of `partition` that ends there has had its result at `at`, and a moment later at
  /// most: a commit; over a hop two, and the pause between marks.
  void ExpectClosed(Partition partition, int64_t window_end, double at, double moment = 0) {
    if (moment == 0) moment = hop() ? 1.5 : 0.3;
    const auto found = closed_.find({"k" + std::to_string(partition), window_end});
    ASSERT_NE(found, closed_.end()) << partition << " until " << window_end;
    EXPECT_GE(found->second, at) << partition << " until " << window_end;
    EXPECT_LE(found->second, at + moment) << partition << " until " << window_end;
  }
  void ExpectNoneLate() { EXPECT_TRUE(run_->Output("late").empty()); }

  double Second() const { return static_cast<double>(run_->now() - ManualClock::kStart) / 1'000; }

  std::optional<EngineRun> run_;

 private:
  void Look() {
    for (; seen_ < run_->Output("out").size(); ++seen_) {
      const harness::CollectedRecord& record = run_->Output("out")[seen_];
      const int64_t end = nlohmann::json::parse(*record.value)["window_end"];
      const int64_t second = (end - ManualClock::kStart.value()) / 1'000;
      EXPECT_TRUE(closed_.emplace(std::pair(*record.key, second), Second()).second)
          << "two finals of " << *record.key << " until " << second;
    }
  }

  std::map<Partition, int64_t> next_;
  std::map<std::pair<std::string, int64_t>, double> closed_;  // by key and end, in seconds
  size_t seen_ = 0;
};

TEST_P(SilenceTest, OnAllPartitionsWindowsCloseOnceTheyAreIdle) {
  Start();
  Drive(28, kAll);
  Drive(60, kNone);
  for (const Partition partition : kAll) {
    ExpectClosed(partition, 20, 25);
    // Idle 30 s behind the last record; then event time is at 27 + 30 - 5 s.
    ExpectClosed(partition, 40, 57);
  }
  ExpectNoneLate();
}

TEST_P(SilenceTest, OnAllPartitionsTheClockGoesOnForThem) {
  Start(1, "35s");
  Drive(28, kAll);
  Drive(80, kNone);
  // The watermark stood at -8 s and has gone on with the clock since the last record.
  for (const Partition partition : kAll) ExpectClosed(partition, 40, 75);
  ExpectNoneLate();
}

TEST_P(SilenceTest, OnOnePartitionItsTasksWaitUntilItIsIdle) {
  Start();
  Drive(28, kAll);
  Drive(70, {1, 2, 3});
  ExpectClosed(0, 40, 57);
  for (const Partition partition : {1, 2, 3}) {
    ExpectClosed(partition, 20, 25);
    // Over a hop the silent one is waited for, that is one upstream task.
    ExpectClosed(partition, 40, hop() ? 57 : 45);
    ExpectClosed(partition, 60, 65);
  }
  ExpectNoneLate();
}

TEST_P(SilenceTest, OnHalfOfThePartitionsAndTheyComeBack) {
  Start();
  Drive(28, kAll);
  Drive(71, {2, 3});
  Drive(120, kAll);
  for (const Partition partition : {0, 1}) ExpectClosed(partition, 40, 57);
  for (const Partition partition : {2, 3}) {
    ExpectClosed(partition, 40, hop() ? 57 : 45);
    ExpectClosed(partition, 60, 65);
  }
  for (const Partition partition : kAll) {
    ExpectClosed(partition, 80, 85);
    ExpectClosed(partition, 100, 105);
  }
  ExpectNoneLate();
}

TEST_P(SilenceTest, APartitionThatNeverHadARecordIsSilentSinceTheStart) {
  Start();
  Drive(50, {1, 2, 3});
  for (const Partition partition : {1, 2, 3}) {
    ExpectClosed(partition, 20, hop() ? 30 : 25);
    ExpectClosed(partition, 40, 45);
  }
  ExpectNoneLate();
}

TEST_P(SilenceTest, AnInstanceThatDiesHoldsNothingUp) {
  Start(2);
  Drive(28, kAll);
  run_->Kill(0);
  Drive(50, kAll);
  for (const Partition partition : kAll) ExpectClosed(partition, 40, 45);
  ExpectNoneLate();
}

TEST_P(SilenceTest, AnInstanceThatDiesInSilenceMovesItsPartitionsAndTheirTime) {
  Start(2);
  Drive(28, kAll);
  Drive(40, kNone);
  run_->Kill(0);
  Drive(90, kNone);
  // The next owner knows since when they are silent.
  for (const Partition partition : kAll) ExpectClosed(partition, 40, 57);
  ExpectNoneLate();
}

/// Windows over windows: the first ones by key, the others over all keys.
constexpr const char* kOverWindows = R"(
version: 1
application: { id: silence }
streams:
  in: { topic: in, key: string, value: json, watermark: { lateness: 5s } }
  out: { topic: out, key: string, value: json }
  late: { topic: late, key: string, value: json }
pipelines:
  counted:
    from: in
    to: out
    steps:
      - name: by_key
        aggregate: { group_by: key, window: { tumbling: 60s }, fields: { n: count() } }
      - name: by_all
        aggregate: { group_by: "'all'", window: { tumbling: 60s }, fields: { n: sum(value.n) } }
  too_late: { from: counted.by_all.late, to: late }
)";

TEST(SilentWindowsTest, OfASilentTaskAreWaitedForUntilTheClockHasClosedThem) {
  EngineRun run(kOverWindows, {.way = {"", false, 1}, .partitions = kPartitions});
  ASSERT_TRUE(run.ok());
  const auto feed = [&](Partition partition, int64_t second) {
    run.Feed("in", {.topic = "",
                    .key = "k" + std::to_string(partition),
                    .value = "{}",
                    .timestamp = ManualClock::kStart + second * 1'000,
                    .headers = {},
                    .partition = partition});
  };
  // The first one is three seconds behind the others, and silent from 28 s on: its window ends by
  // the clock at 68 s, theirs at 65 s.
  for (int64_t second = 0; second < 100 && run.ok(); ++second) {
    if (second >= 3 && second <= 28) feed(0, second - 3);
    for (const Partition partition : {1, 2, 3}) feed(partition, second);
    run.Work(Milliseconds(1'000));
  }
  ASSERT_TRUE(run.ok());
  EXPECT_TRUE(run.Output("late").empty());
  const auto& results = run.Output("out");
  ASSERT_FALSE(results.empty());
  EXPECT_EQ(nlohmann::json::parse(*results.front().value)["n"], 26 + 3 * 60);
}

INSTANTIATE_TEST_SUITE_P(All, SilenceTest, ::testing::Bool(), [](const auto& run) {
  return std::string(run.param ? "OverAHop" : "WithoutAHop");
});

}  // namespace
}  // namespace sidestream::testing
