// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "command_fixture.h"
#include "tests/support/temp_dir.h"

namespace sidestream::app {
namespace {

class ResetTest : public CommandFixture {
 protected:
  /// A cluster and a disk as a stopped instance leaves them.
  void SetUp() override {
    File("clicks.yaml", Counting());
    File("state.yaml", "application: { state: { dir: \"" + dir_.path().string() + "\" } }\n");
    CreateTopic("clicks", 4);
    CreateTopic("totals", 4);
    CreateTopic("counting-per_user-repartition", 4);
    CreateTopic("counting-per_user-changelog", 4);
    CreateTopic("counting-control", 1);
    // Of another application whose name begins alike.
    CreateTopic("counting-more-per_user-changelog", 4);
    std::filesystem::create_directories(dir_.path() / "counting" / "clicks_0");
    std::ofstream(dir_.path() / "counting" / "clicks_0" / "CURRENT") << "x";
    std::filesystem::create_directories(dir_.path() / "other" / "clicks_0");
  }

  void Join() {
    auto consumer = cluster_->NewConsumer({.group = "counting", .client_id = "counting-a-member"});
    ASSERT_TRUE(consumer.ok()) << consumer.status();
    member_ = std::move(*consumer);
    const std::vector<std::string> topics{"clicks"};
    ASSERT_TRUE(member_->Subscribe(topics).ok());
    while (member_->Membership() == nullptr) {
      if (const auto event = member_->Poll(Milliseconds(0));
          event && std::holds_alternative<kafka::Assigned>(*event)) {
        std::vector<kafka::PartitionOffset> positions;
        for (const auto& partition : std::get<kafka::Assigned>(*event).partitions) {
          positions.push_back({partition, Offset(0)});
        }
        ASSERT_TRUE(member_->CompleteAssign(positions).ok());
      }
      waiting_.Pass(Milliseconds(10));
      ASSERT_LT(waiting_.waited(), Milliseconds(60'000));
    }
  }

  void Leave() {
    member_->StartClose();
    while (!member_->closed()) {
      if (const auto event = member_->Poll(Milliseconds(0));
          event && std::holds_alternative<kafka::Revoking>(*event)) {
        ASSERT_TRUE(member_->CompleteRevoke(std::get<kafka::Revoking>(*event).partitions).ok());
      }
      waiting_.Pass(Milliseconds(10));
      ASSERT_LT(waiting_.waited(), Milliseconds(120'000));
    }
    member_.reset();
  }

  const std::set<std::string> all_topics_{"clicks",
                                          "totals",
                                          "counting-per_user-repartition",
                                          "counting-per_user-changelog",
                                          "counting-control",
                                          "counting-more-per_user-changelog"};
  testing::TempDir dir_;
  std::unique_ptr<kafka::Consumer> member_;
};

TEST_F(ResetTest, IsADryRunUnlessToldOtherwise) {
  EXPECT_EQ(Run(&Reset), kExitOk) << err();
  EXPECT_NE(out().find("would delete topic counting-per_user-changelog\n"), std::string::npos);
  EXPECT_NE(out().find("would delete directory "), std::string::npos);
  EXPECT_NE(err().find("--apply"), std::string::npos);
  EXPECT_EQ(TopicNames(), all_topics_);
  EXPECT_TRUE(std::filesystem::exists(dir_.path() / "counting" / "clicks_0" / "CURRENT"));
}

TEST_F(ResetTest, ApplyDeletesGroupInternalTopicsAndLocalStateAndNothingElse) {
  Join();
  Leave();
  arguments_.apply = true;
  EXPECT_EQ(Run(&Reset), kExitOk) << err();
  EXPECT_EQ(TopicNames(),
            (std::set<std::string>{"clicks", "totals", "counting-more-per_user-changelog"}));
  EXPECT_EQ(broker_.Group("counting").state, "Dead");
  EXPECT_FALSE(std::filesystem::exists(dir_.path() / "counting"));
  EXPECT_TRUE(std::filesystem::exists(dir_.path() / "other" / "clicks_0"));

  EXPECT_EQ(Run(&Reset), kExitOk);
  EXPECT_NE(out().find("nothing to delete"), std::string::npos) << out();
}

TEST_F(ResetTest, FindsTheTopicsOfStepsThatWereRenamedAndOnlyThose) {
  CreateTopic("counting-before-repartition", 4);
  CreateTopic("counting-before-changelog", 4);
  CreateTopic("countingbefore-per_user-changelog", 4);
  CreateTopic("counting-notes", 1);
  // A stream of the topology, although it is named as ours are.
  File("audit.yaml", "streams: { audit: { topic: counting-audit-changelog } }\n");
  CreateTopic("counting-audit-changelog", 1);

  EXPECT_EQ(Run(&Reset), kExitOk) << err();
  EXPECT_NE(out().find("would delete topic counting-before-changelog, an orphan"),
            std::string::npos)
      << out();
  EXPECT_NE(out().find("would delete topic counting-before-repartition, an orphan"),
            std::string::npos);
  EXPECT_EQ(out().find("counting-more"), std::string::npos) << out();

  arguments_.apply = true;
  EXPECT_EQ(Run(&Reset), kExitOk) << err();
  EXPECT_EQ(TopicNames(),
            (std::set<std::string>{"clicks", "totals", "counting-more-per_user-changelog",
                                   "countingbefore-per_user-changelog", "counting-notes",
                                   "counting-audit-changelog"}));
}

TEST_F(ResetTest, SetsOffsetsByTheWordsOfKafkasOwnTool) {
  const std::unique_ptr<kafka::Admin> admin = cluster_->NewAdmin("test").value();
  const std::vector<TopicPartition> partitions = {{"clicks", 0}, {"clicks", 1}};
  const auto commit = Await<kafka::Done>(
      admin->CommitOffsets("counting", {{partitions[0], Offset(2), "stamp"}}), waiting_,
      Milliseconds(1'000));
  ASSERT_TRUE(commit.ok()) << commit.status();
  auto producer = cluster_->NewProducer({.client_id = "feeder"}).value();
  const kafka::TopicHandle clicks = producer->RegisterTopic("clicks");
  producer->StartInit();
  while (!producer->Poll(Milliseconds(0))) waiting_.Pass(Milliseconds(1));
  for (int i = 0; i < 5; ++i) {
    kafka::OutgoingRecord record;
    record.topic = clicks;
    record.partition = 0;
    record.value = "{}";
    record.timestamp = waiting_.clock().WallTime() - (5 - i) * 60'000;
    ASSERT_TRUE(producer->Produce(record).ok());
  }
  while (producer->in_flight() > 0) {
    producer->Poll(Milliseconds(0));
    waiting_.Pass(Milliseconds(1));
  }
  arguments_.reset.to = ResetArguments::To::kShift;
  arguments_.reset.number = -1;
  arguments_.reset.input_topics = {"clicks"};
  EXPECT_EQ(Run(&Reset), kExitOk) << err();
  EXPECT_NE(out().find("would set the offset of the group: clicks-0 is read from 1\n"),
            std::string::npos)
      << out();
  EXPECT_EQ(out().find("clicks-1"), std::string::npos) << "nothing to shift";
  arguments_.reset = ResetArguments();
  arguments_.reset.to = ResetArguments::To::kAgo;
  arguments_.reset.number = 150'000;
  EXPECT_EQ(Run(&Reset), kExitOk) << err();
  EXPECT_NE(out().find("clicks-0 is read from 3\n"), std::string::npos) << out();
  arguments_.reset.to = ResetArguments::To::kTime;
  arguments_.reset.number = waiting_.clock().WallTime().value() - 1;
  EXPECT_EQ(Run(&Reset), kExitOk) << err();
  EXPECT_NE(out().find("clicks-0 is read from 5\n"), std::string::npos) << "nothing is so late";
  arguments_.reset = ResetArguments();
  arguments_.reset.to = ResetArguments::To::kLatest;
  arguments_.apply = true;
  EXPECT_EQ(Run(&Reset), kExitOk) << err();
  std::map<TopicPartition, int64_t> committed;
  for (const kafka::CommittedOffset& offset : broker_.CommittedOffsets("counting")) {
    if (offset.offset) committed[offset.partition] = offset.offset->value();
    EXPECT_EQ(offset.metadata, "") << "a stamp would be of the old life";
  }
  EXPECT_EQ(committed, (std::map<TopicPartition, int64_t>{{{"clicks", 0}, 5},
                                                          {{"clicks", 1}, 0},
                                                          {{"clicks", 2}, 0},
                                                          {{"clicks", 3}, 0}}));
  arguments_.reset.input_topics = {"orders"};
  EXPECT_EQ(Run(&Reset), kExitConfig) << out();
  EXPECT_NE(err().find("does not read the topic: topic=orders"), std::string::npos) << err();
}

TEST_F(ResetTest, IsRefusedWhileTheGroupHasMembers) {
  Join();
  arguments_.apply = true;
  EXPECT_EQ(Run(&Reset), kExitFailed);
  EXPECT_NE(err().find("counting-a-member"), std::string::npos) << err();
  EXPECT_EQ(TopicNames(), all_topics_);
  EXPECT_TRUE(std::filesystem::exists(dir_.path() / "counting" / "clicks_0" / "CURRENT"));
}

}  // namespace
}  // namespace sidestream::app
