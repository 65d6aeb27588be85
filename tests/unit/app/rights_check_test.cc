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
  kafka::Admin::Reply<kafka::Done> MayCreateTopics(std::vector<kafka::NewTopic>) override {
    return std::make_unique<Ready<kafka::Done>>(creation);
  }

  std::map<std::string, std::set<Right>> topics;
  std::set<Right> group;
  Result<kafka::Done> creation = kafka::Done{};
  std::set<std::string> asked;
};

const std::set<Right> kAll = {Right::kRead, Right::kWrite, Right::kDelete, Right::kDescribe,
                              Right::kDescribeConfigs};

class DenyingProducer final : public kafka::Producer {
 public:
  kafka::TopicHandle RegisterTopic(std::string_view) override { return {}; }
  void StartInit() override { initializing_ = true; }
  Status Begin() override { return Status::Fatal("not initialized"); }
  Status Produce(const kafka::OutgoingRecord&) override { return Status::Fatal("no transaction"); }
  void StartFlush() override {}
  void StartSendOffsets(std::vector<kafka::CommittedOffset>,
                        std::shared_ptr<const kafka::GroupMetadata>, Milliseconds) override {}
  void StartCommit() override {}
  void StartAbort() override {}
  std::optional<Status> Poll(Milliseconds) override {
    if (!std::exchange(initializing_, false)) return std::nullopt;
    return Status::InvalidConfig("denied");
  }
  int64_t in_flight() const override { return 0; }
  const std::optional<kafka::DeliveryFailure>& first_failure() const override { return failure_; }
  std::optional<Offset> DeliveredEnd(kafka::TopicHandle, Partition) const override {
    return std::nullopt;
  }
  bool tainted() const override { return false; }

 private:
  bool initializing_ = false;
  std::optional<kafka::DeliveryFailure> failure_;
};

/// Refuses every transactional id.
class DenyingCluster final : public kafka::Cluster {
 public:
  Result<std::unique_ptr<kafka::Consumer>> NewConsumer(const kafka::ConsumerOptions&) override {
    return Status::Fatal("no consumer was asked for");
  }
  Result<std::unique_ptr<kafka::Producer>> NewProducer(
      const kafka::ProducerOptions& options) override {
    asked = options.transactional_id;
    return std::unique_ptr<kafka::Producer>(std::make_unique<DenyingProducer>());
  }
  Result<std::unique_ptr<kafka::LogReader>> NewLogReader(const std::string&) override {
    return Status::Fatal("no log reader was asked for");
  }
  Result<std::unique_ptr<kafka::Admin>> NewAdmin(const std::string&) override {
    return Status::Fatal("no admin was asked for");
  }

  std::string asked;
};

class RightsCheckTest : public CommandFixture {
 protected:
  RightsCheckTest() {
    surroundings_.files["clicks.yaml"] = Counting();
    const std::vector<std::string> paths = {"clicks.yaml"};
    loaded_ = topology::LoadTopology(paths, surroundings_);
    plan_ = topology::BuildPlan(loaded_.model, loaded_.files,
                                topology::DeclaredPartitionCounts(loaded_.model, 4))
                .plan;
  }
  std::string Check(kafka::RightsReader& reader) {
    topology::Findings findings(loaded_.files);
    CheckRights(
        *plan_, reader, waiting_, Milliseconds(1000),
        [](const std::string&) { return topology::Position{}; }, findings);
    return topology::Render(findings.Take());
  }
  std::string CheckTopics(std::vector<kafka::NewTopic> topics, kafka::RightsReader& reader) {
    topology::Findings findings(loaded_.files);
    CheckCreation(std::move(topics), reader, waiting_, Milliseconds(1000), findings);
    return topology::Render(findings.Take());
  }
  std::string CheckIds(kafka::Cluster& cluster) {
    topology::Findings findings(loaded_.files);
    CheckTransactionalIds(*plan_, cluster, waiting_, Milliseconds(1000), findings);
    return topology::Render(findings.Take());
  }

  topology::LoadedTopology loaded_;
  std::shared_ptr<const topology::Plan> plan_;
};

TEST_F(RightsCheckTest, ListedRightsAreHeldAgainstWhatThePlanDoes) {
  ListedRights rights;
  rights.topics = {{"clicks", {Right::kDescribe, Right::kDescribeConfigs, Right::kWrite}},
                   {"totals", {Right::kDescribe, Right::kDescribeConfigs, Right::kWrite}},
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

TEST_F(RightsCheckTest, WhatTheClusterWouldNotCreateIsAFinding) {
  ListedRights rights;
  EXPECT_EQ(CheckTopics({{.name = "counting-control"}}, rights), "");
  rights.creation = Status::InvalidConfig("topic counting-control: not authorized");
  EXPECT_EQ(CheckTopics({}, rights), "") << "nothing is to be created";
  const std::string text = CheckTopics({{.name = "counting-control"}}, rights);
  EXPECT_NE(text.find("SS5007"), std::string::npos) << text;
  EXPECT_NE(text.find("would not create the internal topics: topic counting-control: not auth"),
            std::string::npos)
      << text;
}

TEST_F(RightsCheckTest, ATransactionalIdThatMayNotBeUsedIsAFinding) {
  DenyingCluster denying;
  const std::string text = CheckIds(denying);
  EXPECT_NE(text.find("SS5007"), std::string::npos) << text;
  EXPECT_NE(text.find("transactional ids that begin with counting-: denied"), std::string::npos)
      << text;
  EXPECT_EQ(denying.asked, "counting-validate");
  EXPECT_EQ(CheckIds(*cluster_), "");
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
