// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Steps without state, one small topology each: values, keys, policies, messages.

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "operators/outputs.h"
#include "operators/plan_program.h"
#include "tests/support/fake_processor_context.h"
#include "tests/support/plan_driver.h"

namespace sidestream::testing {
namespace {

std::string Topology(const std::string& steps, const std::string& extra = "",
                     const std::string& out = "key: string, value: json") {
  return "version: 1\napplication: { id: steps }\n" + extra +
         "streams:\n  in: { topic: in, key: string, value: json }\n  out: { topic: out, " + out +
         " }\npipelines:\n  p:\n    from: in\n    steps:\n" + steps + "    to: out\n";
}

ProducedRecord In(std::optional<std::string> key, std::optional<std::string> value,
                  int64_t timestamp = 1000) {
  ProducedRecord record;
  record.key = std::move(key);
  record.value = std::move(value);
  record.timestamp = Timestamp(timestamp);
  return record;
}

std::vector<std::string> ValuesOf(const PlanDriver& driver) {
  std::vector<std::string> values;
  for (const ProducedRecord& record : driver.Records("out")) {
    values.push_back(record.value.value_or("<null>"));
  }
  return values;
}

struct Case {
  std::string name;
  std::string steps;
  std::optional<std::string> value;
  std::vector<std::string> out;
};

TEST(StepsTest, GiveTheValuesOfTheTable) {
  const std::vector<Case> cases = {
      {"bytes stay", "      - filter: 'true'\n", "{ \"a\" : 1.50 }", {"{ \"a\" : 1.50 }"}},
      {"null is a value", "      - filter: value == null\n", std::nullopt, {"<null>"}},
      {"map to null", "      - map: 'null'\n", "{}", {"<null>"}},
      {"map whole", "      - map: value.a + 1\n", R"({"a":1})", {"2"}},
      {"an optional stands for its value",
       "      - map: optional.of(value.a)\n",
       R"({"a":1})",
       {"1"}},
      {"set replaces in place",
       "      - set: { a: '2' }\n",
       R"({"a":1,"b":1})",
       {R"({"a":2,"b":1})"}},
      {"set makes objects",
       "      - set: { a.b.c: '2' }\n",
       R"({"a":null})",
       {R"({"a":{"b":{"c":2}}})"}},
      {"set sees the incoming record",
       "      - set: { a: value.b, b: value.a }\n",
       R"({"a":1,"b":2})",
       {R"({"a":2,"b":1})"}},
      {"set to none removes",
       "      - set: { a: optional.none() }\n",
       R"({"a":1,"b":2})",
       {R"({"b":2})"}},
      {"unset of nothing", "      - unset: [x, a.x]\n", R"({"a":1})", {R"({"a":1})"}},
      {"unset keeps null", "      - unset: [x]\n", std::nullopt, {"<null>"}},
      {"flat_map", "      - flat_map: value\n", "[1,\"x\",null]", {"1", "\"x\"", "<null>"}},
      {"flat_map of nothing", "      - flat_map: value\n", "[]", {}},
      {"peek passes on", "      - peek: { log: key, every: 2 }\n", "7", {"7"}},
      {"key and meta behind a map",
       "      - map: value.a\n      - map: '[key, meta.topic, string(meta.offset)]'\n",
       R"({"a":1})",
       {R"(["k","in","0"])"}},
      {"rekey is seen", "      - rekey: '\"n\" + key'\n      - map: key\n", "1", {"\"nk\""}},
  };
  for (const Case& test : cases) {
    SCOPED_TRACE(test.name);
    PlanDriver driver(Topology(test.steps), 1);
    ASSERT_EQ(driver.error(), "");
    driver.Add("in", In("k", test.value));
    const Status status = driver.Run();
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(ValuesOf(driver), test.out);
  }
}

TEST(StepsTest, RefuseWhatTheyCannotProcess) {
  const std::vector<Case> cases = {
      {"missing field", "      - map: value.x\n", "{}", {}},
      {"filter without bool", "      - filter: value\n", "1", {}},
      {"none for a whole value", "      - map: value.?x\n", "{}", {}},
      {"set on a list", "      - set: { a: '1' }\n", "[]", {}},
      {"set through a number", "      - set: { a.b: '1' }\n", R"({"a":1})", {}},
      {"set on null", "      - set: { a: '1' }\n", std::nullopt, {}},
      {"flat_map of a number", "      - flat_map: value\n", "1", {}},
      {"header of a number", "      - headers: { set: { h: value } }\n", "1", {}},
  };
  for (const Case& test : cases) {
    SCOPED_TRACE(test.name);
    PlanDriver failing(Topology(test.steps), 1);
    ASSERT_EQ(failing.error(), "");
    failing.Add("in", In("k", test.value));
    const Status status = failing.Run();
    EXPECT_EQ(status.code(), StatusCode::kBadRecord);
    for (const char* part : {"p.", "_1 (topology.yaml:", "topic=in partition=0 offset=0"}) {
      EXPECT_NE(status.message().find(part), std::string::npos) << status.message();
    }
    PlanDriver skipping(Topology(test.steps, "errors: { processing: skip }\n"), 1);
    skipping.Add("in", In("k", test.value));
    skipping.Add("in", In("k", test.value));
    EXPECT_TRUE(skipping.Run().ok());
    EXPECT_TRUE(skipping.Records("out").empty());
  }
}

TEST(StepsTest, CountWhatTheyDrop) {
  PlanDriver driver(Topology("      - filter: value > 1\n"), 1);
  ASSERT_EQ(driver.error(), "");
  for (const char* value : {"1", "2", "0"}) driver.Add("in", In("k", value));
  ASSERT_TRUE(driver.Run().ok());
  EXPECT_EQ(ValuesOf(driver), std::vector<std::string>{"2"});
  EXPECT_EQ(driver.dropped("p.filter_1", "filtered"), 2);
}

TEST(StepsTest, AProductionErrorFollowsItsPolicyBeforeAnythingIsProduced) {
  const std::string steps = "      - map: value\n";
  for (const bool skip : {false, true}) {
    const std::string policy = skip ? "errors: { production: skip }\n" : "";
    // A value that the format does not take, and one that the topic would refuse.
    PlanDriver format(Topology(steps, policy, "key: string, value: int64"), 1);
    ASSERT_EQ(format.error(), "");
    format.Add("in", In("k", "\"text\""));
    format.Add("in", In("k", "5"));
    PlanDriver size(Topology(steps, policy), 1);
    size.LimitValues(3);
    size.Add("in", In("k", "\"text\""));
    size.Add("in", In("k", "5"));
    for (PlanDriver* driver : {&format, &size}) {
      const Status status = driver->Run();
      EXPECT_EQ(status.ok(), skip) << status;
      if (!skip) {
        EXPECT_NE(status.message().find("p.to (topology.yaml:"), std::string::npos);
      }
      if (skip) {
        EXPECT_EQ(driver->Records("out").size(), 1u);
      }
    }
  }
}

TEST(StepsTest, DeserializationFollowsItsPolicy) {
  for (const bool skip : {false, true}) {
    PlanDriver driver(
        Topology("      - filter: 'true'\n", skip ? "errors: { deserialization: skip }\n" : ""), 1);
    ASSERT_EQ(driver.error(), "");
    driver.Add("in", In("k", "{broken"));
    driver.Add("in", In("\xff", "1"));
    driver.Add("in", In("k", "1", -5));
    driver.Add("in", In("k", "1"));
    const Status status = driver.Run();
    EXPECT_EQ(status.ok(), skip) << status;
    if (!skip) {
      EXPECT_NE(status.message().find("topic=in partition=0 offset=0"), std::string::npos);
    }
    if (skip) {
      EXPECT_EQ(driver.dropped("in", "skipped"), 3);
    }
  }
}

TEST(StepsTest, EventTimeIsKeptUntilTheRecordIsProcessed) {
  const std::string yaml =
      "version: 1\napplication: { id: times }\nstreams:\n"
      "  in: { topic: in, key: string, value: json, timestamp: 'meta.timestamp + "
      "duration(\"1s\")' }\n"
      "  out: { topic: out, key: string, value: json }\npipelines:\n  p:\n    from: in\n"
      "    steps:\n      - map: string(meta.timestamp)\n    to: out\n";
  PlanDriver driver(yaml, 1);
  ASSERT_EQ(driver.error(), "");
  const std::shared_ptr<const topology::Plan> plan(&driver.plan(), [](const auto*) {});
  operators::PlanProgramFactory factory(plan, 0);
  const auto program = std::move(factory.New(0)).value();
  FakeProcessorContext context;
  operators::InputRecord record;
  record.topic = "in";
  record.key = "k";
  record.value = "1";
  record.timestamp = Timestamp(1000);
  const auto time = program->EventTime(0, record);
  ASSERT_TRUE(time.ok()) << time.status();
  EXPECT_EQ(*time, Timestamp(2000));
  // As a task does it: the event time stands in the record's own place. Evaluated again it
  // would be a second later.
  record.timestamp = *time;
  ASSERT_TRUE(program->Process(0, record, context).ok());
  ASSERT_EQ(context.produced().size(), 1u);
  EXPECT_EQ(context.produced()[0].timestamp, Timestamp(2000));
  EXPECT_EQ(context.produced()[0].value, "\"1970-01-01T00:00:02Z\"");
}

/// A program that copies "in" to "out", and the record that it is asked about.
struct Asked {
  explicit Asked(const std::string& stream)
      : driver(
            "version: 1\napplication: { id: times }\nstreams:\n  in: { topic: in, key: string, "
            "value: "
            "json, " +
                stream +
                " }\n  out: { topic: out, key: string, value: json }\npipelines:\n"
                "  p: { from: in, steps: [ map: string(meta.timestamp) ], to: out }\n",
            1) {
    EXPECT_EQ(driver.error(), "");
    const std::shared_ptr<const topology::Plan> plan(&driver.plan(), [](const auto*) {});
    operators::PlanProgramFactory factory(plan, 0);
    program = std::move(factory.New(0)).value();
    record.topic = "in";
    record.key = "k";
    record.timestamp = record.own_timestamp = Timestamp(1'000);
  }
  std::optional<Timestamp> Stated(std::string_view value) {
    record.value = value;
    record.offset = record.offset + 1;
    return program->StatedWatermark(0, record);
  }

  PlanDriver driver;
  std::unique_ptr<operators::TaskProgram> program;
  FakeProcessorContext context;
  operators::InputRecord record;
};

TEST(StepsTest, RecordsMayStateTheWatermark) {
  Asked asked("watermark: { when: \"has(value.mark)\", value: value.mark }");
  EXPECT_EQ(asked.Stated(R"({"mark":500})"), Timestamp(500));
  ASSERT_TRUE(asked.program->Process(0, asked.record, asked.context).ok());
  EXPECT_EQ(asked.Stated(R"({"mark":"1970-01-01T00:00:01Z"})"), Timestamp(1'000));
  EXPECT_EQ(asked.Stated(R"({"mark":null})"), std::nullopt);
  EXPECT_EQ(asked.Stated(R"({"other":1})"), std::nullopt);
  // A mark that is no time makes the record unreadable.
  EXPECT_EQ(asked.Stated(R"({"mark":true})"), std::nullopt);
  const Status status = asked.program->Process(0, asked.record, asked.context);
  EXPECT_EQ(status.code(), StatusCode::kBadRecord);
  EXPECT_NE(status.message().find("watermark"), std::string::npos) << status;
}

TEST(StepsTest, ATombstoneThatIsDroppedHasNoEventTime) {
  Asked asked("tombstones: drop, timestamp: value.at");
  EXPECT_FALSE(asked.program->EventTime(0, asked.record).ok());
  asked.record.offset = Offset(1);
  asked.record.value = R"({"at":77})";
  EXPECT_EQ(*asked.program->EventTime(0, asked.record), Timestamp(77));
}

TEST(StepsTest, IngestionTimeIsWhatTheTaskSays) {
  Asked asked("timestamp: ingestion_time");
  asked.record.value = "1";
  asked.record.timestamp = Timestamp(90'000);
  ASSERT_TRUE(asked.program->Process(0, asked.record, asked.context).ok());
  EXPECT_EQ(asked.context.produced()[0].timestamp, Timestamp(90'000));
  EXPECT_EQ(asked.context.produced()[0].value, "\"1970-01-01T00:01:30Z\"");
}

TEST(OutputsTest, NameEachTopicOnceInTheOrderOfNodes) {
  const std::string yaml = R"(
version: 1
application: { id: outs }
streams:
  in: { topic: in, key: string, value: json }
  out: { topic: out, key: string, value: json }
pipelines:
  a: { from: in, to: out }
  b: { from: in, to: out }
  c:
    from: in
    steps:
      - rekey: value
      - name: hop
        repartition: { partitions: 3 }
      - map: value
    to: out
)";
  PlanDriver driver(yaml, 2);
  ASSERT_EQ(driver.error(), "");
  const auto outputs = operators::OutputsOf(driver.plan().sub_topologies[0]);
  ASSERT_EQ(outputs.size(), 2u);
  EXPECT_EQ(outputs[0], (operators::Output{"out", 2, false}));
  EXPECT_EQ(outputs[1], (operators::Output{"outs-hop-repartition", 3, true}));
  EXPECT_EQ(operators::OutputIndex(outputs, "outs-hop-repartition"), 1u);
}

}  // namespace
}  // namespace sidestream::testing
