// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Offsets of logs, deletion of records, and groups through the admin port.

#include "tests/conformance/steps.h"

namespace sidestream::conformance {
namespace {

std::string FilledTopic(int records) {
  const std::string topic = MakeTopic();
  auto producer = MakeProducer("", {topic});
  for (int i = 0; i < records; ++i) {
    EXPECT_TRUE(Put(*producer, topic, std::to_string(i)).ok());
    // Each in its own batch.
    EXPECT_TRUE(Flush(*producer).ok());
  }
  return topic;
}

TEST(AdminOffsets, OfAnEmptyPartitionAreZero) {
  const std::string topic = MakeTopic();
  EXPECT_EQ(LogStart({topic, 0}), Offset(0));
  EXPECT_EQ(LogEnd({topic, 0}), Offset(0));
  EXPECT_EQ(LastStable({topic, 0}), Offset(0));
}

TEST(AdminOffsets, ComeInTheOrderAsked) {
  const std::string empty = MakeTopic(2);
  const std::string filled = FilledTopic(2);
  const auto listed = Await(TheAdmin().ListOffsets({{empty, 1}, {filled, 0}, {empty, 0}},
                                                   kafka::OffsetSpec::kLatest,
                                                   kafka::IsolationLevel::kReadUncommitted));
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->size(), 3u);
  EXPECT_EQ((*listed)[0].partition, (TopicPartition{empty, 1}));
  EXPECT_EQ((*listed)[1].partition, (TopicPartition{filled, 0}));
  EXPECT_EQ((*listed)[1].offset, Offset(2));
  EXPECT_EQ((*listed)[2].partition, (TopicPartition{empty, 0}));
}

TEST(AdminOffsets, OfATimeAreThoseOfTheFirstRecordThatIsNotOlder) {
  const std::string topic = MakeTopic();
  const auto producer = MakeProducer("", {topic});
  for (const int64_t time : {1'000, 3'000, 2'000, 5'000}) {
    ASSERT_TRUE(Put(*producer, topic, "x", 0, Timestamp(time)).ok());
  }
  ASSERT_TRUE(Flush(*producer).ok());
  const auto at = [&](int64_t time) {
    return ListOffset({topic, 0}, kafka::OffsetSpec::At(Timestamp(time)),
                      kafka::IsolationLevel::kReadUncommitted);
  };
  EXPECT_EQ(at(0), Offset(0));
  EXPECT_EQ(at(1'000), Offset(0));
  EXPECT_EQ(at(1'001), Offset(1));
  EXPECT_EQ(at(2'000), Offset(1)) << "in the order of the log, not of the times";
  EXPECT_EQ(at(3'001), Offset(3));
  EXPECT_EQ(at(5'001), Offset(-1));
}

TEST(AdminOffsets, OfAnUnknownPartitionAreUnavailable) {
  const std::string topic = MakeTopic();
  const auto listed =
      Await(TheAdmin().ListOffsets({{topic, 0}, {topic, 9}}, kafka::OffsetSpec::kLatest,
                                   kafka::IsolationLevel::kReadUncommitted));
  ASSERT_FALSE(listed.ok());
  EXPECT_EQ(listed.status().code(), StatusCode::kUnavailable);
}

TEST(AdminOffsets, StartWhereRecordsWereDeleted) {
  const std::string topic = FilledTopic(5);
  const auto deleted = Await(TheAdmin().DeleteRecords({{{topic, 0}, Offset(3)}}));
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  EXPECT_EQ(LogStart({topic, 0}), Offset(3));
  EXPECT_EQ(LogEnd({topic, 0}), Offset(5));
  EXPECT_EQ(Values(ReadAll({topic, 0})), (std::vector<std::string>{"3", "4"}));
}

TEST(AdminOffsets, BelowTheStartStopAReader) {
  const std::string topic = FilledTopic(3);
  ASSERT_TRUE(Await(TheAdmin().DeleteRecords({{{topic, 0}, Offset(2)}})).ok());
  auto reader = TheCluster().NewLogReader(TheEnvironment().UniqueName("reader")).value();
  ASSERT_TRUE(reader->Assign({{topic, 0}, Offset(0)}).ok());
  Status status;
  ASSERT_TRUE(TheEnvironment().PumpUntil(
      [&] {
        const auto chunks = reader->Poll(10, kPollWait);
        if (!chunks.ok() && chunks.status().code() != StatusCode::kUnavailable) {
          status = chunks.status();
        }
        return !status.ok();
      },
      kPatience));
  EXPECT_EQ(status.code(), StatusCode::kStopped);
  EXPECT_NE(status.message().find(topic), std::string::npos) << status;
  // The reader goes on where it is told to.
  ASSERT_TRUE(reader->Assign({{topic, 0}, Offset(2)}).ok());
  EXPECT_EQ(Values(ReadTo(*reader, {topic, 0}, Offset(3))), std::vector<std::string>{"2"});
}

TEST(AdminOffsets, RecordsBeyondTheEndCannotBeDeleted) {
  const std::string topic = FilledTopic(2);
  EXPECT_FALSE(Await(TheAdmin().DeleteRecords({{{topic, 0}, Offset(9)}})).ok());
  EXPECT_EQ(LogStart({topic, 0}), Offset(0));
}

TEST(AdminOffsets, DeletedRecordsStayDeletedForASmallerOffset) {
  const std::string topic = FilledTopic(3);
  ASSERT_TRUE(Await(TheAdmin().DeleteRecords({{{topic, 0}, Offset(2)}})).ok());
  ASSERT_TRUE(Await(TheAdmin().DeleteRecords({{{topic, 0}, Offset(1)}})).ok());
  EXPECT_EQ(LogStart({topic, 0}), Offset(2));
}

TEST(AdminGroups, UnknownOneHasNoOffsets) {
  const std::string topic = MakeTopic(2);
  const std::string group = TheEnvironment().UniqueName("group");
  auto read = Await(TheAdmin().CommittedOffsets(group, {{topic, 1}, {topic, 0}}, true));
  // The first one to ask a fresh cluster meets a coordinator that still loads.
  for (int i = 0; i < 1000 && read.status().code() == StatusCode::kUnavailable; ++i) {
    read = Await(TheAdmin().CommittedOffsets(group, {{topic, 1}, {topic, 0}}, true));
  }
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ((*read)[0].partition, (TopicPartition{topic, 1}));
  EXPECT_EQ((*read)[0].offset, std::nullopt);
  EXPECT_EQ((*read)[1].offset, std::nullopt);
}

TEST(AdminGroups, UnknownOneIsDead) {
  const auto description = Await(TheAdmin().DescribeGroup(TheEnvironment().UniqueName("group")));
  ASSERT_TRUE(description.ok()) << description.status();
  EXPECT_EQ(description->state, "Dead");
  EXPECT_TRUE(description->members.empty());
}

TEST(AdminGroups, DescribesMembersAndWhatTheyHold) {
  const std::string topic = MakeTopic(2);
  const std::string group = TheEnvironment().UniqueName("group");
  MemberDriver member({.group = group, .topics = {topic}, .instance_id = "slot-1"});
  ASSERT_TRUE(StepUntil({&member}, [&] { return member.HoldsAll(topic, 2); }));
  const auto description = Await(TheAdmin().DescribeGroup(group));
  ASSERT_TRUE(description.ok()) << description.status();
  EXPECT_EQ(description->group, group);
  EXPECT_EQ(description->state, "Stable");
  ASSERT_EQ(description->members.size(), 1u);
  EXPECT_EQ(description->members[0].instance_id, "slot-1");
  EXPECT_EQ(description->members[0].member_id, member.permit()->member_id());
  EXPECT_EQ(description->members[0].assignment.size(), 2u);
}

TEST(AdminGroups, DeletionWaitsForTheMembersAndTakesTheOffsets) {
  const std::string topic = MakeTopic();
  const std::string group = TheEnvironment().UniqueName("group");
  MemberDriver member({.group = group, .topics = {topic}});
  ASSERT_TRUE(StepUntil({&member}, [&] { return member.HoldsAll(topic, 1); }));
  ASSERT_TRUE(member.Commit({topic, 0}, 4, "metadata").ok());
  EXPECT_EQ(ReadOffset(group, {topic, 0}).offset, Offset(4));
  EXPECT_EQ(ReadOffset(group, {topic, 0}).metadata, "metadata");

  const auto refused = Await(TheAdmin().DeleteGroup(group));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().code(), StatusCode::kStopped);
  ASSERT_TRUE(member.Close());
  const auto deleted = Await(TheAdmin().DeleteGroup(group));
  EXPECT_TRUE(deleted.ok()) << deleted.status();
  EXPECT_EQ(ReadOffset(group, {topic, 0}).offset, std::nullopt);
}

TEST(AdminGroups, OffsetsAreCommittedFromOutsideWhileThereIsNoMember) {
  const std::string topic = MakeTopic(2);
  const std::string group = TheEnvironment().UniqueName("group");
  const auto commit = [&](int64_t offset) {
    return Await(TheAdmin().CommitOffsets(
        group, {{.partition = {topic, 0}, .offset = Offset(offset), .metadata = "AQ=="},
                {.partition = {topic, 1}, .offset = Offset(0)}}));
  };
  const auto committed = commit(7);
  ASSERT_TRUE(committed.ok()) << committed.status();
  EXPECT_EQ(ReadOffset(group, {topic, 0}).offset, Offset(7));
  EXPECT_EQ(ReadOffset(group, {topic, 0}).metadata, "AQ==");
  EXPECT_EQ(ReadOffset(group, {topic, 1}).offset, Offset(0));

  MemberDriver member({.group = group, .topics = {topic}});
  ASSERT_TRUE(StepUntil({&member}, [&] { return member.HoldsAll(topic, 2); }));
  const auto refused = commit(8);
  EXPECT_EQ(refused.status().code(), StatusCode::kStopped) << refused.status();
  EXPECT_EQ(ReadOffset(group, {topic, 0}).offset, Offset(7));
  ASSERT_TRUE(member.Close());
}

TEST(AdminGroups, DeletionOfAnAbsentOneIsSuccess) {
  const auto deleted = Await(TheAdmin().DeleteGroup(TheEnvironment().UniqueName("group")));
  EXPECT_TRUE(deleted.ok()) << deleted.status();
}

}  // namespace
}  // namespace sidestream::conformance
