// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Committed offsets and their metadata, which carries the commit stamp (architecture 7).

#include <gtest/gtest.h>

#include "tests/conformance/case_driver.h"

namespace sidestream::conformance {
namespace {

struct Fixture {
  Fixture() { EXPECT_TRUE(StepUntil({&member}, [&] { return member.HoldsAll(topic, 2); })); }

  const std::string topic = NewTopicNamed("offsets", 2);
  const std::string group = TheEnvironment().UniqueName("group");
  MemberDriver member{MemberPlan{.group = group, .topics = {topic}}};
};

TEST(ConsumerOffsets, HasNoOffsetBeforeTheFirstCommit) {
  Fixture fixture;
  const auto committed = Committed(fixture.group, {fixture.topic, 0});
  ASSERT_TRUE(committed.ok()) << committed.status();
  EXPECT_EQ(committed->offset, std::nullopt);
  EXPECT_EQ(committed->metadata, "");
}

TEST(ConsumerOffsets, RoundTripsMetadata) {
  Fixture fixture;
  EXPECT_TRUE(IsOk(fixture.member.Commit({fixture.topic, 0}, 3, "stamp 1")));
  const auto committed = Committed(fixture.group, {fixture.topic, 0});
  EXPECT_EQ(committed->offset, Offset(3));
  EXPECT_EQ(committed->metadata, "stamp 1");
}

TEST(ConsumerOffsets, ChangesMetadataAtAnUnchangedOffset) {
  Fixture fixture;
  EXPECT_TRUE(IsOk(fixture.member.Commit({fixture.topic, 0}, 3, "stamp 1")));
  EXPECT_TRUE(IsOk(fixture.member.Commit({fixture.topic, 0}, 3, "stamp 2")));
  const auto committed = Committed(fixture.group, {fixture.topic, 0});
  EXPECT_EQ(committed->offset, Offset(3));
  EXPECT_EQ(committed->metadata, "stamp 2");
}

TEST(ConsumerOffsets, CommitsAnOffsetBeyondTheEndOfTheLog) {
  Fixture fixture;
  EXPECT_TRUE(IsOk(fixture.member.Commit({fixture.topic, 1}, 1'000'000)));
  EXPECT_EQ(Committed(fixture.group, {fixture.topic, 1})->offset, Offset(1'000'000));
}

TEST(ConsumerOffsets, MovesOffsetsBack) {
  Fixture fixture;
  EXPECT_TRUE(IsOk(fixture.member.Commit({fixture.topic, 0}, 10)));
  EXPECT_TRUE(IsOk(fixture.member.Commit({fixture.topic, 0}, 2)));
  EXPECT_EQ(Committed(fixture.group, {fixture.topic, 0})->offset, Offset(2));
}

TEST(ConsumerOffsets, Takes4096BytesOfMetadata) {
  Fixture fixture;
  const std::string metadata(4096, 'x');
  EXPECT_TRUE(IsOk(fixture.member.Commit({fixture.topic, 0}, 1, metadata)));
  EXPECT_EQ(Committed(fixture.group, {fixture.topic, 0})->metadata, metadata);
}

TEST(ConsumerOffsets, Refuses4097BytesOfMetadata) {
  Fixture fixture;
  EXPECT_EQ(fixture.member.Commit({fixture.topic, 0}, 1, std::string(4097, 'x')).code(),
            StatusCode::kFatal);
  EXPECT_EQ(Committed(fixture.group, {fixture.topic, 0})->offset, std::nullopt);
}

TEST(ConsumerOffsets, AnswersInTheOrderOfTheQuestion) {
  Fixture fixture;
  EXPECT_TRUE(IsOk(fixture.member.Commit({fixture.topic, 1}, 8, "one")));
  const std::vector<TopicPartition> asked = {{fixture.topic, 1}, {fixture.topic, 0}};
  const auto answer = Await(TheAdmin().CommittedOffsets(fixture.group, asked, true));
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->size(), 2u);
  EXPECT_EQ(answer->at(0).partition, asked[0]);
  EXPECT_EQ(answer->at(0).offset, Offset(8));
  EXPECT_EQ(answer->at(1).partition, asked[1]);
  EXPECT_EQ(answer->at(1).offset, std::nullopt);
}

TEST(ConsumerOffsets, AllOfAGroupAreThoseThatWereCommitted) {
  Fixture fixture;
  EXPECT_TRUE(IsOk(fixture.member.Commit({fixture.topic, 1}, 8, "one")));
  const auto answer = Await(TheAdmin().AllCommittedOffsets(fixture.group));
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->size(), 1u);
  EXPECT_EQ(answer->front().partition, (TopicPartition{fixture.topic, 1}));
  EXPECT_EQ(answer->front().offset, Offset(8));
  EXPECT_EQ(answer->front().metadata, "one");
}

