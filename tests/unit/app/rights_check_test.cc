// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/rights_check.h"

#include <gtest/gtest.h>

#include <optional>
#include <utility>

#include "command_fixture.h"
#include "topology/build_plan.h"

namespace sidestream::app {
namespace {

using kafka::Right;

template <typename T>
class Ready final : public kafka::Pending<T> {
 public:
  explicit Ready(Result<T> answer) : answer_(std::move(answer)) {}
  std::optional<Result<T>> Poll() override { return std::exchange(answer_, std::nullopt); }

 private:
  std::optional<Result<T>> answer_;
};

class ListedRights final : public kafka::RightsReader {
 public:
  kafka::Admin::Reply<std::map<std::string, std::set<Right>>> TopicRights(
      std::vector<std::string> names) override {
    asked = std::set<std::string>(names.begin(), names.end());
    return std::make_unique<Ready<std::map<std::string, std::set<Right>>>>(topics);
  }
  kafka::Admin::Reply<std::set<Right>> GroupRights(std::string /*group*/) override {
    return std::make_unique<Ready<std::set<Right>>>(group);
  }

  std::map<std::string, std::set<Right>> topics;
  std::set<Right> group;
  std::set<std::string> asked;
};

const std::set<Right> kAll = {Right::kRead, Right::kWrite, Right::kDelete, Right::kDescribe,
                              Right::kDescribeConfigs};

class RightsCheckTest : public CommandFixture {
 protected:
  std::string Check(kafka::RightsReader& reader) {
    surroundings_.files["clicks.yaml"] = Counting();
    const std::vector<std::string> paths = {"clicks.yaml"};
    const auto loaded = topology::LoadTopology(paths, surroundings_);
    const auto plan = topology::BuildPlan(loaded.model, loaded.files,
                                          topology::DeclaredPartitionCounts(loaded.model, 4));
    topology::Findings findings(loaded.files);
    CheckRights(*plan.plan, reader, waiting_, Milliseconds(1000),
                [](const std::string&) { return topology::Position{}; }, findings);
    return topology::Render(findings.Take());
  }
};

TEST_F(RightsCheckTest, ListedRightsAreHeldAgainstWhatThePlanDoes) {
  ListedRights rights;
  rights.topics = {{"clicks", {Right::kDescribe, Right::kWrite}},
                   {"totals", {Right::kDescribe, Right::kWrite}},
                   {"counting-per_user-repartition",
                    {Right::kRead, Right::kWrite, Right::kDescribe, Right::kDescribeConfigs}},
                   {"counting-per_user-changelog", kAll}};
  rights.group = {Right::kDescribe};
  const std::string text = Check(rights);
  EXPECT_NE(text.find("rights on the topic clicks: READ\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("topic totals"), std::string::npos) << text;
  EXPECT_NE(text.find("topic counting-per_user-repartition: DELETE\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("changelog"), std::string::npos) << text;
  EXPECT_NE(text.find("consumer group counting: READ\n"), std::string::npos) << text;
  EXPECT_TRUE(rights.asked.contains("counting-control"));
}

TEST_F(RightsCheckTest, AClusterThatListsNoneIsTakenToAllowAll) {
  ListedRights rights;
  rights.topics = {{"clicks", {}}};
  EXPECT_EQ(Check(rights), "");
}

TEST_F(RightsCheckTest, TheInProcessBrokerAllowsAll) {
  CreateTopic("clicks", 4);
  CreateTopic("totals", 4);
  const auto admin = cluster_->NewAdmin("validate");
  ASSERT_TRUE(admin.ok()) << admin.status();
  auto* reader = dynamic_cast<kafka::RightsReader*>(admin->get());
  ASSERT_NE(reader, nullptr);
  EXPECT_EQ(Check(*reader), "");
}

}  // namespace
}  // namespace sidestream::app
