// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// How a classic group hands out partitions (engine-kafka4 A), with both strategies.

#include <gtest/gtest.h>

#include "tests/conformance/case_driver.h"

namespace sidestream::conformance {
namespace {

using kafka::AssignmentStrategy;

class GroupAssignment : public testing::TestWithParam<AssignmentStrategy> {
 protected:
  MemberPlan Plan(const std::string& instance_id = "") const {
    return {.group = group_,
            .topics = {topic_},
            .strategy = GetParam(),
            .instance_id = instance_id};
  }
  bool Cooperative() const { return GetParam() == AssignmentStrategy::kCooperativeSticky; }

  const std::string topic_ = NewTopicNamed("assignment", 4);
  const std::string group_ = TheEnvironment().UniqueName("group");
};

TEST_P(GroupAssignment, GivesASingleMemberAllPartitions) {
  MemberDriver member(Plan());
  EXPECT_TRUE(StepUntil({&member}, [&] { return member.HoldsAll(topic_, 4); }));
  EXPECT_EQ(member.assigned_events, 1);
  EXPECT_EQ(member.revoking_events, 0);
  EXPECT_TRUE(member.Close());
}

TEST_P(GroupAssignment, SharesPartitionsWithAMemberThatJoins) {
  MemberDriver first(Plan());
  ASSERT_TRUE(StepUntil({&first}, [&] { return first.HoldsAll(topic_, 4); }));
  MemberDriver second(Plan());
  EXPECT_TRUE(StepUntil({&first, &second}, [&] {
    return first.HeldOf(topic_) == 2 && second.HeldOf(topic_) == 2;
  }));
  for (const TopicPartition& partition : first.held()) EXPECT_FALSE(second.Holds(partition));
  EXPECT_EQ(first.lost_events, 0);
}

// Cooperative members keep what they keep; range takes everything away first.
TEST_P(GroupAssignment, RevokesOnlyWhatMovesUnderCooperative) {
  MemberDriver first(Plan());
  ASSERT_TRUE(StepUntil({&first}, [&] { return first.HoldsAll(topic_, 4); }));
  MemberDriver second(Plan());
  ASSERT_TRUE(StepUntil({&first, &second}, [&] { return second.HeldOf(topic_) == 2; }));
  EXPECT_EQ(first.last_revoked.size(), Cooperative() ? 2u : 4u);
}

TEST_P(GroupAssignment, GivesEverythingBackWhenAMemberLeaves) {
  MemberDriver first(Plan());
  MemberDriver second(Plan());
  ASSERT_TRUE(StepUntil({&first, &second}, [&] {
    return first.HeldOf(topic_) == 2 && second.HeldOf(topic_) == 2;
  }));
  second.port().StartClose();
  EXPECT_TRUE(StepUntil({&first, &second}, [&] {
    return second.port().closed() && first.HoldsAll(topic_, 4);
  }));
}

TEST_P(GroupAssignment, ReplacesAMemberThatVanishedAfterItsSessionTimeout) {
  MemberDriver first(Plan());
  MemberDriver second(Plan());
  ASSERT_TRUE(StepUntil({&first, &second}, [&] {
    return first.HeldOf(topic_) == 2 && second.HeldOf(topic_) == 2;
  }));
  const MonotonicTime vanished = TheEnvironment().clock().Now();
  second.Vanish();
  EXPECT_TRUE(StepUntil({&first}, [&] { return first.HoldsAll(topic_, 4); }));
  EXPECT_GE(TheEnvironment().clock().Now() - vanished, Milliseconds(1'500));
}

// A rebalance that moves nothing still ends in an event: the permit is renewed there.
TEST_P(GroupAssignment, TellsOfANewGenerationEvenWhenNothingMoves) {
  MemberDriver first(Plan());
  ASSERT_TRUE(StepUntil({&first}, [&] { return first.HoldsAll(topic_, 4); }));
  const std::string other = NewTopicNamed("assignment-other", 1);
  MemberPlan plan = Plan();
  plan.topics = {other};
  const int32_t generation = first.permit()->generation();
  const int events = first.assigned_events;
  MemberDriver second(plan);
  ASSERT_TRUE(StepUntil({&first, &second}, [&] {
    return second.Holds({other, 0}) && first.assigned_events > events &&
           first.HoldsAll(topic_, 4);
  }));
  EXPECT_GT(first.permit()->generation(), generation);
  if (Cooperative()) {
    EXPECT_GE(first.empty_assigned_events, 1);
    EXPECT_EQ(first.revoking_events, 0);
  }
}

TEST_P(GroupAssignment, CarriesPartitionsThatWereAddedByHand) {
  const std::string side = NewTopicNamed("assignment-side", 4);
  MemberPlan plan = Plan();
  plan.extras = {side};
  MemberDriver first(plan);
  ProducerDriver producer;
  for (Partition p = 0; p < 4; ++p) {
    ASSERT_TRUE(IsOk(producer.Produce({topic_, p}, 3)));
    ASSERT_TRUE(IsOk(producer.Produce({side, p}, 5)));
  }
  EXPECT_TRUE(StepUntil({&first}, [&] {
    for (Partition p = 0; p < 4; ++p) {
      if (first.Seen({topic_, p}).size() < 3 || first.Seen({side, p}).size() < 5) return false;
    }
    return true;
  }));
  MemberDriver second(plan);
  EXPECT_TRUE(StepUntil({&first, &second}, [&] {
    return first.HeldOf(side) == 2 && second.HeldOf(side) == 2;
  }));
  for (const TopicPartition& held : second.held()) {
    EXPECT_TRUE(second.Holds({topic_, held.partition}));
    EXPECT_TRUE(second.Holds({side, held.partition}));
  }
}

TEST_P(GroupAssignment, CommitsPartitionsThatWereAddedByHand) {
  const std::string side = NewTopicNamed("assignment-side", 4);
  MemberPlan plan = Plan();
  plan.extras = {side};
  MemberDriver member(plan);
  ASSERT_TRUE(StepUntil({&member}, [&] { return member.HoldsAll(side, 4); }));
  EXPECT_TRUE(IsOk(member.Commit({side, 2}, 7, "by hand")));
  const auto committed = Committed(group_, {side, 2});
  ASSERT_TRUE(committed.ok()) << committed.status();
  EXPECT_EQ(committed->offset, Offset(7));
  EXPECT_EQ(committed->metadata, "by hand");
}

// While a revoke waits for its answer the member stays in the group, however long it polls.
TEST_P(GroupAssignment, KeepsTheMembershipWhileARevokeIsHeld) {
  MemberDriver first(Plan());
  ASSERT_TRUE(StepUntil({&first}, [&] { return first.HoldsAll(topic_, 4); }));
  first.HoldRevokes();
  MemberDriver second(Plan());
  ASSERT_TRUE(StepUntil({&first, &second}, [&] { return first.has_held_revoke(); }));
  EXPECT_FALSE(first.held_revoke().lost);
  PumpFor(Milliseconds(2'000), [&] {
    first.Step();
    second.Step();
  });
  EXPECT_FALSE(first.port().AssignmentLost());
  EXPECT_EQ(second.HeldOf(topic_), 0u);
  EXPECT_TRUE(IsOk(first.Commit(first.held_revoke().partitions.front(), 11)));
  const TopicPartition revoked = first.held_revoke().partitions.front();
  first.AnswerRevoke();
  // Under range there is a second round in which the first member gets its half back.
  EXPECT_TRUE(StepUntil({&first, &second}, [&] { return second.HeldOf(topic_) == 2; }));
  EXPECT_EQ(Committed(group_, revoked)->offset, Offset(11));
}

TEST_P(GroupAssignment, DescribesTheGroupWithItsAssignment) {
  MemberDriver member(Plan());
  ASSERT_TRUE(StepUntil({&member}, [&] { return member.HoldsAll(topic_, 4); }));
  std::optional<kafka::GroupDescription> description;
  // Between two rounds the group is not stable yet.
  ASSERT_TRUE(StepUntil({&member}, [&] {
    const auto answer = Await(TheAdmin().DescribeGroup(group_));
    if (answer.ok() && answer->state == "Stable") description = *answer;
    return description.has_value();
  }));
  ASSERT_EQ(description->members.size(), 1u);
  EXPECT_EQ(description->members[0].member_id, member.port().Membership()->member_id());
  EXPECT_EQ(description->members[0].assignment.size(), 4u);
  EXPECT_EQ(description->members[0].client_id, "conformance-member");
}

TEST_P(GroupAssignment, GivesPartitionsOfATopicAddedToTheSubscription) {
  const std::string other = NewTopicNamed("assignment-other", 2);
  MemberDriver member(Plan());
  ASSERT_TRUE(StepUntil({&member}, [&] { return member.HoldsAll(topic_, 4); }));
  const std::vector<std::string> topics = {topic_, other};
  ASSERT_TRUE(member.port().Subscribe(topics).ok());
  EXPECT_TRUE(StepUntil({&member}, [&] {
    return member.HoldsAll(topic_, 4) && member.HoldsAll(other, 2);
  }));
}

TEST_P(GroupAssignment, AcceptsTheCommitOfRevokedPartitionsUntilTheAnswer) {
  MemberDriver first(Plan());
  ASSERT_TRUE(StepUntil({&first}, [&] { return first.HoldsAll(topic_, 4); }));
  first.HoldRevokes();
  MemberDriver second(Plan());
  ASSERT_TRUE(StepUntil({&first, &second}, [&] { return first.has_held_revoke(); }));
  const TopicPartition revoked = first.held_revoke().partitions.front();
  ProducerDriver producer(TheEnvironment().UniqueName("txn"));
  ASSERT_TRUE(IsOk(producer.Init()));
  ASSERT_TRUE(IsOk(producer.Begin()));
  EXPECT_TRUE(IsOk(producer.SendOffsets({{revoked, Offset(23), "last"}}, first.port().Membership())));
  EXPECT_TRUE(IsOk(producer.Commit()));
  first.AnswerRevoke();
  EXPECT_TRUE(StepUntil({&first, &second}, [&] { return second.HeldOf(topic_) == 2; }));
  EXPECT_EQ(Committed(group_, revoked)->offset, Offset(23));
}

TEST_P(GroupAssignment, JoinsAgainWhenItSubscribesToTheSameTopics) {
  MemberDriver first(Plan());
  MemberDriver second(Plan());
  ASSERT_TRUE(StepUntil({&first, &second}, [&] {
    return first.HeldOf(topic_) == 2 && second.HeldOf(topic_) == 2;
  }));
  const int32_t generation = second.permit()->generation();
  ASSERT_TRUE(first.port().Subscribe({&topic_, 1}).ok());
  EXPECT_TRUE(StepUntil({&first, &second}, [&] {
    return first.HeldOf(topic_) == 2 && second.HeldOf(topic_) == 2 &&
           first.permit()->generation() > generation &&
           first.permit()->generation() == second.permit()->generation();
  }));
}

// The group may have ended by the time the last event is answered.
TEST_P(GroupAssignment, EndsAMemberThatIsClosedBeforeItAnswersARevoke) {
  MemberDriver first(Plan());
  ASSERT_TRUE(StepUntil({&first}, [&] { return first.HoldsAll(topic_, 4); }));
  first.HoldRevokes();
  MemberDriver second(Plan());
  ASSERT_TRUE(StepUntil({&first, &second}, [&] { return first.has_held_revoke(); }));
  first.port().StartClose();
  PumpFor(kQuiet, [&] { second.Step(); });
  first.AnswerRevoke();
  EXPECT_TRUE(StepUntil({&first, &second}, [&] {
    if (first.has_held_revoke()) first.AnswerRevoke();
    return first.port().closed() && second.HoldsAll(topic_, 4);
  }));
}

TEST_P(GroupAssignment, EndsAMemberThatIsClosedBeforeItAnswersAnAssignment) {
  MemberDriver member(Plan());
  member.HoldAssigns();
  ASSERT_TRUE(StepUntil({&member}, [&] { return member.has_held_assign(); }));
  member.port().StartClose();
  PumpFor(kQuiet, [] {});
  member.AnswerAssign();
  // What was assigned so late is taken back by an event or, on real Kafka at times, without one.
  EXPECT_TRUE(StepUntil({&member}, [&] { return member.port().closed(); }));
}

INSTANTIATE_TEST_SUITE_P(Strategies, GroupAssignment,
                         testing::Values(AssignmentStrategy::kCooperativeSticky,
                                         AssignmentStrategy::kRange),
                         [](const auto& param_info) {
                           return param_info.param == AssignmentStrategy::kRange ? "Range"
                                                                               : "Cooperative";
                         });

}  // namespace
}  // namespace sidestream::conformance
