// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The commands that look at a topology without a cluster: graph, explain, schema, eval.

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "base/clock.h"
#include "command_fixture.h"
#include "http/server.h"
#include "metrics/registry.h"

namespace sidestream::app {
namespace {

using InspectTest = CommandFixture;

TEST_F(InspectTest, GraphDrawsTheSubTopologiesInEachFormat) {
  File("clicks.yaml", Counting());
  const struct {
    const char* format;
    const char* begins;
  } formats[] = {{"", "+- sub-topology 0"},
                 {"ascii", "+- sub-topology 0"},
                 {"dot", "digraph \"counting\" {"},
                 {"mermaid", "flowchart TB\n"},
                 {"svg", "<svg "},
                 {"json", "{\n  \"application\": \"counting\""}};
  for (const auto& [format, begins] : formats) {
    arguments_.format = format;
    EXPECT_EQ(Run(&Graph), kExitOk) << err();
    EXPECT_TRUE(out().starts_with(begins)) << format << "\n" << out();
    for (const char* word : {"count_clicks.per_user", "counting-per_user-repartition", "totals"}) {
      EXPECT_NE(out().find(word), std::string::npos) << format << ": " << word << "\n" << out();
    }
    EXPECT_EQ(err(), "");
  }
}

TEST_F(InspectTest, AFileWithMistakesIsNeitherDrawnNorExplained) {
  File("clicks.yaml", "version: 1\napplication: { id: x }\npipelines: { p: { from: nowhere } }\n");
  for (const CommandFunction command : {&Graph, &Explain}) {
    EXPECT_EQ(Run(command), kExitConfig);
    EXPECT_EQ(out(), "");
    EXPECT_NE(err().find("nowhere"), std::string::npos) << err();
  }
}

TEST_F(InspectTest, ExplainEstimatesMemoryFromTheSettings) {
  std::string text = Counting();
  text.replace(text.find("{ id: counting }"), 16,
               "{ id: counting, workers: 3, state: { memory: 64MiB } }");
  File("clicks.yaml", text);
  arguments_.format = "json";
  ASSERT_EQ(Run(&Explain), kExitOk) << err();
  std::map<std::string, int64_t> mebibytes;
  const auto explained = nlohmann::json::parse(out());
  for (const auto& part : explained.at("memory")) {
    mebibytes[part.at("what")] = part.at("bytes").get<int64_t>() >> 20;
  }
  // Answers for 4 partitions of clicks and 4 of the repartition topic behind them; a lane for each
  // worker, and a quarter of the state's memory.
  EXPECT_EQ(mebibytes, (std::map<std::string, int64_t>{{"the program", 48},
                                                       {"state", 64},
                                                       {"fetched records", 3 * 16},
                                                       {"answers of brokers", 8 * 32},
                                                       {"waiting records", 0},
                                                       {"open transactions", 3 * 12},
                                                       {"records to send", 3 * 8},
                                                       {"restores", 3 * 16 + 16}}));
}

TEST_F(InspectTest, ExplainFollowsThePropertiesOfTheFile) {
  std::string text = Counting();
  text.replace(text.find("kafka: {"), 8, "kafka: { consumer: { queued.max.messages.kbytes: 100 },");
  File("clicks.yaml", text);
  ASSERT_EQ(Run(&Explain), kExitOk) << err();
  EXPECT_NE(out().find("each 100 KiB"), std::string::npos) << out();
  EXPECT_NE(out().find("kafka.consumer.queued.max.messages.kbytes"), std::string::npos) << out();
}

class FakeRun final : public http::HealthView, public tasks::EventTimeView {
 public:
  std::vector<http::HealthCheck> Liveness() const override { return {}; }
  std::vector<http::HealthCheck> Readiness() const override { return {}; }
  std::vector<http::HealthCheck> Startup() const override { return {}; }
  std::vector<tasks::TaskReport> EventTimes() const override {
    tasks::TaskReport task;
    task.task = {"hop", 1};
    task.state = {"active", ManualClock::kStart - 1, ManualClock::kStart + 2'000};
    task.inputs = {{{"hop", 1},
                    {"active", ManualClock::kStart - 1, ManualClock::kStart + 2'000},
                    {{0, {"idle", ManualClock::kStart + 5, ManualClock::kStart}},
                     {1, {"unknown", std::nullopt, ManualClock::kStart}}},
                    3}};
    task.holder = 0;
    task.holding_upstream = 1;
    return {task};
  }
};

TEST_F(InspectTest, ExplainLiveSaysWhatHoldsEventTime) {
  metrics::Registry registry;
  const FakeRun run;
  const auto server = http::Server::Start({.address = "127.0.0.1", .port = 0}, registry, run, run);
  ASSERT_TRUE(server.ok()) << server.status();
  arguments_.live = true;
  arguments_.live_address = "127.0.0.1:" + std::to_string((*server)->port());
  ASSERT_EQ(Run(&Explain), kExitOk) << err();
  EXPECT_EQ(out(),
            "task hop_1: event time 2025-12-31T23:59:59.999Z, since 2026-01-01T00:00:02Z\n"
            "  held by hop-1, task 1 that writes it (unknown): not known, since "
            "2026-01-01T00:00:00Z\n"
            "  hop-1                                    active    2025-12-31T23:59:59.999Z, since "
            "2026-01-01T00:00:02Z\n"
            "    holds for the 3 tasks of a newer plan that write it\n"
            "    task 0                                 idle      2026-01-01T00:00:00.005Z, since "
            "2026-01-01T00:00:00Z\n"
            "    task 1                                 unknown   not known, since "
            "2026-01-01T00:00:00Z\n");
  arguments_.format = "json";
  ASSERT_EQ(Run(&Explain), kExitOk) << err();
  EXPECT_TRUE(out().starts_with(R"({"tasks":[{"task":"hop_1")")) << out();
}

TEST_F(InspectTest, SchemaIsJsonAndAPartRequiresLess) {
  ASSERT_EQ(Run(&Schema), kExitOk);
  EXPECT_TRUE(nlohmann::json::parse(out()).contains("required"));
  arguments_.part_of_file = true;
  ASSERT_EQ(Run(&Schema), kExitOk);
  EXPECT_FALSE(nlohmann::json::parse(out()).contains("required"));
}

TEST_F(InspectTest, EvalPrintsALineOfJson) {
  surroundings_.files["order.json"] = R"({"cents": 250})";
  arguments_.eval = {
      .expression = "{'euros': value.cents / 100, 'who': key, 'big': value.cents > vars.limit}",
      .value_file = "order.json",
      .key = "alice",
      .vars = R"({"limit": 100})"};
  EXPECT_EQ(Run(&Eval), kExitOk) << err();
  EXPECT_EQ(out(), "{\"euros\":2,\"who\":\"alice\",\"big\":true}\n");
  arguments_.eval.expression = "key";
  arguments_.eval.key = R"({"id": 7})";
  EXPECT_EQ(Run(&Eval), kExitOk) << err();
  EXPECT_EQ(out(), "{\"id\":7}\n");
}

TEST_F(InspectTest, EvalShowsAnErrorWithItsPlaceAndFails) {
  arguments_.eval.expression = "1 + 'a'";
  EXPECT_EQ(Run(&Eval), kExitFailed);
  EXPECT_EQ(out(), "");
  EXPECT_NE(err().find("    1 + 'a'\n      ^\n"), std::string::npos) << err();
  arguments_.eval.expression = "value.x";
  arguments_.eval.value_file = "nowhere.json";
  EXPECT_EQ(Run(&Eval), kExitFailed);
  EXPECT_NE(err().find("nowhere.json"), std::string::npos) << err();
}

}  // namespace
}  // namespace sidestream::app
