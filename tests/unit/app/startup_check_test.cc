// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Before an application starts, everything that is wrong in the cluster is found at once,
// each with the command that mends it.

#include "app/startup_check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "command_fixture.h"

namespace sidestream::app {
namespace {

class StartupCheckTest : public CommandFixture {
 protected:
  Result<StartReport> Check(const Patience& patience = {}) {
    loaded_ = topology::LoadTopologyTexts({{"a.yaml", Counting()}}, surroundings_);
    EXPECT_TRUE(loaded_.ok()) << topology::Render(loaded_.findings);
    admin_ = cluster_->NewAdmin("check").value();
    return CheckStart(loaded_, *admin_, waiting_, patience,
                      {.files = " -f a.yaml", .bootstrap = "broker:9092"});
  }

  /// Creates what the report names.
  void CreateInternal(const StartReport& report) {
    const Status created = CreateTopics(*admin_, report.missing_internal, waiting_, Patience{});
    ASSERT_TRUE(created.ok()) << created;
  }

  static const StartProblem* Find(const std::vector<StartProblem>& problems,
                                  const std::string& word) {
    const auto found = std::find_if(problems.begin(), problems.end(), [&](const auto& problem) {
      return problem.what.find(word) != std::string::npos;
    });
    return found == problems.end() ? nullptr : &*found;
  }

