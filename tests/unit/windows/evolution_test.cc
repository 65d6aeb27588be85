// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// An aggregate gets one field more and one less while the application is stopped. The fields that
// stay have the results of a run that never knew anything else; the new one has those of the records
// since then, and a field that went and comes back begins anew where a record came meanwhile.

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "tests/support/engine_run.h"

namespace sidestream::testing {
namespace {

constexpr Partition kPartitions = 3;

std::string Topology(const std::string& window, const std::string& fields, bool sums = false) {
  return R"(
version: 1
application: { id: changing }
streams:
  in: { topic: in, key: string, value: json, watermark: { lateness: 1m } }
  out: { topic: out, key: string, value: json }
  seen: { topic: seen, key: string, value: json }
pipelines:
  main:
    from: in
    to: out
    steps:
      - name: totals
        aggregate: { group_by: value.user)" +
         window + ", fields: " + fields + R"( }
  scripted:
    from: in
    to: seen
    steps:
      - rekey: value.user
      - name: counted
        process:
          stores: { n: { kind: value })" +
         std::string(sums ? ", sum: { kind: value }" : "") + R"( }
          script: |
            function process(key, record, ctx)
              local n = (ctx.store.n.get() or 0) + 1
              ctx.store.n.put(n)
              )" +
         (sums ? "ctx.store.sum.put((ctx.store.sum.get() or 0) + record.n) "
                 "ctx.emit({ n = n, sum = ctx.store.sum.get() })"
               : "ctx.emit({ n = n })") +
         "\n            end\n";
}

struct Click {
  std::string user;
  int64_t n = 0;
  Timestamp at;
};

std::vector<Click> Clicks(uint64_t seed) {
  Random random(seed);
  std::vector<Click> clicks;
  Timestamp now = ManualClock::kStart;
  for (int i = 0; i < 240; ++i) {
    now = now + random.Below(4'000);
    clicks.push_back({"u" + std::to_string(random.Below(5)), random.Below(100),
                      now - random.Below(10'000)});
  }
  return clicks;
}

void Feed(EngineRun& run, const std::vector<Click>& clicks, size_t from, size_t to) {
  for (size_t i = from; i < to; ++i) {
    harness::FedRecord record;
    record.key = std::to_string(i % kPartitions);
    record.partition = static_cast<Partition>(i % kPartitions);
    record.value = R"({"user":")" + clicks[i].user + R"(","n":)" + std::to_string(clicks[i].n) + "}";
    record.timestamp = clicks[i].at;
    run.Feed("in", std::move(record));
    if (i % 40 == 39) run.Commit();
  }
  run.Commit();
}

/// The last result of each key and window.
std::map<std::string, std::string> Last(EngineRun& run, const std::string& stream) {
  std::map<std::string, std::string> last;
  if (!run.ok()) return last;
  for (const harness::CollectedRecord& record : run.Output(stream)) {
    const std::string value = record.value.value_or("");
    const size_t window = value.find("\"window_start\":");
    const std::string start =
        window == std::string::npos ? "" : value.substr(window, value.find(',', window) - window);
    last[record.key.value_or("") + " " + start] = value;
  }
  return last;
}

constexpr const char* kBefore = "{ count: count(), sum: sum(value.n), old: max(value.n) }";
constexpr const char* kAfter = "{ max: min(value.n), sum: sum(value.n), count: count() }";

const std::vector<std::string> kWindows = {
    ", emit: changes",
    ", window: { tumbling: 5m }, emit: changes",
    ", window: { tumbling: 5m }",
    ", window: { hopping: 6m, every: 2m }, emit: changes",
    ", window: { hopping: 6m, every: 2m }",
    ", window: { session: 10s }, emit: changes",
    ", window: { session: 10s }",
    ", window: { sliding: 2m }, emit: changes",
};

class EvolutionTest : public ::testing::TestWithParam<Way> {};

TEST_P(EvolutionTest, FieldsThatStayKeepWhatTheyHoldAndNewOnesBeginEmpty) {
  const std::vector<Click> clicks = Clicks(11);
  const size_t half = clicks.size() / 2;
  for (const std::string& window : kWindows) {
    SCOPED_TRACE(window);
    const EngineRunOptions options{.way = GetParam(), .partitions = kPartitions};
    EngineRun changed(Topology(window, kBefore), options);
    Feed(changed, clicks, 0, half);
    changed.ChangeTo(Topology(window, kAfter));
    Feed(changed, clicks, half, clicks.size());
    changed.End();

    EngineRun whole(Topology(window, kBefore), options);
    Feed(whole, clicks, 0, half);
    Feed(whole, clicks, half, clicks.size());
    whole.End();

    const auto expected = Last(whole, "out");
    const auto actual = Last(changed, "out");
    ASSERT_EQ(actual.size(), expected.size());
    ASSERT_GT(actual.size(), 4U);
    size_t with_both = 0;
    for (const auto& [key, value] : expected) {
      ASSERT_TRUE(actual.contains(key)) << key;
      const std::string& now = actual.at(key);
      EXPECT_EQ(NumberIn(now, "count"), NumberIn(value, "count")) << key << now << value;
      EXPECT_EQ(NumberIn(now, "sum"), NumberIn(value, "sum")) << key << now << value;
      if (now.find("\"max\":") != std::string::npos) ++with_both;
    }
    EXPECT_GT(with_both, 0U);
    EXPECT_EQ(Last(changed, "seen"), Last(whole, "seen"));
  }
}

TEST_P(EvolutionTest, ANewFieldKnowsTheRecordsSinceItIsThere) {
  const std::vector<Click> clicks = Clicks(12);
  const size_t half = clicks.size() / 2;
  const EngineRunOptions options{.way = GetParam(), .partitions = kPartitions};
  EngineRun changed(Topology(", emit: changes", "{ count: count() }"), options);
  Feed(changed, clicks, 0, half);
  changed.ChangeTo(Topology(", emit: changes", "{ count: count(), all: sum(value.n) }"));
  Feed(changed, clicks, half, clicks.size());
  std::map<std::string, int64_t> sums;
  std::map<std::string, int64_t> counts;
  for (size_t i = 0; i < clicks.size(); ++i) {
    ++counts[clicks[i].user + " "];
    if (i >= half) sums[clicks[i].user + " "] += clicks[i].n;
  }
  const auto last = Last(changed, "out");
  ASSERT_EQ(last.size(), counts.size());
  for (const auto& [user, value] : last) {
    EXPECT_EQ(NumberIn(value, "count"), counts[user]) << user;
    EXPECT_EQ(NumberIn(value, "all"), sums[user]) << user;
  }
}

TEST_P(EvolutionTest, AScriptGetsAnotherStoreBehindItsOwn) {
  const std::vector<Click> clicks = Clicks(13);
  const size_t half = clicks.size() / 2;
  const EngineRunOptions options{.way = GetParam(), .partitions = kPartitions};
  EngineRun changed(Topology("", kBefore), options);
  Feed(changed, clicks, 0, half);
  changed.ChangeTo(Topology("", kBefore, /*sums=*/true));
  Feed(changed, clicks, half, clicks.size());
  std::map<std::string, int64_t> sums;
  std::map<std::string, int64_t> counts;
  for (size_t i = 0; i < clicks.size(); ++i) {
    ++counts[clicks[i].user + " "];
    if (i >= half) sums[clicks[i].user + " "] += clicks[i].n;
  }
  for (const auto& [user, value] : Last(changed, "seen")) {
    EXPECT_EQ(NumberIn(value, "n"), counts[user]) << user;
    EXPECT_EQ(NumberIn(value, "sum"), sums[user]) << user;
  }
}

INSTANTIATE_TEST_SUITE_P(Ways, EvolutionTest,
                         ::testing::Values(Way{}, Way{.name = "crash", .crash = true},
                                           Way{.name = "two", .instances = 2}),
                         [](const auto& way) { return std::string(way.param.name); });

}  // namespace
}  // namespace sidestream::testing
