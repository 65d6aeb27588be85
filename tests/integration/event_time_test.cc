// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Windows on a real cluster when traffic stops, when an instance dies, and in a replay of a
// year-old topic: every window comes once, with all its records, also in silence. The virtual-time
// twins of these cases (tests/unit/windows) say when; here only that, since the clock is the
// machine's.
//
// Wants SIDESTREAM_TEST_BOOTSTRAP and SIDESTREAM_PROGRAM, the program to run.

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/integration/bad_input_case.h"

namespace sidestream::integration {
namespace {

namespace fs = std::filesystem;

constexpr Milliseconds kLook{200};
/// A dead instance is missed after 45 s.
constexpr Milliseconds kLimit{150'000};

/// By user and start of the window.
using Windows = std::map<std::pair<std::string, int64_t>, int64_t>;

class EventTimeOnKafkaTest : public BadInputTest {
 protected:
  /// Counts by user, behind a hop, in windows of `size`.
  void WindowTopology(const std::string& watermark, const std::string& size) {
    Topology("app", R"(
streams:
  in: { topic: @-in, key: string, value: json, partitions: 2, watermark: )" +
                        watermark + R"( }
  out: { topic: @-out, key: string, value: json, partitions: 2 }
  late: { topic: @-late, key: string, value: json, partitions: 2 }
pipelines:
  counted:
    from: in
    to: out
    steps:
      - name: per_window
        aggregate: { group_by: value.user, window: { tumbling: )" +
                        size + R"( }, fields: { n: count() } }
  too_late: { from: counted.per_window.late, to: late }
)");
    for (const char* topic : {"in", "out", "late"}) {
      // Times of a year ago stay, too.
      edit().CreateTopic(Name(topic), 2, {{"retention.ms", "-1"}});
    }
    MakeTopics("app");
  }

  static FedRecord RecordOf(Partition partition, int64_t user, Timestamp at) {
    return {.key = std::nullopt,
            .value = R"({"user":"u)" + std::to_string(user) + R"("})",
            .partition = partition,
            .timestamp = at};
  }

  /// One record a tick of each partition of `partitions`, dated now.
  void FeedFor(Milliseconds time, const std::set<Partition>& partitions) {
    const MonotonicTime end = clock_.Now() + time;
    while (clock_.Now() < end) {
      for (const Partition partition : partitions) {
        edit().Feed(Name("in"), {RecordOf(partition, fed_ % 3, clock_.WallTime())});
        ++fed_;
      }
      std::this_thread::sleep_for(Milliseconds(50));
    }
  }

  /// Fails where a window has two results.
  Windows Results() {
    Windows windows;
    view().ReadStable(Name("out"), [&](const TopicPartition&, const kafka::Record& record) {
      const auto value = nlohmann::json::parse(*record.value);
      const std::pair id(std::string(*record.key), value["window_start"].get<int64_t>());
      EXPECT_TRUE(windows.emplace(id, value["n"]).second) << "two finals: " << *record.value;
    });
    return windows;
  }
  static int64_t Counted(const Windows& windows) {
    int64_t records = 0;
    for (const auto& [window, count] : windows) records += count;
    return records;
  }
  void AwaitCounted(int64_t records) {
    const MonotonicTime deadline = clock_.Now() + kLimit;
    while (Counted(Results()) < records && clock_.Now() < deadline) {
      std::this_thread::sleep_for(kLook);
    }
    EXPECT_EQ(Counted(Results()), records);
  }
  void ExpectNoneLate() { EXPECT_EQ(Committed(Name("late")), Lines()); }

  SystemClock clock_;
  int64_t fed_ = 0;
};

TEST_F(EventTimeOnKafkaTest, WindowsCloseWhenOnePartitionAndThenBothFallSilent) {
  WindowTopology("{ lateness: 1s, idle: 4s }", "2s");
  const Running program = Start("app");
  FeedFor(Milliseconds(5'000), {0, 1});
  const int64_t before = fed_;
  FeedFor(Milliseconds(9'000), {1});
  // The silent one is left out by now, and what it took part in is there.
  EXPECT_GE(Counted(Results()), before);
  AwaitCounted(fed_);
  Stop(*program);
  ExpectNoneLate();
}

TEST_F(EventTimeOnKafkaTest, WindowsCloseWhenAnInstanceDies) {
  WindowTopology("{ lateness: 1s, idle: 20s }", "2s");
  const Running first = Start("app", {"--instance", "first"});
  FeedFor(Milliseconds(3'000), {0, 1});
  const Running second = Start("app", {"--instance", "second"});
  FeedFor(Milliseconds(6'000), {0, 1});
  EXPECT_EQ(first->End(SIGKILL, Milliseconds(5'000)), -SIGKILL);
  FeedFor(Milliseconds(4'000), {0, 1});
  AwaitCounted(fed_);
  Stop(*second);
  ExpectNoneLate();
}

TEST_F(EventTimeOnKafkaTest, AReplayOfAYearOldTopicWithARestoreInTheMiddleCountsAll) {
  WindowTopology("{ lateness: 1m, idle: 5s }", "1h");
  constexpr int64_t kHour = 3'600'000;
  const Timestamp started = clock_.WallTime();
  const Timestamp then((started.value() / kHour - 365 * 24) * kHour);
  Windows expected;
  std::vector<FedRecord> halves[2];
  for (int64_t minute = 0; minute < 60 * 24; ++minute) {
    const Timestamp at = then + minute * 60'000;
    for (const Partition partition : {0, 1}) {
      const int64_t user = (minute + partition) % 3;
      halves[minute < 60 * 12 + 30 ? 0 : 1].push_back(RecordOf(partition, user, at));
      ++expected[{"u" + std::to_string(user), then.value() + minute / 60 * kHour}];
    }
  }
  // The last hour is over with these; theirs is not.
  for (const Partition partition : {0, 1}) {
    halves[1].push_back(RecordOf(partition, 0, then + 24 * kHour + 2 * 60'000));
  }
  Running program = Start("app");
  edit().Feed(Name("in"), halves[0]);
  // Twelve hours are over, the thirteenth is half there. Nothing of it is left but the changelog.
  AwaitCommitted(*program, Name("out"), 12 * 3);
  EXPECT_EQ(program->End(SIGKILL, Milliseconds(5'000)), -SIGKILL);
  fs::remove_all(dir() / "state");
  program = Start("app");
  edit().Feed(Name("in"), halves[1]);
  AwaitCounted(Counted(expected));
  Stop(*program);
  EXPECT_EQ(Results(), expected);
  ExpectNoneLate();
  // Kafka keeps by a record's own time: what is ours carries the time of writing.
  int64_t internal = 0;
  for (const char* topic : {"app-per_window-repartition", "app-per_window-changelog"}) {
    view().ReadAll(Name(topic), [&](const TopicPartition&, const kafka::Record& record) {
      EXPECT_GE(record.timestamp, started) << topic;
      ++internal;
    });
  }
  EXPECT_GT(internal, 0);
}

}  // namespace
}  // namespace sidestream::integration
