// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "topology/loader.h"

#include <gtest/gtest.h>

#include "tests/unit/topology/fake_surroundings.h"

namespace sidestream::topology {
namespace {

constexpr std::string_view kPipeline =
    "streams: { in: { topic: in }, out: { topic: out } }\n"
    "pipelines: { copy: { from: in, to: out } }\n";

LoadedTopology Load(std::vector<NamedText> texts, const Surroundings& surroundings) {
  return LoadTopologyTexts(std::move(texts), surroundings);
}

TEST(LoaderTest, DefaultsComeFromTheTable) {
  const LoadedTopology loaded =
      Load({{"a.yaml", "version: 1\napplication: { id: app }\n" + std::string(kPipeline)}},
           FakeSurroundings());
  ASSERT_TRUE(loaded.ok()) << Render(loaded.findings);
  const Model& model = loaded.model;
  EXPECT_EQ(model.application.id, "app");
  EXPECT_EQ(model.application.guarantee, ProcessingGuarantee::kExactlyOnce);
  EXPECT_EQ(model.application.commit_interval, Milliseconds(100));
  EXPECT_EQ(model.application.workers, std::nullopt);
  EXPECT_EQ(model.application.state_dir, "./state");
  EXPECT_EQ(model.errors.processing, ErrorAction::kFail);
  EXPECT_EQ(model.http.port, 8080);
  EXPECT_EQ(model.streams[0].key.kind, serde::FormatKind::kBytes);
}

TEST(LoaderTest, AtLeastOnceCommitsEachSecond) {
  const LoadedTopology loaded = Load(
      {{"a.yaml", "version: 1\napplication: { id: app, processing_guarantee: at_least_once }\n" +
                      std::string(kPipeline)}},
      FakeSurroundings());
  ASSERT_TRUE(loaded.ok()) << Render(loaded.findings);
  EXPECT_EQ(loaded.model.application.commit_interval, Milliseconds(1000));
}

TEST(LoaderTest, PlatformAndTeamEachOwnAFile) {
  FakeSurroundings surroundings;
  surroundings.variables["BROKERS"] = "a:1,b:2";
  surroundings.files = {
      {"platform.yaml",
       "kafka:\n  bootstrap.servers: ${env:BROKERS}\n  consumer: { x: \"1\" }\n"
       "application: { state: { memory: 64MiB }, workers: 2 }\n"},
      {"team.yaml", "version: 1\napplication: { id: app }\n" + std::string(kPipeline)}};
  const std::vector<std::string> paths = {"platform.yaml", "team.yaml"};
  const LoadedTopology loaded = LoadTopology(paths, surroundings);
  ASSERT_TRUE(loaded.ok()) << Render(loaded.findings);
  EXPECT_EQ(loaded.model.kafka.common.at("bootstrap.servers"), "a:1,b:2");
  EXPECT_FALSE(loaded.model.kafka.common.contains("consumer"));
  EXPECT_EQ(loaded.model.kafka.consumer.at("x"), "1");
  EXPECT_EQ(loaded.model.application.state_memory, 64 << 20);
  EXPECT_EQ(loaded.model.application.workers, 2);
}

TEST(LoaderTest, MissingFilesAreAllNamed) {
  const std::vector<std::string> paths = {"a.yaml", "b.yaml"};
  const LoadedTopology loaded = LoadTopology(paths, FakeSurroundings());
  ASSERT_EQ(loaded.findings.size(), 2U) << Render(loaded.findings);
  EXPECT_EQ(loaded.findings[0].code, "SS1011");
}

TEST(LoaderTest, VarsAreTypedAsYamlOrByTheirReference) {
  FakeSurroundings surroundings;
  surroundings.variables["LIMIT"] = "7";
  const LoadedTopology loaded = Load(
      {{"a.yaml",
        "version: 1\napplication:\n  id: app\n  vars: { limit: \"${env:LIMIT:-5}\", text: \"5\", "
        "plain: 5, code: 007, rate: 2.5, on: true, list: [1, a], none: ~ }\n" +
            std::string(kPipeline)}},
      surroundings);
  ASSERT_TRUE(loaded.ok()) << Render(loaded.findings);
  EXPECT_EQ(serde::DebugString(loaded.model.application.vars),
            R"({"limit": 7, "text": "5", "plain": 5, "code": "007", "rate": 2.5, "on": true, )"
            R"("list": [1, "a"], "none": null})");
}

TEST(LoaderTest, FreeKeysAndAnchorsWork) {
  const LoadedTopology loaded =
      Load({{"a.yaml",
             "version: 1\nx-defaults: &d { key: string, value: json }\napplication: { id: app, "
             "x-owner: me }\nstreams:\n  in: { <<: *d, topic: in }\n  out: { <<: *d, topic: out, "
             "key: int64 }\npipelines: { copy: { from: in, to: out, steps: [ rekey: size(key) ] } "
             "}\n"}},
           FakeSurroundings());
  ASSERT_TRUE(loaded.ok()) << Render(loaded.findings);
  EXPECT_EQ(loaded.model.streams[0].value.kind, serde::FormatKind::kJson);
  EXPECT_EQ(loaded.model.streams[1].key.kind, serde::FormatKind::kInt64);
}

TEST(LoaderTest, TestsAreRead) {
  const LoadedTopology loaded =
      Load({{"a.yaml", "version: 1\napplication: { id: app }\n" + std::string(kPipeline) + R"(
tests:
  - name: copies
    partitions: 2
    input:
      in:
        - { key: a, value: { n: 1, t: "5" }, at: "10:30", headers: { h: x } }
        - { raw: "{", partition: 1 }
        - { key: a, value: ~ }
    advance: 1m
    end: true
    expect:
      out: { match: ordered, count: 3, records: [ { key: a, has: { n: 1 }, timestamp: 5 } ] }
)"}},
           FakeSurroundings());
  ASSERT_TRUE(loaded.ok()) << Render(loaded.findings);
  const TestModel& test = loaded.model.tests.at(0);
  EXPECT_EQ(test.partitions, 2);
  EXPECT_TRUE(test.end);
  EXPECT_EQ(test.advance, Milliseconds(60'000));
  const auto& records = test.input.at(0).second;
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(serde::DebugString(*records[0].value), R"({"n": 1, "t": "5"})");
  EXPECT_EQ(records[0].at, ManualClock::kStart + 37'800'000);
  EXPECT_EQ(records[0].headers.at("h"), "x");
  EXPECT_EQ(records[1].raw, "{");
  EXPECT_EQ(records[1].partition, 1);
  EXPECT_TRUE(records[2].value->null());
  EXPECT_EQ(test.expect.at(0).match, MatchMode::kOrdered);
  EXPECT_EQ(test.expect.at(0).count, 3);
  EXPECT_EQ(test.expect.at(0).records->at(0).timestamp, Timestamp(5));
}

TEST(LoaderTest, FindingsAreBounded) {
  std::string text = "version: 1\napplication: { id: app }\n" + std::string(kPipeline);
  for (int i = 0; i < 1'000; ++i) text += "bad" + std::to_string(i) + ": 1\n";
  const LoadedTopology loaded = Load({{"a.yaml", text}}, FakeSurroundings());
  EXPECT_EQ(loaded.findings.size(), Findings::kLimit + 1);
}

}  // namespace
}  // namespace sidestream::topology
