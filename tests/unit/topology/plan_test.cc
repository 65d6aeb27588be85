// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include "tests/unit/topology/fake_surroundings.h"
#include "topology/build_plan.h"
#include "topology/internal_topics.h"
#include "topology/loader.h"
#include "topology/plan_text.h"

namespace sidestream::topology {
namespace {

constexpr std::string_view kHead = "version: 1\napplication: { id: app }\n";

PlanResult Plan(const std::string& body, const PartitionCounts& counts,
                std::string_view head = kHead) {
  const LoadedTopology loaded =
      LoadTopologyTexts({{"a.yaml", std::string(head) + body}}, FakeSurroundings());
  EXPECT_TRUE(loaded.ok()) << Render(loaded.findings);
  return BuildPlan(loaded.model, loaded.files, counts);
}

constexpr const char* kCount = R"(
streams: { in: { topic: in, value: json }, out: { topic: out, value: json } }
pipelines:
  count:
    from: in
    steps:
      - name: per_user
        aggregate:
          group_by: value.user
          value: count()
    to: out
)";

int32_t PartitionsOf(const PlanResult& result, std::string_view topic) {
  if (result.plan == nullptr) {
    ADD_FAILURE() << Render(result.findings);
    return 0;
  }
  for (const InternalTopic& internal : result.plan->internal_topics) {
    if (internal.name == topic) return internal.partitions;
  }
  return -1;
}

TEST(PlanTest, RepartitionCountsExplicitExistingParallelismUpstream) {
  const PartitionCounts counts = {{"in", 4}, {"out", 1}};
  EXPECT_EQ(PartitionsOf(Plan(kCount, counts), "app-per_user-repartition"), 4);
  const auto head = "version: 1\napplication: { id: app, parallelism: 6 }\n";
  EXPECT_EQ(PartitionsOf(Plan(kCount, counts, head), "app-per_user-repartition"), 6);
  PartitionCounts existing = counts;
  existing["app-per_user-repartition"] = 9;
  EXPECT_EQ(PartitionsOf(Plan(kCount, existing, head), "app-per_user-repartition"), 9);
  EXPECT_EQ(PartitionsOf(Plan(kCount, existing, head), "app-per_user-changelog"), 9);
}

TEST(PlanTest, GroupByKeyNeedsNoHop) {
  std::string body = kCount;
  body.replace(body.find("value.user"), 10, " key      ");
  const PlanResult result = Plan(body, {{"in", 4}, {"out", 1}});
  ASSERT_NE(result.plan, nullptr) << Render(result.findings);
  EXPECT_EQ(result.plan->sub_topologies.size(), 1U);
  EXPECT_EQ(PartitionsOf(result, "app-per_user-repartition"), -1);
  EXPECT_EQ(PartitionsOf(result, "app-per_user-changelog"), 4);
}

TEST(PlanTest, MissingAndUnequalTopicsAreFindings) {
  const PlanResult missing = Plan(kCount, {{"in", 4}});
  EXPECT_EQ(missing.plan, nullptr);
  ASSERT_EQ(missing.findings.size(), 1U);
  EXPECT_EQ(missing.findings[0].code, "SS5001");
  // What can be checked without the topic is checked in the same go.
  std::string broken = kCount;
  broken.replace(broken.find("value.user"), 10, "value.    ");
  EXPECT_EQ(Plan(broken, {{"in", 4}}).findings.size(), 2U);
  const PlanResult unequal = Plan(
      "streams: { in: { topics: [a, b] }, out: { topic: out } }\npipelines: { p: { from: in, "
      "to: out } }\n",
      {{"a", 2}, {"b", 3}, {"out", 1}});
  ASSERT_EQ(unequal.findings.size(), 1U);
  EXPECT_EQ(unequal.findings[0].code, "SS5002");
}

TEST(PlanTest, ExplicitCountAgainstExistingTopicIsAFinding) {
  const PlanResult result = Plan(
      "streams: { in: { topic: in }, out: { topic: out } }\npipelines:\n  p:\n    from: in\n"
      "    steps:\n      - { name: hop, repartition: { partitions: 5 } }\n    to: out\n",
      {{"in", 2}, {"out", 1}, {"app-hop-repartition", 4}});
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_EQ(result.findings[0].code, "SS5002");
  EXPECT_EQ(result.findings[0].line, 8);
}

TEST(PlanTest, TooManyUpstreamTasksAreRefused) {
  EXPECT_NE(Plan(kCount, {{"in", 220}, {"out", 1}}).plan, nullptr);
  const PlanResult result = Plan(kCount, {{"in", 221}, {"out", 1}});
  EXPECT_EQ(result.plan, nullptr);
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_EQ(result.findings[0].code, "SS5003");
}

TEST(PlanTest, AnchorHasTheMostPartitionsFirstInFileOnTies) {
  const char* body =
      "streams: { a: { topic: ta }, b: { topic: tb }, c: { topic: tc }, out: { topic: out } }\n"
      "pipelines: { p: { from: [c, b, a], to: out } }\n";
  EXPECT_EQ(Plan(body, {{"ta", 2}, {"tb", 3}, {"tc", 3}, {"out", 1}})
                .plan->sub_topologies[0]
                .anchor_topic,
            "tb");
  EXPECT_EQ(Plan(body, {{"ta", 3}, {"tb", 3}, {"tc", 3}, {"out", 1}})
                .plan->sub_topologies[0]
                .anchor_topic,
            "ta");
}

TEST(PlanTest, MergeOfUnequalInputsCountsAsRekeyed) {
  const char* body =
      "streams: { a: { topic: ta, key: string, value: json }, b: { topic: tb, key: string, value: "
      "json }, out: { topic: out, key: string, value: json } }\n"
      "pipelines:\n  p:\n    from: [a, b]\n    steps:\n      - name: n\n        aggregate: { "
      "group_by: key, value: count() }\n    to: out\n";
  EXPECT_EQ(PartitionsOf(Plan(body, {{"ta", 2}, {"tb", 2}, {"out", 1}}), "app-n-repartition"), -1);
  EXPECT_EQ(PartitionsOf(Plan(body, {{"ta", 2}, {"tb", 3}, {"out", 1}}), "app-n-repartition"), 3);
}

TEST(PlanTest, InternalTopicsCarryTheSettingsTheEngineNeeds) {
  const auto hop = MakeInternalTopic(InternalTopic::Kind::kRepartition, "r", 2).settings;
  EXPECT_EQ(hop.at("cleanup.policy"), "delete");
  EXPECT_EQ(hop.at("retention.ms"), "-1");
  EXPECT_EQ(hop.at("segment.bytes"), "52428800");
  EXPECT_EQ(hop.at("message.timestamp.type"), "CreateTime");
  const auto changelog = MakeInternalTopic(InternalTopic::Kind::kChangelog, "c", 2).settings;
  EXPECT_EQ(changelog.at("cleanup.policy"), "compact");
  EXPECT_EQ(changelog.at("delete.retention.ms"), "604800000");
}

TEST(PlanTest, TopicsOfStepsAreToldByTheirNamesAlone) {
  EXPECT_TRUE(IsStepTopicOf("shop", RepartitionTopicName("shop", "totals")));
  EXPECT_TRUE(IsStepTopicOf("shop", ChangelogTopicName("shop", "per_user")));
  EXPECT_TRUE(IsStepTopicOf("shop-eu", ChangelogTopicName("shop-eu", "totals")));
  // Of an application whose id begins alike, or not to be told from that.
  EXPECT_FALSE(IsStepTopicOf("shop", ChangelogTopicName("shop-eu", "totals")));
  EXPECT_FALSE(IsStepTopicOf("shop", ChangelogTopicName("shopping", "totals")));
  EXPECT_FALSE(IsStepTopicOf("shop", ChangelogTopicName("shop", "eu-totals")));
  // Not of a step.
  EXPECT_FALSE(IsStepTopicOf("shop", ControlTopicName("shop")));
  for (const char* topic : {"shop", "shop-changelog", "shop--changelog", "shop-totals",
                            "shop-totals-changelog-2", "a-shop-totals-changelog", ""}) {
    EXPECT_FALSE(IsStepTopicOf("shop", topic)) << topic;
  }
}

TEST(PlanTest, ReadersOfOnePipelineShareItsTasks) {
  const PlanResult result = Plan(
      "streams: { in: { topic: in, value: json }, out: { topic: out, value: json }, two: { "
      "topic: two, value: json } }\npipelines:\n  a: { from: in, steps: [ filter: value.x ], "
      "to: out }\n  b: { from: a, to: two }\n  c: { from: in, steps: [ filter: value.y ] }\n",
      {{"in", 1}, {"out", 1}, {"two", 1}});
  ASSERT_NE(result.plan, nullptr) << Render(result.findings);
  ASSERT_EQ(result.plan->sub_topologies.size(), 1U);
  const SubTopology& sub = result.plan->sub_topologies[0];
  // One pass of the reader fills what both filters want.
  EXPECT_EQ(sub.segments.size(), 1U);
  EXPECT_EQ(sub.segments[0].slots.size(), 2U);
  EXPECT_EQ(sub.inputs[0].children.size(), 2U);
}

}  // namespace
}  // namespace sidestream::topology
