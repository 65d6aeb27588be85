// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A record that says it is of 2036 and one of 1970 among others: what comes of them, and that
// nothing else comes of them. The broker refuses what is dated more than an hour ahead, as Kafka 4
// does.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tests/support/engine_run.h"

namespace sidestream::testing {
namespace {

constexpr const char* kTopology = R"(
version: 1
application: { id: far }
errors: { production: dlq }
streams:
  in:
    topic: in
    key: string
    value: { format: json, fields: { user: string, at: timestamp } }
    timestamp: value.at
    watermark: { lateness: 5s }
  copies: { topic: copies, key: string, value: json }
  windows: { topic: windows, key: string, value: json }
  late: { topic: late, key: string, value: json }
  sessions: { topic: sessions, key: string, value: json }
  totals: { topic: totals, key: string, value: json }
  threes: { topic: threes, key: string, value: json }
pipelines:
  copy: { from: in, to: copies }
  windowed:
    from: in
    to: windows
    steps:
      - name: per_window
        aggregate: { group_by: value.user, window: { tumbling: 10s }, fields: { n: count() } }
  too_late: { from: windowed.per_window.late, to: late }
  sessioned:
    from: in
    to: sessions
    steps:
      - name: per_session
        aggregate: { group_by: value.user, window: { session: 3s }, fields: { n: count() } }
  totalled:
    from: in
    to: totals
    steps:
      - name: total
        aggregate: { group_by: value.user, emit: each, value: count() }
  counted:
    from: in
    to: threes
    steps:
      - name: three
        aggregate: { group_by: value.user, window: { count: 3 }, value: count() }
)";

constexpr int64_t kTenYears = 10LL * 365 * 86'400'000;

class FarTimesTest : public ::testing::TestWithParam<Way> {
 protected:
  FarTimesTest() : run_(kTopology, {.way = GetParam(), .partitions = 2}) {}

  /// One record of each of two partitions every second.
  void Drive(int64_t from, int64_t to) {
    for (int64_t second = from; second < to && run_.ok(); ++second) {
      run_.AdvanceTo(At(second));
      for (const Partition partition : {0, 1}) Feed(partition, At(second));
      run_.Commit();
    }
  }
  void Feed(Partition partition, Timestamp at) {
    const std::string user = "u" + std::to_string(partition);
    run_.Feed("in",
              {.topic = "",
               .key = user,
               .value = R"({"user":")" + user + R"(","at":)" + std::to_string(at.value()) + "}",
               .timestamp = {},
               .headers = {},
               .partition = partition});
  }
  static Timestamp At(int64_t second) { return ManualClock::kStart + second * 1'000; }

  struct Sent {
    std::string value;
    Timestamp at;
    friend bool operator==(const Sent&, const Sent&) = default;
  };
  std::vector<Sent> SentTo(const std::string& alias, const std::string& key) {
    std::vector<Sent> sent;
    for (const harness::CollectedRecord& record : run_.Output(alias)) {
      if (*record.key == key) sent.push_back({*record.value, record.timestamp});
    }
    return sent;
  }
  static Sent Window(int64_t from, int64_t to, int64_t records, int64_t at) {
    return {R"({"n":)" + std::to_string(records) + R"(,"window_start":)" +
                std::to_string(At(from).value()) + R"(,"window_end":)" +
                std::to_string(At(to).value()) + "}",
            Timestamp(at)};
  }

  EngineRun run_;
};

TEST_P(FarTimesTest, OneOf2036AndOneOf1970DoNoHarmBeyondThemselves) {
  Drive(0, 15);
  Feed(0, run_.now() + kTenYears);
  Feed(0, Timestamp(1'000));
  run_.Commit();
  Drive(15, 36);
  run_.End();
  ASSERT_TRUE(run_.ok());
  for (const std::string user : {"u0", "u1"}) {
    SCOPED_TRACE(user);
    const bool strange = user == "u0";
    // Nobody's time is moved by either of them.
    std::vector<Sent> windows;
    for (const int64_t from : {0, 10, 20, 30}) {
      windows.push_back(
          Window(from, from + 10, std::min<int64_t>(10, 36 - from), At(from + 10).value() - 1));
    }
    EXPECT_EQ(SentTo("windows", user), windows);
    EXPECT_EQ(SentTo("sessions", user), std::vector<Sent>({Window(0, 38, 36, At(38).value())}));
    // The one of 1970 is a record like any other where nothing waits for time, and else late.
    EXPECT_EQ(SentTo("copies", user).size(), strange ? 37u : 36u);
    EXPECT_EQ(SentTo("late", user).size(), strange ? 1u : 0u);
    // Results that others have a part in go on, and are not dated 2036.
    const std::vector<Sent> totals = SentTo("totals", user);
    ASSERT_EQ(totals.size(), strange ? 38u : 36u);
    for (size_t i = 0; i < totals.size(); ++i) {
      EXPECT_EQ(totals[i].value, std::to_string(i + 1));
      EXPECT_LE(totals[i].at, At(36));
    }
    EXPECT_EQ(SentTo("threes", user).size(), 12u);
  }
  // What is dated 2036 the topics refuse: the copy, and the window and the session of that one
  // record.
  std::map<std::string, int> letters;
  for (const harness::CollectedRecord& letter : run_.DeadLetters()) {
    for (const auto& [name, value] : letter.headers) {
      if (name == "__streams.errors.step") ++letters[*value];
    }
  }
  EXPECT_EQ(letters, (std::map<std::string, int>{{"copy.to", 1}, {"windowed.to", 1}, {"sessioned.to", 1}}));
}

INSTANTIATE_TEST_SUITE_P(All, FarTimesTest,
                         ::testing::Values(Way{"straight"}, Way{"crashes", true},
                                           Way{"two_instances", false, 2}),
                         [](const auto& run) { return std::string(run.param.name); });

}  // namespace
}  // namespace sidestream::testing
