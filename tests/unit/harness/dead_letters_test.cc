// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// `dlq` at each place where a record can fail: topologies with tests of their own, straight, with a
// crash after every record, and with two instances. One expectation for all.

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/clock.h"
#include "harness/embedded_application.h"
#include "harness/test_report.h"
#include "harness/test_runner.h"
#include "tests/support/held_letters.h"
#include "topology/build_plan.h"
#include "topology/loader.h"

namespace sidestream::testing {
namespace {

void RunAllWays(const std::string& yaml) {
  topology::ProcessSurroundings surroundings;
  const topology::LoadedTopology loaded =
      topology::LoadTopologyTexts({{"topology.yaml", yaml}}, surroundings);
  ASSERT_TRUE(loaded.ok()) << topology::Render(loaded.findings);
  ASSERT_FALSE(loaded.model.tests.empty());
  for (const bool crash : {false, true}) {
    for (const int32_t instances : {1, 2}) {
      for (const topology::TestModel& test : loaded.model.tests) {
        SCOPED_TRACE(test.name.text + (crash ? ", crashing" : "") +
                     (instances > 1 ? ", two instances" : ""));
        const SystemClock clock;
        harness::TestRunner runner(loaded.model, loaded.files,
                                   {.instances = instances, .crash_at_every_commit = crash}, clock);
        for (const harness::TestFailure& failure : runner.Run(test).failures) {
          ADD_FAILURE() << harness::TextOf(failure, harness::Colors::kOff);
        }
      }
    }
  }
}

TEST(DeadLettersTest, WhatCannotBeRead) {
  RunAllWays(R"(
version: 1
application: { id: app }
errors: { deserialization: dlq }
streams:
  in: { topic: in, key: string, value: { format: json, fields: { n: int } }, timestamp: value.at }
  out: { topic: out, key: string, value: json }
pipelines:
  p: { from: in, steps: [ map: value.n ], to: out }
tests:
  - name: the bytes, the timestamp and the headers of the record, and what went wrong
    partitions: 1
    input:
      in:
        - { key: a, value: { n: 1, at: 1000 }, at: 5s }
        - { key: b, raw: "{broken", at: 6s, headers: { trace: t1 } }
        - { key: c, value: { n: x, at: 1000 }, at: 7s }
        - { key: d, value: { n: 2 }, at: 8s }
    expect:
      out: { records: [ { key: a, value: 1, timestamp: 1000 } ] }
      $dlq:
        records:
          - key: b
            value: "{broken"
            timestamp: 1767225606000
            headers:
              trace: t1
              __streams.errors.exception: DeserializationError
              __streams.errors.topic: in
              __streams.errors.partition: "0"
              __streams.errors.offset: "1"
              __streams.errors.step: in
              __streams.errors.application: app
              __sidestream.letter: record
          - { key: c, has: { n: x }, timestamp: 1767225607000, headers: { __streams.errors.offset: "2" } }
          - { key: d, value: { n: 2 }, timestamp: 1767225608000, headers: { __streams.errors.offset: "3" } }
)");
}

TEST(DeadLettersTest, WhatAStepFailsOn) {
  RunAllWays(R"(
version: 1
application: { id: app }
errors: { processing: dlq, dlq: { topic: aside } }
streams:
  in: { topic: in, key: string, value: json }
  out: { topic: out, key: string, value: json }
pipelines:
  p:
    from: in
    steps:
      - { filter: value.n > 0, on_error: skip }
      - { name: divide, map: 100 / value.by }
    to: out
tests:
  - name: the step's own policy goes before the global one
    partitions: 2
    input:
      in:
        - { key: a, value: { n: 1, by: 5 } }
        - { key: a, value: { by: 5 } }
        - { key: a, value: { n: 1, by: 0 } }
        - { key: a, value: { n: 1, by: 10 } }
    expect:
      out: { records: [ { key: a, value: 20 }, { key: a, value: 10 } ] }
      $dlq:
        records:
          - key: a
            value: { n: 1, by: 0 }
            headers: { __streams.errors.exception: ProcessingError, __streams.errors.step: p.divide }
)");
}

TEST(DeadLettersTest, OneLetterForAllThatFailsOfARecord) {
  RunAllWays(R"(
version: 1
application: { id: app }
errors: { processing: dlq }
streams:
  in: { topic: in, key: string, value: json }
  out: { topic: out, key: string, value: json }
pipelines:
  p: { from: in, steps: [ flat_map: value.list, map: 10 / value ], to: out }
tests:
  - name: two elements of four fail
    input: { in: [ { key: a, value: { list: [ 1, 0, 0, 5 ] } } ] }
    expect:
      out: { records: [ { key: a, value: 10 }, { key: a, value: 2 } ] }
      $dlq: { count: 1, records: [ { key: a, value: { list: [ 1, 0, 0, 5 ] } } ] }
)");
}

TEST(DeadLettersTest, WhatTheOutputsFormatCannotHoldByThePolicyOfTheStream) {
  RunAllWays(R"(
version: 1
application: { id: app }
errors: { production: skip }
streams:
  in: { topic: in, key: string, value: json }
  numbers: { topic: numbers, key: string, value: int64, on_error: dlq }
  texts: { topic: texts, key: string, value: string }
pipelines:
  p: { from: in, steps: [ map: dyn(value.v) ], to: numbers }
  q: { from: in, steps: [ map: dyn(value.v) ], to: texts }
tests:
  - name: a text is no number, and a number no text
    input: { in: [ { key: a, value: { v: 7 } }, { key: b, value: { v: x } } ] }
    expect:
      numbers: { records: [ { key: a, value: 7 } ] }
      texts: { records: [ { key: b, value: x } ] }
      $dlq:
        records:
          - key: b
            value: { v: x }
            headers: { __streams.errors.exception: ProductionError, __streams.errors.step: p.to }
)");
}

TEST(DeadLettersTest, WhatIsTooLargeForTheOutputIsFoundBeforeItIsProduced) {
  const std::string large(1'100'000, 'x');
  RunAllWays(R"(
version: 1
application: { id: app, vars: { large: )" +
             large + R"( } }
errors: { production: dlq }
streams:
  in: { topic: in, key: string, value: json }
  out: { topic: out, key: string, value: string }
pipelines:
  p: { from: in, steps: [ map: 'value.small ? "s" : vars.large' ], to: out }
tests:
  - name: the letter holds the small record that would have become a large one
    input: { in: [ { key: a, value: { small: false } }, { key: a, value: { small: true } } ] }
    expect:
      out: { records: [ { key: a, value: s } ] }
      $dlq: { records: [ { key: a, value: { small: false } } ] }
)");
}

TEST(DeadLettersTest, BehindARepartitionTopicALetterSaysWhereItsRecordCameFrom) {
  RunAllWays(R"(
version: 1
application: { id: app }
errors: { processing: dlq }
streams:
  in: { topic: in, key: string, value: json }
  out: { topic: out, key: string, value: json }
pipelines:
  p:
    from: in
    steps:
      - map: '{"user": value.user, "by": value.by}'
      - name: shares
        aggregate: { group_by: value.user, value: sum(100 / value.by) }
    to: out
tests:
  - name: the record as it went through the repartition topic, with the place of the first one
    partitions: 1
    input:
      in:
        - { key: k1, value: { user: u, by: 5 } }
        - { key: k2, value: { user: u, by: 0 }, headers: { trace: t1 } }
    expect:
      out: { match: last_per_key, records: [ { key: u, value: 20 } ] }
      $dlq:
        records:
          - key: u
            headers:
              trace: t1
              __streams.errors.topic: in
              __streams.errors.offset: "1"
              __streams.errors.step: p.shares
              __sidestream.letter: hop
)");
}

TEST(DeadLettersTest, AResultOfAnAggregateHasNoRecordThatItCameFrom) {
  RunAllWays(R"(
version: 1
application: { id: app }
errors: { processing: dlq }
streams:
  in: { topic: in, key: string, value: json }
  out: { topic: out, key: string, value: json }
pipelines:
  p:
    from: in
    steps:
      - { name: ratio, aggregate: { group_by: key, value: 10 / sum(value.n) } }
    to: out
tests:
  - name: the key and the time of the result
    input: { in: [ { key: a, value: { n: 0 }, at: 1s }, { key: a, value: { n: 5 }, at: 2s } ] }
    expect:
      out: { records: [ { key: a, value: 2 } ] }
      $dlq:
        records:
          - key: a
            timestamp: 1767225601000
            headers: { __streams.errors.step: p.ratio, __sidestream.letter: result }
)");
}

TEST(DeadLettersTest, AHeldKeyTakesItsLaterRecordsAlongInOrder) {
  RunAllWays(R"(
version: 1
application: { id: app }
errors: { deserialization: dlq, processing: dlq, dlq: { hold_key: true } }
streams:
  in: { topic: in, key: string, value: json }
  out: { topic: out, key: string, value: json }
pipelines:
  p: { from: in, steps: [ map: 10 / value.by ], to: out }
tests:
  - name: only the key that failed is held
    input:
      in:
        - { key: a, value: { by: 0 } }
        - { key: b, value: { by: 5 } }
        - { key: a, value: { by: 2 } }
        - { key: a, raw: "{" }
        - { key: b, value: { by: 10 } }
        - { value: { by: 0 }, partition: 0 }
        - { value: { by: 1 }, partition: 0 }
    expect:
      out: { records: [ { key: b, value: 2 }, { key: b, value: 1 }, { value: 10 } ] }
      $dlq:
        records:
          - { key: a, value: { by: 0 }, headers: { __sidestream.hold.sequence: "0" } }
          - { key: a, value: { by: 2 }, headers: { __sidestream.hold.sequence: "1", __streams.errors.exception: HeldKey } }
          - { key: a, value: "{", headers: { __sidestream.hold.sequence: "2", __streams.errors.exception: HeldKey } }
          - { value: { by: 0 }, headers: { __streams.errors.exception: ProcessingError } }
)");
}

/// Records that fail until they were put back, and the putting back, as `dlq replay` does it.
class HoldRun {
 public:
  HoldRun(bool crash, int32_t instances) : crash_(crash) {
    topology::ProcessSurroundings surroundings;
    loaded_ = topology::LoadTopologyTexts({{"topology.yaml", kFailsUntilPutBack}}, surroundings);
    CHECK(loaded_.ok()) << topology::Render(loaded_.findings);
    const topology::PlanResult plan = topology::BuildPlan(
        loaded_.model, loaded_.files, topology::DeclaredPartitionCounts(loaded_.model, 3));
    auto started =
        harness::EmbeddedApplication::Start(loaded_.model, plan.plan, {.instances = instances});
    CHECK(started.ok()) << started.status();
    application_ = std::move(started).value();
  }

  /// A record of `key`, after which everything settles, and crashes when it shall.
  void Feed(const std::string& key, int n, int fails) {
    Feed({.topic = "in",
          .key = key,
          .value = "{\"n\":" + std::to_string(n) + ",\"fails\":" + std::to_string(fails) + "}"});
  }

  /// Puts the letters back that came since the last time. `between` is called after the first.
  void PutBack(const std::function<void()>& between = [] {}) {
    bool first = true;
    for (const harness::CollectedRecord& letter : std::exchange(letters_, {})) {
      Feed({.topic = "in",
            .key = letter.key,
            .value = letter.value,
            .timestamp = letter.timestamp,
            .headers = HeadersPutBack(letter.headers)});
      if (std::exchange(first, false)) between();
    }
  }

  std::vector<std::string> ResultsOf(const std::string& key) { return results_[key]; }
  size_t letters() const { return letters_.size(); }
  size_t held_keys() {
    size_t keys = 0;
    const auto tasks = application_->StoreRows("in-held");
    for (const harness::TaskRows& task : *tasks) {
      keys += task.rows.size();
    }
    return keys;
  }

 private:
  void Feed(const harness::FedRecord& record) {
    const Status fed = application_->Feed(record);
    ASSERT_TRUE(fed.ok()) << fed;
    Settle();
    if (!crash_) return;
    const Status restarted = application_->CrashAndRestart();
    ASSERT_TRUE(restarted.ok()) << restarted;
    Settle();
  }

  void Settle() {
    const Status settled = application_->Settle();
    ASSERT_TRUE(settled.ok()) << settled;
    auto output = application_->TakeOutput();
    ASSERT_TRUE(output.ok()) << output.status();
    for (harness::CollectedRecord& record : *output) {
      if (record.partition.topic == "out") {
        results_[*record.key].push_back(*record.value);
      } else {
        letters_.push_back(std::move(record));
      }
    }
  }

  const bool crash_;
  topology::LoadedTopology loaded_;
  std::unique_ptr<harness::EmbeddedApplication> application_;
  std::map<std::string, std::vector<std::string>> results_;
  std::vector<harness::CollectedRecord> letters_;
};

using Values = std::vector<std::string>;

TEST(DeadLettersTest, AHeldKeyIsReleasedWhenItsLastRecordHasPassed) {
  for (const bool crash : {false, true}) {
    for (const int32_t instances : {1, 2}) {
      SCOPED_TRACE(std::string(crash ? "crashing" : "straight") + ", " + std::to_string(instances) +
                   " instances");
      HoldRun run(crash, instances);
      run.Feed("a", 1, /*fails=*/1);
      run.Feed("b", 1, 0);
      run.Feed("a", 2, /*fails=*/2);
      run.Feed("a", 3, 0);
      ASSERT_EQ(run.letters(), 3u);
      // 1 passes; 4 arrives and waits behind the others; 2 fails once more and holds 3 back.
      run.PutBack([&] { run.Feed("a", 4, 0); });
      EXPECT_EQ(run.ResultsOf("a"), (Values{"1"}));
      ASSERT_EQ(run.letters(), 3u);
      // The letters come as 4, 2, 3. 4 waits still.
      run.PutBack();
      EXPECT_EQ(run.ResultsOf("a"), (Values{"1", "2", "3"}));
      EXPECT_EQ(run.held_keys(), 1u);
      run.PutBack();
      EXPECT_EQ(run.ResultsOf("a"), (Values{"1", "2", "3", "4"}));
      EXPECT_EQ(run.ResultsOf("b"), (Values{"1"}));
      EXPECT_EQ(run.held_keys(), 0u);
      EXPECT_EQ(run.letters(), 0u);
      run.Feed("a", 5, 0);
      EXPECT_EQ(run.ResultsOf("a").back(), "5");
    }
  }
}

}  // namespace
}  // namespace sidestream::testing
