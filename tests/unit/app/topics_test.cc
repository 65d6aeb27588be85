// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "command_fixture.h"

namespace sidestream::app {
namespace {

using TopicsTest = CommandFixture;

TEST_F(TopicsTest, ShowsWhatIsNeededAndChangesNothing) {
  File("clicks.yaml", Counting());
  CreateTopic("clicks", 4);
  EXPECT_EQ(Run(&Topics), kExitFailed) << "something is missing";
  for (const char* word :
       {"TOPIC", "clicks ", "exists", "totals ", "missing", "counting-per_user-repartition",
        "retention.ms=-1", "counting-per_user-changelog", "cleanup.policy=compact",
        "counting-control"}) {
    EXPECT_NE(out().find(word), std::string::npos) << word << " is not in:\n" << out();
  }
  EXPECT_NE(err().find("topic=totals"), std::string::npos) << err();
  EXPECT_EQ(TopicNames(), (std::set<std::string>{"clicks"}));
}

TEST_F(TopicsTest, ApplyCreatesEverythingThatSaysHowManyPartitionsItWants) {
  File("clicks.yaml", Counting());
  CreateTopic("totals", 2);
  arguments_.apply = true;
  EXPECT_EQ(Run(&Topics), kExitOk) << err();
  EXPECT_EQ(broker_.PartitionCount("clicks"), 4);
  EXPECT_EQ(broker_.PartitionCount("counting-per_user-repartition"), 4);
  EXPECT_EQ(broker_.PartitionCount("counting-per_user-changelog"), 4);
  EXPECT_EQ(broker_.PartitionCount("counting-control"), 1);
  EXPECT_EQ(out().find("missing"), std::string::npos) << out();

  arguments_.apply = false;
  EXPECT_EQ(Run(&Topics), kExitOk) << "all is there now";
}

TEST_F(TopicsTest, ApplyLeavesOurTopicsAloneWhileAUserTopicOfUnknownSizeIsMissing) {
  File("clicks.yaml", Counting());
  arguments_.apply = true;
  EXPECT_EQ(Run(&Topics), kExitFailed);
  // Their counts may hang on the one that is missing, and could never be changed.
  EXPECT_EQ(TopicNames(), (std::set<std::string>{"clicks"}));
  EXPECT_NE(err().find("kafka-topics.sh"), std::string::npos) << err();
}

TEST_F(TopicsTest, WrongCredentialsAreAConfigurationError) {
  File("clicks.yaml", Counting());
  connect_error_ = Status::InvalidConfig("authentication failed");
  EXPECT_EQ(Run(&Topics), kExitConfig);
  EXPECT_NE(err().find("authentication failed"), std::string::npos);
}

}  // namespace
}  // namespace sidestream::app
