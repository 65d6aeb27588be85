// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The counts of tumbling, hopping, sliding and session windows against those of Kafka Streams over
// the same records: tests/golden/kafka_streams/vectors.ndjson, which its own test driver wrote, or
// the file that SIDESTREAM_STREAMS_VECTORS names. Where the two differ on purpose:
// docs/kafka-streams.md.
//
// Their grace is our lateness, or our allowed lateness: with the first a window has one result,
// with the second it is corrected; the last one is the same.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/property/windows/oracles.h"
#include "tests/support/engine_run.h"

namespace sidestream::testing {
namespace {

/// As in the property test of windows: event time runs ahead of the clock.
constexpr int64_t kBehind = 10 * 60'000;

enum class Grace { kIsLateness, kIsAllowedLateness };

/// Key, start and end (exclusive) to the count.
using Counts = std::map<std::tuple<std::string, int64_t, int64_t>, int64_t>;

std::string Ms(int64_t milliseconds) { return std::to_string(milliseconds) + "ms"; }

class VectorCase {
 public:
  explicit VectorCase(nlohmann::json json) : json_(std::move(json)) {}

  std::string kind() const { return json_["window"]; }

  std::string Yaml(Grace grace) const {
    const std::string time = Ms(json_["grace"].get<int64_t>());
    const bool waits = grace == Grace::kIsLateness;
    return "version: 1\n"
           "application: { id: streams }\n"
           "streams:\n"
           "  in: { topic: in, key: string, value: json, timestamp: value.t, watermark: { "
           "lateness: " +
           (waits ? time : "0s") +
           " } }\n"
           "  out: { topic: out, key: string, value: json }\n"
           "pipelines:\n"
           "  windows:\n"
           "    from: in\n"
           "    steps:\n"
           "      - name: counts\n"
           "        aggregate:\n"
           "          group_by: key\n"
           "          window: { " +
           Window() + " }\n          allowed_lateness: " + (waits ? "0s" : time) +
           "\n          fields: { count: count() }\n    to: out\n";
  }

  Counts Expected() const {
    Counts counts;
    for (const nlohmann::json& result : json_["results"]) {
      int64_t end = result[2];
      // Theirs is the last instant of a sliding window and the last record of a session.
      if (kind() == "sliding") end += 1;
      if (kind() == "session") end += json_["size"].get<int64_t>();
      counts[{result[0], result[1], end}] = result[3];
    }
    return counts;
  }

  /// The same case for the oracle of the property test; their grace is our lateness.
  Scenario AsScenario() const {
    Scenario scenario;
    constexpr std::pair<std::string_view, WindowKind> kKinds[] = {
        {"tumbling", WindowKind::kTumbling},
        {"hopping", WindowKind::kHopping},
        {"sliding", WindowKind::kSliding},
        {"session", WindowKind::kSession}};
    for (const auto& [name, window_kind] : kKinds) {
      if (kind() == name) scenario.window.kind = window_kind;
    }
    scenario.window.size = json_["size"];
    scenario.window.every = json_["every"];
    scenario.lateness = json_["grace"];
    scenario.functions = {0};
    int64_t highest = 0;
    for (const nlohmann::json& record : json_["records"]) {
      Fact fact;
      fact.key = fact.group = record[0];
      fact.time = record[1];
      if (fact.time < highest - scenario.lateness) scenario.disorder = Disorder::kLate;
      highest = std::max(highest, fact.time);
      scenario.facts.push_back(std::move(fact));
    }
    return scenario;
  }

