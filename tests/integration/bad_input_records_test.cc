// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Records that cannot be read, cannot be processed, or that the output topic would refuse; under
// `fail` the run ends and names the record, under `skip` all others come out.

#include <algorithm>
#include <optional>
#include <span>

#include "base/clock.h"
#include "tests/integration/bad_input_case.h"

namespace sidestream::integration {
namespace {

constexpr int kFailedCode = 1;

class BadRecordsTest : public BadInputTest {
 protected:
  /// What is expected of `step` over the topic `mixed`, where the record at `offset` fails.
  struct Failing {
    std::string application;
    std::string step;
    int offset;
    std::string words;
    Lines results;
  };

  void ExpectFailsThenSkips(const Failing& failing) {
    SCOPED_TRACE(failing.application);
    Topology(failing.application, WithPolicy("fail", failing));
    ExpectEnd(Run(failing.application, "run"), kFailedCode,
              {failing.words,
               "topic=" + Name("mixed") + " partition=0 offset=" + std::to_string(failing.offset)});
    Topology(failing.application, WithPolicy("skip", failing));
    ExpectEnd(Run(failing.application, "run"), 0, {});
    ExpectHolds(Name(failing.application + "-out"), failing.results);
  }

 private:
  static std::string WithPolicy(const std::string& policy, const Failing& failing) {
    return "errors: { deserialization: " + policy + ", processing: " + policy +
           ", production: " + policy + R"( }
streams:
  in: { topic: @-mixed, key: string, value: json, end_at: latest }
  out: { topic: @-)" +
           failing.application + R"(-out, key: string, value: json }
pipelines: { copy: { from: in, steps: [)" +
           failing.step + "], to: out } }\n";
  }
};

TEST_F(BadRecordsTest, UnreadableLackingDividing) {
  edit().CreateTopic(Name("mixed"), 1);
  for (const std::string name : {"unreadable", "lacking", "dividing"}) {
    edit().CreateTopic(Name(name + "-out"), 1);
  }
  Feed(Name("mixed"), {R"(a|{"n":1,"m":1})", R"(b|{"n":0,"m":1})", R"(c|{"n":2})",
                       R"(d|{"n":5,"m":2})", "e|not json", R"(f|{"n":10,"m":3})"});
  ExpectFailsThenSkips({.application = "unreadable",
                        .step = "{ map: value.n }",
                        .offset = 4,
                        .words = "in: cannot read a record",
                        .results = {"a|1", "b|0", "c|2", "d|5", "f|10"}});
  // A record of the same log that fails later is not reached under `fail`.
  ExpectFailsThenSkips({.application = "lacking",
                        .step = "{ name: calculate, map: value.m + 1 }",
                        .offset = 2,
                        .words = "copy.calculate",
                        .results = {"a|2", "b|2", "d|3", "f|4"}});
  ExpectFailsThenSkips({.application = "dividing",
                        .step = "{ name: calculate, map: 10 / value.n }",
                        .offset = 1,
                        .words = "copy.calculate",
                        .results = {"a|10", "c|5", "d|2", "f|1"}});
}

TEST_F(BadRecordsTest, LargerOrDatedOtherwiseThanTheOutputAllows) {
  const int64_t now = SystemClock().WallTime().value();
  const int64_t week = int64_t{7} * 24 * 3600 * 1000;
  const auto dated = [](int64_t time) { return "{\"at\":" + std::to_string(time) + "}"; };
  const std::string large =
      "{\"at\":" + std::to_string(now) + ",\"text\":\"" + std::string(3000, 'x') + "\"}";
  const Lines good = {"a|" + dated(now), "e|" + dated(now)};
  struct Case {
    std::string name;
    std::string record;
    std::string words;
  };
  for (const Case& bad :
       {Case{"large", large, "max.message.bytes=2000"},
        Case{"late", dated(now + week), "dated outside of what the output topic allows"},
        Case{"early", dated(now - week), "dated outside of what the output topic allows"}}) {
    SCOPED_TRACE(bad.name);
    edit().CreateTopic(Name(bad.name), 1);
    edit().CreateTopic(Name(bad.name + "-out"), 1,
                       {{"max.message.bytes", "2000"},
                        {"message.timestamp.after.max.ms", "3600000"},
                        {"message.timestamp.before.max.ms", "86400000"}});
    Feed(Name(bad.name), {good[0], "b|" + bad.record, good[1]});
    const auto topology = [&](const std::string& policy) {
      return "errors: { production: " + policy + " }\nstreams:\n  in: { topic: @-" + bad.name +
             ", key: string, value: json, timestamp: value.at, end_at: latest }\n  out: { topic: "
             "@-" +
             bad.name +
             "-out, key: string, value: json }\npipelines: { copy: { from: in, to: out } }\n";
    };
    Topology(bad.name, topology("fail"));
    ExpectEnd(Run(bad.name, "run"), kFailedCode,
              {"topic=" + Name(bad.name + "-out"), Name(bad.name), "offset=1", bad.words});
    Topology(bad.name, topology("skip"));
    ExpectEnd(Run(bad.name, "run"), 0, {});
    ExpectHolds(Name(bad.name + "-out"), good);
  }
}

// Whatever its size: a record is either skipped or accepted by the broker, which weighs batches.
TEST_F(BadRecordsTest, ManyRecordsAroundTheLimitOfTheOutput) {
  constexpr int kLimit = 2000;
  Topology("app", R"(
errors: { production: skip }
streams:
  in: { topic: @-in, key: string, value: bytes, partitions: 1, end_at: latest }
  out: { topic: @-out, key: string, value: bytes }
pipelines: { copy: { from: in, to: out } }
)");
  edit().CreateTopic(Name("in"), 1);
  edit().CreateTopic(Name("out"), 1, {{"max.message.bytes", std::to_string(kLimit)}});
  Lines all;
  for (int i = 0; i < 500; ++i) all.push_back("small|" + std::string(100, 'a' + i % 26));
  Lines small = all;
  for (int size = kLimit - 150; size < kLimit + 10; ++size) {
    all.push_back("near|" + std::string(static_cast<size_t>(size), 'x'));
  }
  Feed(Name("in"), all);
  ExpectEnd(Run("app", "run"), 0, {});
  const Lines out = Committed(Name("out"));
  const auto near =
      std::count_if(out.begin(), out.end(), [](const std::string& line) { return line[0] == 'n'; });
  EXPECT_EQ(out.size() - static_cast<size_t>(near), small.size());
  EXPECT_GT(near, 10);
  EXPECT_LT(near, 150);
}

TEST_F(BadRecordsTest, NullKeysAndNullValues) {
  Topology("app", R"(
streams:
  nulls: { topic: @-nulls, key: string, value: json, partitions: 1, end_at: latest }
  out: { topic: @-out, key: string, value: json, partitions: 1 }
  counts: { topic: @-counts, key: string, value: json, partitions: 1 }
pipelines:
  copy: { from: nulls, to: out }
  count:
    from: nulls
    steps: [{ name: counts, aggregate: { group_by: key, value: count() } }]
    to: counts
)");
  MakeTopics("app");
  Feed(Name("nulls"), {"k|1", "NULL|2", "k|NULL", "NULL|NULL"});
  ExpectEnd(Run("app", "run"), 0, {});
  ExpectHolds(Name("out"), {"k|1", "NULL|2", "k|NULL", "NULL|NULL"});
  ExpectHolds(Name("counts"), {"k|1"});
}

// As many as Kafka takes at all in one record, beside a few large ones.
TEST_F(BadRecordsTest, HugeHeaders) {
  Topology("app", R"(
errors: { production: skip }
streams:
  in: { topic: @-in, key: string, value: string, partitions: 1, end_at: latest }
  out: { topic: @-out, key: string, value: string }
  narrow: { topic: @-narrow, key: string, value: string }
pipelines:
  all: { from: in, to: out }
  some: { from: in, to: narrow }
)");
  edit().CreateTopic(Name("in"), 1);
  edit().CreateTopic(Name("out"), 1);
  edit().CreateTopic(Name("narrow"), 1, {{"max.message.bytes", "2000"}});
  FedRecord many{.key = "many", .value = "1"};
  for (int i = 0; i < 20'000; ++i) many.headers.emplace_back("h" + std::to_string(i), "v");
  FedRecord large{.key = "large", .value = "2"};
  for (int i = 0; i < 3; ++i) large.headers.emplace_back("same", std::string(300'000, 'x'));
  FedRecord odd{.key = "odd", .value = "3"};
  odd.headers = {{"", ""}, {"null", std::nullopt}, {"bytes", std::string("\0\xff", 2)}};
  const std::vector<FedRecord> all{many, large, odd, {.key = "none", .value = "4"}};
  edit().Feed(Name("in"), all);
  ExpectEnd(Run("app", "run"), 0, {});
  ExpectHolds(Name("out"), {"large|2", "many|1", "none|4", "odd|3"});
  ExpectHolds(Name("narrow"), {"none|4", "odd|3"});
  size_t next = 0;
  view().ReadAllWithHeaders(Name("out"), [&](const auto&, const kafka::Record& record,
                                             std::span<const kafka::Header> headers) {
    const FedRecord& fed = all.at(next++);
    EXPECT_EQ(record.key, fed.key);
    ASSERT_EQ(headers.size(), fed.headers.size()) << *fed.key;
    for (size_t i = 0; i < headers.size(); ++i) {
      EXPECT_EQ(headers[i].name, fed.headers[i].first);
      EXPECT_EQ(headers[i].value, fed.headers[i].second);
    }
  });
  EXPECT_EQ(next, all.size());
}

}  // namespace
}  // namespace sidestream::integration
