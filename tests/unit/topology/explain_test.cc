// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/unit/topology/fake_surroundings.h"
#include "topology/build_plan.h"
#include "topology/explain/explanation.h"
#include "topology/loader.h"

namespace sidestream::topology::explain {
namespace {

constexpr const char* kPlatform = R"(kafka:
  bootstrap.servers: ${env:BROKERS}
  sasl.username: team
  sasl.password: swordfish-1
  ssl.key.pem: swordfish-2
  sasl.mechanism: ${file:/run/mechanism}
  consumer: { sasl.oauthbearer.client.secret: swordfish-3 }
application: { workers: 3 }
)";

constexpr const char* kTeam = R"(version: 1
application:
  id: shop
  vars:
    limit: 5
    api: { token: swordfish-4, url: "https://me:swordfish-5@host/x" }
streams:
  orders:
    topic: orders
    key: string
    value: { format: json, fields: { id: int, amount: double } }
    timestamp: value.at
    partitions: 4
  totals: { topic: totals, key: string, value: json }
pipelines:
  sums:
    from: orders
    steps:
      - filter: value.amount > 1.5 && value.id < vars.limit
      - name: per_city
        aggregate:
          group_by: value.city
          fields: { sum: sum(value.amount).where(value.id > 0), twice: count() * 2 }
    to: totals
)";

class ExplainTest : public ::testing::Test {
 protected:
  ExplainTest() {
    FakeSurroundings surroundings;
    surroundings.variables["BROKERS"] = "kafka:9092";
    surroundings.files["/run/mechanism"] = "swordfish-6";
    loaded_ = LoadTopologyTexts({{"platform.yaml", kPlatform}, {"team.yaml", kTeam}}, surroundings);
    EXPECT_TRUE(loaded_.ok()) << Render(loaded_.findings);
    const PlanResult result =
        BuildPlan(loaded_.model, loaded_.files, DeclaredPartitionCounts(loaded_.model, 1));
    EXPECT_NE(result.plan, nullptr) << Render(result.findings);
    explanation_ = Explain(loaded_, *result.plan);
    explanation_.memory = {{"state", 64 << 20, "bound"}};
  }

  Setting SettingAt(const std::string& path) const {
    for (const Setting& setting : explanation_.settings) {
      if (setting.path == path) return setting;
    }
    return {"", "there is none", ""};
  }

  std::vector<std::string> OperationsOn(const std::string& name) const {
    for (const AccessNeed& need : explanation_.access) {
      if (need.name == name) return need.operations;
    }
    return {};
  }

  LoadedTopology loaded_;
  Explanation explanation_;
};

TEST_F(ExplainTest, SettingsSayWhereTheyComeFrom) {
  EXPECT_EQ(SettingAt("application.workers").value, "3");
  EXPECT_EQ(SettingAt("application.workers").origin, "platform.yaml:8");
  EXPECT_EQ(SettingAt("application.id").origin, "team.yaml:3");
  EXPECT_EQ(SettingAt("kafka.bootstrap.servers").value, "kafka:9092");
  EXPECT_EQ(SettingAt("application.processing_guarantee").value, "exactly_once");
  EXPECT_EQ(SettingAt("application.processing_guarantee").origin, "default");
  EXPECT_EQ(SettingAt("streams.orders.value.fields").value, R"({"id":"int","amount":"double"})");
  EXPECT_EQ(SettingAt("streams.totals.tombstones").origin, "default");
  EXPECT_EQ(SettingAt("http.port").value, "8080");
}

TEST_F(ExplainTest, NoSecretIsShownInAnyFormat) {
  for (const std::string& text : {ToText(explanation_), ToJson(explanation_)}) {
    EXPECT_EQ(text.find("swordfish"), std::string::npos) << text;
    EXPECT_NE(text.find("team"), std::string::npos);
    EXPECT_NE(text.find("@host/x"), std::string::npos);
  }
}

TEST_F(ExplainTest, SecretsAreKnownByTheirNames) {
  for (const char* name : {"sasl.password", "ssl.keystore.password", "API_TOKEN", "ssl.key.pem",
                           "client_secret", "dbCredentials"}) {
    EXPECT_TRUE(NamesSecret(name)) << name;
  }
  for (const char* name : {"sasl.username", "sasl.oauthbearer.token.endpoint.url", "linger.ms"}) {
    EXPECT_FALSE(NamesSecret(name)) << name;
  }
  EXPECT_EQ(WithoutCredentials("http://a:b@c:1,https://d/e@f"),
            "http://********@c:1,https://d/e@f");
}