TEST(ConsumerOffsets, CarriesMetadataThroughATransaction) {
  Fixture fixture;
  ProducerDriver producer(TheEnvironment().UniqueName("txn"));
  ASSERT_TRUE(IsOk(producer.Begin()));
  ASSERT_TRUE(IsOk(
      producer.SendOffsets({{{fixture.topic, 0}, Offset(4), "seq=1"}}, fixture.member.permit())));
  ASSERT_TRUE(IsOk(producer.Commit()));
  const auto committed = Committed(fixture.group, {fixture.topic, 0});
  EXPECT_EQ(committed->offset, Offset(4));
  EXPECT_EQ(committed->metadata, "seq=1");
}

TEST(ConsumerOffsets, TakesBackOffsetsOfAnAbortedTransaction) {
  Fixture fixture;
  ASSERT_TRUE(IsOk(fixture.member.Commit({fixture.topic, 0}, 1, "before")));
  ProducerDriver producer(TheEnvironment().UniqueName("txn"));
  ASSERT_TRUE(IsOk(producer.Begin()));
  ASSERT_TRUE(IsOk(
      producer.SendOffsets({{{fixture.topic, 0}, Offset(4), "after"}}, fixture.member.permit())));
  ASSERT_TRUE(IsOk(producer.Abort()));
  const auto committed = Committed(fixture.group, {fixture.topic, 0});
  EXPECT_EQ(committed->offset, Offset(1));
  EXPECT_EQ(committed->metadata, "before");
}

// One zombie's pending offset holds up its own partition only when tasks are asked one by one.
TEST(ConsumerOffsets, WaitsForPendingOffsetsOfThatPartitionOnly) {
  Fixture fixture;
  ASSERT_TRUE(IsOk(fixture.member.Commit({fixture.topic, 0}, 1)));
  ASSERT_TRUE(IsOk(fixture.member.Commit({fixture.topic, 1}, 2)));
  ProducerDriver zombie(TheEnvironment().UniqueName("txn"));
  ASSERT_TRUE(IsOk(zombie.Begin()));
  ASSERT_TRUE(
      IsOk(zombie.SendOffsets({{{fixture.topic, 0}, Offset(9)}}, fixture.member.permit())));
  EXPECT_EQ(Committed(fixture.group, {fixture.topic, 1})->offset, Offset(2));
  EXPECT_EQ(Committed(fixture.group, {fixture.topic, 0}, false)->offset, Offset(1));
  EXPECT_EQ(Committed(fixture.group, {fixture.topic, 0}, true, Milliseconds(1'000)).status().code(),
            StatusCode::kUnavailable);
  const std::vector<TopicPartition> both = {{fixture.topic, 0}, {fixture.topic, 1}};
  EXPECT_EQ(Await(TheAdmin().CommittedOffsets(fixture.group, both, true), Milliseconds(1'000))
                .status()
                .code(),
            StatusCode::kUnavailable);
  EXPECT_EQ(Await(TheAdmin().AllCommittedOffsets(fixture.group), Milliseconds(1'000)).status().code(),
            StatusCode::kUnavailable);
  ASSERT_TRUE(IsOk(zombie.Commit()));
  EXPECT_EQ(Committed(fixture.group, {fixture.topic, 0})->offset, Offset(9));
}

}  // namespace
}  // namespace sidestream::conformance