  Counts Run(Grace grace) const {
    const nlohmann::json& records = json_["records"];
    EngineRun run(Yaml(grace), {.partitions = 1,
                                .start = Timestamp(kStreamsStart - kBehind),
                                .commit_interval = Milliseconds(1)});
    for (const nlohmann::json& record : records) {
      run.Feed("in", {.topic = "",
                      .key = record[0].get<std::string>(),
                      .value = "{\"t\":" + std::to_string(record[1].get<int64_t>()) + "}",
                      .timestamp = {},
                      .headers = {},
                      .partition = {}});
    }
    run.Commit();
    run.Advance(std::chrono::hours(4));
    Counts counts;
    if (!run.ok()) return counts;
    for (const harness::CollectedRecord& record : run.Output("out")) {
      const std::string& value = *record.value;
      const auto window =
          std::tuple(*record.key, NumberIn(value, "window_start"), NumberIn(value, "window_end"));
      if (grace == Grace::kIsLateness) {
        EXPECT_FALSE(counts.contains(window)) << "a second result: " << value;
      }
      counts[window] = NumberIn(value, "count");
    }
    return counts;
  }

 private:
  /// Where GenerateVectors.java starts.
  static constexpr int64_t kStreamsStart = 1'767'225'600'000;

  std::string Window() const {
    const std::string size = Ms(json_["size"].get<int64_t>());
    if (kind() != "hopping") return kind() + ": " + size;
    return "hopping: " + size + ", every: " + Ms(json_["every"].get<int64_t>());
  }

  nlohmann::json json_;
};

std::vector<VectorCase> Cases() {
  const char* named = std::getenv("SIDESTREAM_STREAMS_VECTORS");
  const std::string path = named != nullptr ? named
                                            : std::string(SIDESTREAM_SOURCE_DIR) +
                                                  "/tests/golden/kafka_streams/vectors.ndjson";
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  std::vector<VectorCase> cases;
  for (std::string line; std::getline(file, line);) {
    cases.emplace_back(nlohmann::json::parse(line));
  }
  return cases;
}

void ExpectEqual(const Counts& actual, const Counts& expected, bool no_others) {
  for (const auto& [window, count] : expected) {
    const auto found = actual.find(window);
    const int64_t have = found == actual.end() ? 0 : found->second;
    EXPECT_EQ(have, count) << std::get<0>(window) << " [" << std::get<1>(window) << ", "
                           << std::get<2>(window) << ")";
  }
  for (const auto& [window, count] : actual) {
    if (!no_others || expected.contains(window)) continue;
    ADD_FAILURE() << "theirs has no " << std::get<0>(window) << " [" << std::get<1>(window) << ", "
                  << std::get<2>(window) << ") with " << count;
  }
}

TEST(KafkaStreamsWindowsTest, CountsAreThoseOfKafkaStreams) {
  std::map<std::string, int> kinds;
  int number = 0;
  for (const VectorCase& one : Cases()) {
    SCOPED_TRACE("line " + std::to_string(++number) + "\n" + one.Yaml(Grace::kIsLateness));
    ++kinds[one.kind()];
    ExpectEqual(one.Run(Grace::kIsLateness), one.Expected(), true);
    // A session that grows behind its end leaves its earlier results behind; Kafka Streams deletes
    // them.
    ExpectEqual(one.Run(Grace::kIsAllowedLateness), one.Expected(), one.kind() != "session");
    if (HasFailure()) return;
  }
  EXPECT_EQ(kinds.size(), 4u);
}

TEST(KafkaStreamsWindowsTest, TheOracleOfThePropertyTestAgrees) {
  int compared = 0;
  int number = 0;
  for (const VectorCase& one : Cases()) {
    SCOPED_TRACE("line " + std::to_string(++number) + "\n" + one.Yaml(Grace::kIsLateness));
    const Scenario scenario = one.AsScenario();
    const bool late = scenario.disorder == Disorder::kLate;
    if (late && scenario.window.kind == WindowKind::kSliding) continue;
    ++compared;
    Counts counts;
    for (const WindowResult& result :
         late ? ResultsByArrival(scenario).last : BatchResults(scenario)) {
      counts[{result.group, result.start, result.end}] = NumberIn(result.value, "n");
    }
    ExpectEqual(counts, one.Expected(), true);
    if (HasFailure()) return;
  }
  EXPECT_GT(compared, 80);
}

}  // namespace
}  // namespace sidestream::testing