TEST_F(ExplainTest, ExpressionsHaveTheirTextTypeAndPlace) {
  std::vector<std::string> lines;
  for (const ExplainedExpression& e : explanation_.expressions) {
    lines.push_back(e.node + " | " + e.role + " | " + e.text + " | " + e.type + " | " + e.location);
  }
  const std::vector<std::string> expected = {
      "orders | timestamp | value.at | dyn | team.yaml:12",
      "sums.filter_1 | condition | value.amount > 1.5 && value.id < vars.limit | bool | "
      "team.yaml:19",
      "sums.per_city.group_by | key | value.city | dyn | team.yaml:22",
      "sums.per_city | argument | sum(value.amount).where((value.id > 0)) | double | team.yaml:20",
      "sums.per_city | where | sum(value.amount).where((value.id > 0)) | bool | team.yaml:20",
      "sums.per_city | field sum | sum(value.amount).where(value.id > 0) | double | team.yaml:23",
      "sums.per_city | field twice | count() * 2 | int | team.yaml:23"};
  EXPECT_EQ(lines, expected);
}

TEST_F(ExplainTest, ExpressionsSayWhatTheyCost) {
  for (const ExplainedExpression& e : explanation_.expressions) {
    EXPECT_LE(e.cost.least, e.cost.most) << e.text;
    if (e.role == "condition") {
      EXPECT_GT(e.cost.most, 3u) << e.text;
    }
  }
  EXPECT_NE(ToText(explanation_).find("  cost "), std::string::npos);
}

TEST_F(ExplainTest, InputsSayWhatIsReadOfThem) {
  ASSERT_EQ(explanation_.inputs.size(), 2u);
  std::vector<std::string> slots = explanation_.inputs[0].slots;
  std::sort(slots.begin(), slots.end());
  EXPECT_EQ(explanation_.inputs[0].topic, "orders");
  EXPECT_EQ(explanation_.inputs[0].partitions, 4);
  EXPECT_EQ(slots,
            (std::vector<std::string>{"value.amount", "value.at", "value.city", "value.id"}));
}

TEST_F(ExplainTest, RightsFollowFromTheUseOfEachTopic) {
  using Operations = std::vector<std::string>;
  EXPECT_EQ(OperationsOn("orders"), (Operations{"Read", "DescribeConfigs"}));
  EXPECT_EQ(OperationsOn("totals"), (Operations{"Write", "DescribeConfigs"}));
  EXPECT_EQ(OperationsOn("shop"), (Operations{"Read", "Delete"}));
  EXPECT_EQ(OperationsOn("shop-"), (Operations{"Write"}));
  for (const char* topic :
       {"shop-control", "shop-per_city-repartition", "shop-per_city-changelog"}) {
    EXPECT_EQ(OperationsOn(topic),
              (Operations{"Read", "Write", "Create", "DescribeConfigs", "Delete"}))
        << topic;
  }
  const AccessNeed ids{.resource = ResourceKind::kTransactionalId,
                       .name = "shop-",
                       .prefixed = true,
                       .operations = {"Write"},
                       .why = ""};
  EXPECT_EQ(AclOptions(ids),
            "--operation Write --transactional-id shop- --resource-pattern-type prefixed");
}

TEST_F(ExplainTest, TextAndJsonHoldEveryPart) {
  const std::string text = ToText(explanation_);
  for (const char* part :
       {"settings", "inputs", "expressions", "stores", "topics of its own", "rights", "memory",
        "64.0 MiB", "cleanup.policy=compact", "by value.city"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
  const auto json = nlohmann::json::parse(ToJson(explanation_));
  EXPECT_EQ(json.at("application"), "shop");
  EXPECT_EQ(json.at("stores").size(), 1u);
  EXPECT_EQ(json.at("topics").size(), 3u);
  EXPECT_EQ(json.at("topics").at(0).at("settings").at("cleanup.policy"), "compact");
  EXPECT_EQ(json.at("memory").at(0).at("bytes"), 64 << 20);
}

}  // namespace
}  // namespace sidestream::topology::explain
