// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A topic that is read as it is written, and again a year later, all at once, with an instance that
// dies on the way so that the next one restores its windows: the same results, with the same times.

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "tests/support/engine_run.h"

namespace sidestream::testing {
namespace {

using std::chrono::hours;

constexpr const char* kTopology = R"(
version: 1
application: { id: replay }
streams:
  in: { topic: in, key: string, value: json, watermark: { lateness: 1m, idle: 30m } }
  hours: { topic: hours, key: string, value: json }
  visits: { topic: visits, key: string, value: json }
  rates: { topic: rates, key: string, value: json }
  late: { topic: late, key: string, value: json }
pipelines:
  hourly:
    from: in
    to: hours
    steps:
      - name: per_hour
        aggregate: { group_by: value.user, window: { tumbling: 1h }, fields: { n: count(), all: 'collect(value.n, 1000)' } }
  visited:
    from: in
    to: visits
    steps:
      - name: per_visit
        aggregate: { group_by: value.user, window: { session: 10m }, fields: { n: count(), first: first(value.n) } }
  rated:
    from: in
    to: rates
    steps:
      - name: per_rate
        aggregate: { group_by: key, window: { hopping: 2h, every: 30m }, fields: { n: count() } }
  too_late_for_hours: { from: hourly.per_hour.late, to: late }
  too_late_for_visits: { from: visited.per_visit.late, to: late }
  too_late_for_rates: { from: rated.per_rate.late, to: late }
)";

constexpr Partition kPartitions = 3;
const Timestamp kThen = ManualClock::kStart - 365LL * 86'400'000;

struct Click {
  Partition partition;
  std::string user;
  Timestamp at;
};

/// A day and a half of clicks, half a minute out of order at most.
std::vector<Click> Clicks() {
  Random random(20);
  std::vector<Click> clicks;
  Timestamp now = kThen;
  for (int i = 0; i < 800; ++i) {
    now = now + random.Below(300'000);
    clicks.push_back({static_cast<Partition>(random.Below(kPartitions)),
                      "u" + std::to_string(random.Below(7)), now - random.Below(30'000)});
  }
  return clicks;
}

harness::FedRecord FedOf(const Click& click, size_t number) {
  return {.topic = "",
          .key = "p" + std::to_string(click.partition),
          .value = R"({"user":")" + click.user + R"(","n":)" + std::to_string(number) + "}",
          .timestamp = click.at,
          .headers = {},
          .partition = click.partition};
}

/// By topic and key, in their order.
using Results = std::map<std::string, std::vector<std::string>>;

Results ResultsOf(EngineRun& run) {
  Results results;
  for (const char* topic : {"hours", "visits", "rates"}) {
    for (const harness::CollectedRecord& record : run.Output(topic)) {
      results[topic + (" " + *record.key)].push_back(*record.value + " @" +
                                                     std::to_string(record.timestamp.value()));
    }
  }
  EXPECT_TRUE(run.Output("late").empty());
  return results;
}

size_t Count(const Results& results) {
  size_t count = 0;
  for (const auto& [key, lines] : results) count += lines.size();
  return count;
}

Results AsItHappens() {
  EngineRun run(kTopology, {.partitions = kPartitions, .start = kThen});
  const std::vector<Click> clicks = Clicks();
  for (size_t i = 0; i < clicks.size() && run.ok(); ++i) {
    run.Work(Milliseconds(2));
    run.AdvanceTo(clicks[i].at);
    run.Feed("in", FedOf(clicks[i], i));
    if (i % 20 == 0) run.Commit();
  }
  run.Commit();
  run.Advance(hours(3));
  run.End();
  return run.ok() ? ResultsOf(run) : Results();
}

TEST(ReplayTest, AYearLaterWithRestoresOnTheWayTheResultsAreTheSame) {
  const Results then = AsItHappens();
  ASSERT_GT(Count(then), 300u);
  for (const int32_t instances : {1, 2}) {
    SCOPED_TRACE(instances);
    EngineRun run(kTopology, {.way = {"replay", false, instances},
                              .partitions = kPartitions,
                              .commit_interval = Milliseconds(2)});
    const std::vector<Click> clicks = Clicks();
    for (size_t i = 0; i < clicks.size(); ++i) {
      run.Feed("in", FedOf(clicks[i], i));
      // Windows are open here: the one that takes them over has nothing but the changelogs.
      const size_t quarter = (i + 1) / (clicks.size() / 4);
      if ((i + 1) % (clicks.size() / 4) != 0 || quarter == 4) continue;
      run.Commit();
      run.Join();
      run.Kill(quarter - 1);
    }
    run.Commit();
    run.End();
    ASSERT_TRUE(run.ok());
    EXPECT_EQ(ResultsOf(run), then);
  }
}

}  // namespace
}  // namespace sidestream::testing