  topology::LoadedTopology loaded_;
  std::unique_ptr<kafka::Admin> admin_;
};

TEST_F(StartupCheckTest, NamesInternalTopicsToCreateAndIsContentOnceTheyAreThere) {
  CreateTopic("clicks", 4);
  CreateTopic("totals", 2);
  const auto first = Check();
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_TRUE(first->ok());
  ASSERT_EQ(first->missing_internal.size(), 3u);
  for (const kafka::NewTopic& topic : first->missing_internal) {
    EXPECT_EQ(topic.partitions, topic.name == "counting-control" ? 1 : 4) << topic.name;
  }
  EXPECT_EQ(TopicNames(), (std::set<std::string>{"clicks", "totals"})) << "a check creates nothing";

  CreateInternal(*first);
  const auto second = Check();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_TRUE(second->ok()) << (second->problems.empty() ? "" : second->problems[0].what);
  EXPECT_TRUE(second->missing_internal.empty());
}

TEST_F(StartupCheckTest, ReportsAllMissingTopicsEachWithItsCommand) {
  const auto report = Check();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_FALSE(report->ok());
  ASSERT_EQ(report->missing.size(), 2u);
  ASSERT_NE(Find(report->missing, "clicks"), nullptr);
  EXPECT_EQ(Find(report->missing, "clicks")->mend, "sidestream topics -f a.yaml --apply");
  // `totals` does not say how many partitions it wants, so it is the user's to make.
  EXPECT_EQ(
      Find(report->missing, "totals")->mend,
      "kafka-topics.sh --bootstrap-server broker:9092 --create --topic totals --partitions N");
}

TEST_F(StartupCheckTest, AWrongSettingNamesTheCommandWithTheRightOne) {
  CreateTopic("clicks", 4);
  CreateTopic("totals", 2);
  CreateTopic("counting-per_user-changelog", 4,
              {{"cleanup.policy", "delete"}, {"delete.retention.ms", "604800000"}});
  const auto report = Check();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_FALSE(report->ok());
  const StartProblem* problem = Find(report->problems, "counting-per_user-changelog");
  ASSERT_NE(problem, nullptr);
  EXPECT_NE(problem->what.find("cleanup.policy=delete want compact"), std::string::npos)
      << problem->what;
  EXPECT_EQ(problem->mend,
            "kafka-configs.sh --bootstrap-server broker:9092 --alter --entity-type topics "
            "--entity-name counting-per_user-changelog --add-config cleanup.policy=compact");
}

TEST_F(StartupCheckTest, AWrongSettingOfARepartitionTopicNamesThatTopic) {
  CreateTopic("clicks", 4);
  CreateTopic("totals", 2);
  const auto first = Check();
  ASSERT_TRUE(first.ok());
  for (kafka::NewTopic topic : first->missing_internal) {
    if (topic.name == "counting-per_user-repartition") topic.settings["cleanup.policy"] = "compact";
    CreateTopic(topic.name, topic.partitions, topic.settings);
  }
  const auto report = Check();
  ASSERT_TRUE(report.ok()) << report.status();
  ASSERT_EQ(report->problems.size(), 1u);
  EXPECT_EQ(report->problems[0].what,
            "an internal topic has other settings: topic=counting-per_user-repartition "
            "kind=repartition cleanup.policy=compact want delete");
}

class AlteredCountTest : public StartupCheckTest {
 protected:
  /// The only problem once the internal topics have these counts.
  StartProblem ProblemWith(int32_t repartition, int32_t changelog) {
    CreateTopic("clicks", 4);
    CreateTopic("totals", 2);
    const auto first = Check();
    if (!first.ok()) return {first.status().ToString(), ""};
    for (kafka::NewTopic topic : first->missing_internal) {
      if (topic.name == "counting-per_user-repartition") topic.partitions = repartition;
      if (topic.name == "counting-per_user-changelog") topic.partitions = changelog;
      CreateTopic(topic.name, topic.partitions, topic.settings);
    }
    const auto report = Check();
    if (!report.ok()) return {report.status().ToString(), ""};
    EXPECT_EQ(report->problems.size(), 1u);
    return report->problems.empty() ? StartProblem{} : report->problems.front();
  }
};

TEST_F(AlteredCountTest, OfARepartitionTopicIsNoProblemOfItsChangelog) {
  const StartProblem problem = ProblemWith(7, 4);
  EXPECT_EQ(problem.what,
            "a repartition topic has another number of partitions than the changelog behind it: "
            "topic=counting-per_user-repartition have=7 want=4 "
            "changelog=counting-per_user-changelog");
  EXPECT_NE(problem.mend.find("sidestream reset -f a.yaml --apply"), std::string::npos);
}

TEST_F(AlteredCountTest, OfAChangelogNamesTheChangelog) {
  const StartProblem problem = ProblemWith(4, 5);
  EXPECT_EQ(problem.what,
            "an internal topic has another number of partitions than its input asks for: "
            "topic=counting-per_user-changelog have=5 want=4 kind=changelog "
            "input=counting-per_user-repartition");
  EXPECT_NE(problem.mend.find("sidestream reset -f a.yaml --apply"), std::string::npos);
}

TEST_F(StartupCheckTest, ABrokerThatIsAwayIsWaitedForAndThenTheCheckGoesOn) {
  CreateTopic("clicks", 4);
  CreateTopic("totals", 2);
  // Longer than one request's limit: the first question is given up and asked again.
  broker_.faults().Script(kafka::memory::ApiKey::kAdmin, {.answer_delay = Milliseconds(40'000)});
  const auto report = Check();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->ok());
  EXPECT_GE(waiting_.waited(), Milliseconds(250));
}

TEST_F(StartupCheckTest, ABrokerThatStaysAwayIsGivenUpAfterTheLimit) {
  kafka::memory::FaultRates away;
  away.drop_request_one_in = 1;
  broker_.faults().SetRatesOfAll(away);
  const auto report = Check();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.status().code(), StatusCode::kUnavailable);
  EXPECT_NE(report.status().message().find("the cluster does not answer"), std::string::npos)
      << report.status();
  EXPECT_GE(waiting_.waited(), Milliseconds(60'000));
  EXPECT_LE(waiting_.waited(), Milliseconds(90'000));
}

TEST_F(StartupCheckTest, TheLimitOfTheUserHoldsWhateverOneRequestMayTake) {
  kafka::memory::FaultRates away;
  away.drop_request_one_in = 1;
  broker_.faults().SetRatesOfAll(away);
  for (const Milliseconds limit : {Milliseconds(300), Milliseconds(2'000), Milliseconds(12'500)}) {
    const Milliseconds before = waiting_.waited();
    EXPECT_EQ(Check(Patience{.total = limit}).status().code(), StatusCode::kUnavailable);
    EXPECT_GE(waiting_.waited() - before, limit);
    EXPECT_LE(waiting_.waited() - before, limit + Milliseconds(500));
  }
}

TEST_F(StartupCheckTest, AStopEndsTheWaitForABroker) {
  kafka::memory::FaultRates away;
  away.drop_request_one_in = 1;
  broker_.faults().SetRatesOfAll(away);
  waiting_.StopAfter(Milliseconds(3'000));
  EXPECT_FALSE(Check().ok());
  EXPECT_LT(waiting_.waited(), Milliseconds(4'000));
}

}  // namespace
}  // namespace sidestream::app
