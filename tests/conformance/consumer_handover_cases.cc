// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The hand-over of a partition (second-look A2): assign at a number, paused → seek → forward →
// resume. Nothing earlier than the resume, the first record is the sought one, nothing goes silent.

#include <gtest/gtest.h>

#include <numeric>

#include "tests/conformance/case_driver.h"

namespace sidestream::conformance {
namespace {

using kafka::AssignmentStrategy;

std::vector<int64_t> Range(int64_t first, int64_t end) {
  std::vector<int64_t> offsets(static_cast<size_t>(end - first));
  std::iota(offsets.begin(), offsets.end(), first);
  return offsets;
}

struct Fixture {
  explicit Fixture(int records) {
    EXPECT_TRUE(IsOk(producer.Produce(partition, records)));
  }
  MemberPlan Plan(AssignmentStrategy strategy = AssignmentStrategy::kCooperativeSticky) const {
    return {.group = TheEnvironment().UniqueName("group"),
            .topics = {topic},
            .strategy = strategy};
  }

  const std::string topic = NewTopicNamed("handover", 1);
  const TopicPartition partition{topic, 0};
  ProducerDriver producer;
};

TEST(ConsumerHandover, DeliversNothingBeforeTheResume) {
  Fixture fixture(20);
  MemberDriver member(fixture.Plan());
  member.HoldStart();
  ASSERT_TRUE(StepUntil({&member}, [&] { return member.Holds(fixture.partition); }));
  PumpFor(kQuiet, [&] { member.Step(); });
  EXPECT_TRUE(member.Seen(fixture.partition).empty());
  EXPECT_FALSE(member.End(fixture.partition).has_value());
  for (const Status& error : member.lasting_errors()) ADD_FAILURE() << error;
}

TEST(ConsumerHandover, AnswersASeekAndStaysPaused) {
  Fixture fixture(20);
  MemberDriver member(fixture.Plan());
  member.HoldStart();
  ASSERT_TRUE(StepUntil({&member}, [&] { return member.Holds(fixture.partition); }));
  const std::vector<kafka::PartitionOffset> position = {{fixture.partition, Offset(13)}};
  member.port().StartSeek(position);
  ASSERT_TRUE(StepUntil({&member}, [&] { return member.seeks.size() == 1; }));
  EXPECT_TRUE(IsOk(member.seeks[0].status));
  EXPECT_EQ(member.seeks[0].partitions, std::vector<TopicPartition>{fixture.partition});
  ASSERT_TRUE(IsOk(member.port().Forward(fixture.partition, member.queue())));
  PumpFor(kQuiet, [&] { member.Step(); });
  EXPECT_TRUE(member.Seen(fixture.partition).empty());
}

TEST(ConsumerHandover, StartsAtExactlyTheSoughtOffsetAndEndsWithTheEnd) {
  Fixture fixture(20);
  MemberDriver member(fixture.Plan());
  member.HoldStart();
  ASSERT_TRUE(StepUntil({&member}, [&] { return member.Holds(fixture.partition); }));
  const std::vector<kafka::PartitionOffset> position = {{fixture.partition, Offset(13)}};
  member.port().StartSeek(position);
  ASSERT_TRUE(StepUntil({&member}, [&] { return member.seeks.size() == 1; }));
  const std::vector<TopicPartition> partitions = {fixture.partition};
  ASSERT_TRUE(IsOk(member.port().Forward(fixture.partition, member.queue())));
  ASSERT_TRUE(IsOk(member.port().Resume(partitions)));
  ASSERT_TRUE(StepUntil({&member}, [&] { return member.End(fixture.partition).has_value(); }));
  EXPECT_EQ(member.Seen(fixture.partition), Range(13, 20));
  EXPECT_EQ(member.End(fixture.partition), Offset(20));
}

TEST(ConsumerHandover, MovesARunningPartitionBackThroughPauseAndSeek) {
  Fixture fixture(10);
  MemberDriver member(fixture.Plan());
  ASSERT_TRUE(StepUntil({&member}, [&] { return member.Seen(fixture.partition).size() == 10; }));
  const std::vector<TopicPartition> partitions = {fixture.partition};
  const std::vector<kafka::PartitionOffset> position = {{fixture.partition, Offset(4)}};
  ASSERT_TRUE(IsOk(member.port().Pause(partitions)));
  const size_t seeks = member.seeks.size();
  member.port().StartSeek(position);
  // The driver forwards and resumes when the answer comes.
  ASSERT_TRUE(StepUntil({&member}, [&] {
    return member.seeks.size() > seeks && member.Seen(fixture.partition).size() == 16;
  }));
  std::vector<int64_t> expected = Range(0, 10);
  for (const int64_t offset : Range(4, 10)) expected.push_back(offset);
  EXPECT_EQ(member.Seen(fixture.partition), expected);
}

TEST(ConsumerHandover, PausesAndResumesWithoutLoss) {
  Fixture fixture(10);
  MemberDriver member(fixture.Plan());
  ASSERT_TRUE(StepUntil({&member}, [&] { return member.Seen(fixture.partition).size() == 10; }));
  const std::vector<TopicPartition> partitions = {fixture.partition};
  ASSERT_TRUE(IsOk(member.port().Pause(partitions)));
  ASSERT_TRUE(IsOk(fixture.producer.Produce(fixture.partition, 5)));
  PumpFor(kQuiet, [&] { member.Step(); });
  EXPECT_EQ(member.Seen(fixture.partition).size(), 10u);
  ASSERT_TRUE(IsOk(member.port().Resume(partitions)));
  ASSERT_TRUE(StepUntil({&member}, [&] { return member.Seen(fixture.partition).size() >= 15; }));
  EXPECT_EQ(member.Seen(fixture.partition), Range(0, 15));
}

class ConsumerHandoverRounds : public testing::TestWithParam<AssignmentStrategy> {};

// Each round takes the partition away and gives it back at once: the unfinished stop of the last
// round must clear nothing of the new one.
TEST_P(ConsumerHandoverRounds, SurvivesTwentyRevokesAndAssignsOfOnePartition) {
  constexpr int kRounds = 20;
  Fixture fixture(kRounds + 5);
  const std::string other = NewTopicNamed("handover-other", 1);
  MemberDriver member(fixture.Plan(GetParam()));
  ASSERT_TRUE(StepUntil({&member}, [&] { return member.Holds(fixture.partition); }));
  const std::vector<std::string> away = {other};
  const std::vector<std::string> back = {fixture.topic};
  for (int round = 0; round < kRounds; ++round) {
    ASSERT_TRUE(IsOk(member.port().Subscribe(away)));
    ASSERT_TRUE(StepUntil({&member}, [&] { return !member.Holds(fixture.partition); }));
    const size_t seen = member.Seen(fixture.partition).size();
    member.StartAt(fixture.partition, Offset(round));
    ASSERT_TRUE(IsOk(member.port().Subscribe(back)));
    ASSERT_TRUE(StepUntil({&member}, [&] { return member.Seen(fixture.partition).size() > seen; }))
        << "silent in round " << round;
    EXPECT_EQ(member.Seen(fixture.partition)[seen], round);
  }
  for (const Status& error : member.lasting_errors()) ADD_FAILURE() << error;
}

INSTANTIATE_TEST_SUITE_P(Strategies, ConsumerHandoverRounds,
                         testing::Values(AssignmentStrategy::kCooperativeSticky,
                                         AssignmentStrategy::kRange),
                         [](const auto& param_info) {
                           return param_info.param == AssignmentStrategy::kRange ? "Range"
                                                                               : "Cooperative";
                         });

TEST(ConsumerHandover, DeliversTwoPartitionsIntoTheirOwnQueues) {
  const std::string topic = NewTopicNamed("handover", 2);
  ProducerDriver producer;
  ASSERT_TRUE(IsOk(producer.Produce({topic, 0}, 3)));
  ASSERT_TRUE(IsOk(producer.Produce({topic, 1}, 4)));
  MemberDriver member({.group = TheEnvironment().UniqueName("group"), .topics = {topic}});
  member.HoldStart();
  ASSERT_TRUE(StepUntil({&member}, [&] { return member.HoldsAll(topic, 2); }));
  const std::vector<kafka::PartitionOffset> positions = {{{topic, 0}, Offset(0)},
                                                         {{topic, 1}, Offset(0)}};
  member.port().StartSeek(positions);
  ASSERT_TRUE(StepUntil({&member}, [&] { return member.seeks.size() == 1; }));
  const auto own = member.port().NewQueue();
  ASSERT_TRUE(IsOk(member.port().Forward({topic, 0}, member.queue())));
  ASSERT_TRUE(IsOk(member.port().Forward({topic, 1}, *own)));
  const std::vector<TopicPartition> partitions = {{topic, 0}, {topic, 1}};
  ASSERT_TRUE(IsOk(member.port().Resume(partitions)));
  size_t in_own = 0;
  ASSERT_TRUE(StepUntil({&member}, [&] {
    for (const auto& chunk : own->Poll(10, Milliseconds(0))) {
      EXPECT_EQ(chunk->partition(), (TopicPartition{topic, 1}));
      in_own += chunk->records().size();
    }
    return in_own == 4 && member.Seen({topic, 0}).size() == 3;
  }));
  EXPECT_TRUE(member.Seen({topic, 1}).empty());
}

}  // namespace
}  // namespace sidestream::conformance
