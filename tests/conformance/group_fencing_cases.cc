// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Whom the broker lets commit (engine-kafka4 B): generation and member id, and nothing else.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/conformance/case_driver.h"

namespace sidestream::conformance {
namespace {

using kafka::AssignmentStrategy;

struct Fixture {
  std::string topic = NewTopicNamed("fencing", 4);
  std::string group = TheEnvironment().UniqueName("group");

  MemberPlan Plan(AssignmentStrategy strategy = AssignmentStrategy::kCooperativeSticky,
                  const std::string& instance_id = "") const {
    return {.group = group, .topics = {topic}, .strategy = strategy, .instance_id = instance_id};
  }
};

// A transaction that only commits `offset` of `partition`; the first error ends it.
Status CommitThrough(ProducerDriver& producer, const TopicPartition& partition, int64_t offset,
                     std::shared_ptr<const kafka::GroupMetadata> membership) {
  RETURN_IF_ERROR(producer.Begin());
  const Status sent = producer.SendOffsets({{partition, Offset(offset)}}, std::move(membership));
  if (sent.ok()) return producer.Commit();
  const Status aborted = producer.Abort();
  return aborted.ok() ? sent : aborted;
}

TEST(GroupFencing, AcceptsTheMembershipOfAStableGroup) {
  Fixture fixture;
  MemberDriver member(fixture.Plan());
  ASSERT_TRUE(StepUntil({&member}, [&] { return member.HoldsAll(fixture.topic, 4); }));
  EXPECT_TRUE(member.permit()->usable());
  ProducerDriver producer(TheEnvironment().UniqueName("txn"));
  EXPECT_TRUE(IsOk(CommitThrough(producer, {fixture.topic, 0}, 5, member.permit())));
  EXPECT_EQ(Committed(fixture.group, {fixture.topic, 0})->offset, Offset(5));
}

TEST(GroupFencing, HoldsItsPartitionsForLongerWithEachHeartbeat) {
  Fixture fixture;
  MemberDriver member(fixture.Plan());
  EXPECT_EQ(member.port().HeldUntil(), MonotonicTime());
  ASSERT_TRUE(StepUntil({&member}, [&] { return member.HoldsAll(fixture.topic, 4); }));
  for (int i = 0; i < 2; ++i) {
    const MonotonicTime before = member.port().HeldUntil();
    EXPECT_TRUE(StepUntil({&member}, [&] { return member.port().HeldUntil() > before; }));
  }
}

TEST(GroupFencing, HasNoUsableMembershipBeforeTheFirstAssignment) {
  Fixture fixture;
  MemberDriver member(fixture.Plan());
  const auto membership = member.port().Membership();
  EXPECT_TRUE(membership == nullptr || !membership->usable());
}

// The broker would accept (-1, "") from anyone: the port must never let it out.
TEST(GroupFencing, RefusesToSendOffsetsWithoutAMembership) {
  Fixture fixture;
  MemberDriver member(fixture.Plan());
  const auto unusable = member.port().Membership();
  ProducerDriver producer(TheEnvironment().UniqueName("txn"));
  EXPECT_EQ(CommitThrough(producer, {fixture.topic, 0}, 5, unusable).code(),
            StatusCode::kTaskMigrated);
  EXPECT_EQ(CommitThrough(producer, {fixture.topic, 0}, 5, nullptr).code(),
            StatusCode::kTaskMigrated);
  EXPECT_EQ(Committed(fixture.group, {fixture.topic, 0})->offset, std::nullopt);
}

TEST(GroupFencing, RefusesAPlainCommitWithoutAMembership) {
  Fixture fixture;
  MemberDriver member({.group = fixture.group, .topics = {}});
  EXPECT_EQ(member.Commit({fixture.topic, 0}, 5).code(), StatusCode::kTaskMigrated);
  EXPECT_EQ(Committed(fixture.group, {fixture.topic, 0})->offset, std::nullopt);
}

class GroupFencingByStrategy : public testing::TestWithParam<AssignmentStrategy> {};

TEST_P(GroupFencingByStrategy, RefusesAGenerationThatIsOver) {
  Fixture fixture;
  MemberDriver first(fixture.Plan(GetParam()));
  ASSERT_TRUE(StepUntil({&first}, [&] { return first.HoldsAll(fixture.topic, 4); }));
  const auto old = first.permit();
  MemberDriver second(fixture.Plan(GetParam()));
  ASSERT_TRUE(StepUntil({&first, &second}, [&] {
    return first.HeldOf(fixture.topic) == 2 && second.HeldOf(fixture.topic) == 2;
  }));
  ProducerDriver producer(TheEnvironment().UniqueName("txn"));
  const TopicPartition kept = *first.held().begin();
  EXPECT_EQ(CommitThrough(producer, kept, 5, old).code(), StatusCode::kTaskMigrated);
  // The abort gave the producer back, and the newer membership is good.
  EXPECT_TRUE(IsOk(CommitThrough(producer, kept, 6, first.permit())));
  EXPECT_EQ(Committed(fixture.group, kept)->offset, Offset(6));
}

TEST_P(GroupFencingByStrategy, RefusesAMemberThatLeft) {
  Fixture fixture;
  MemberDriver first(fixture.Plan(GetParam()));
  ASSERT_TRUE(StepUntil({&first}, [&] { return first.HoldsAll(fixture.topic, 4); }));
  const auto old = first.permit();
  ASSERT_TRUE(first.Close());
  ProducerDriver producer(TheEnvironment().UniqueName("txn"));
  EXPECT_EQ(CommitThrough(producer, {fixture.topic, 0}, 5, old).code(),
            StatusCode::kTaskMigrated);
}

INSTANTIATE_TEST_SUITE_P(Strategies, GroupFencingByStrategy,
                         testing::Values(AssignmentStrategy::kCooperativeSticky,
                                         AssignmentStrategy::kRange),
                         [](const auto& param_info) {
                           return param_info.param == AssignmentStrategy::kRange ? "Range"
                                                                               : "Cooperative";
                         });

// The join round is over before the event is served: a permit of the last event is refused on a
// partition that is kept, which is normal and abortable.
TEST(GroupFencing, ShowsTheNewGenerationBeforeTheEvent) {
  Fixture fixture;
  MemberDriver first(fixture.Plan());
  ASSERT_TRUE(StepUntil({&first}, [&] { return first.HoldsAll(fixture.topic, 4); }));
  const auto old = first.permit();
  first.HoldRevokes();
  MemberDriver second(fixture.Plan());
  ASSERT_TRUE(StepUntil({&first, &second}, [&] { return first.has_held_revoke(); }));
  const auto now = first.port().Membership();
  EXPECT_GT(now->generation(), old->generation());
  EXPECT_EQ(now->member_id(), old->member_id());
  TopicPartition kept;
  for (const TopicPartition& partition : first.held()) {
    const auto& revoked = first.held_revoke().partitions;
    if (std::find(revoked.begin(), revoked.end(), partition) == revoked.end()) kept = partition;
  }
  ProducerDriver producer(TheEnvironment().UniqueName("txn"));
  EXPECT_EQ(CommitThrough(producer, kept, 5, old).code(), StatusCode::kTaskMigrated);
  EXPECT_TRUE(IsOk(CommitThrough(producer, kept, 5, now)));
  first.AnswerRevoke();
}

// Nobody checks who owns a partition; that is why only the member's thread takes memberships.
TEST(GroupFencing, DoesNotCheckWhoOwnsAPartition) {
  Fixture fixture;
  MemberDriver first(fixture.Plan());
  MemberDriver second(fixture.Plan());
  ASSERT_TRUE(StepUntil({&first, &second}, [&] {
    return first.HeldOf(fixture.topic) == 2 && second.HeldOf(fixture.topic) == 2;
  }));
  ProducerDriver producer(TheEnvironment().UniqueName("txn"));
  const TopicPartition of_second = *second.held().begin();
  EXPECT_TRUE(IsOk(CommitThrough(producer, of_second, 9, first.port().Membership())));
}

TEST(GroupFencing, LetsTwoProducersCommitWithOneMembership) {
  Fixture fixture;
  MemberDriver member(fixture.Plan());
  ASSERT_TRUE(StepUntil({&member}, [&] { return member.HoldsAll(fixture.topic, 4); }));
  ProducerDriver one(TheEnvironment().UniqueName("txn"));
  ProducerDriver two(TheEnvironment().UniqueName("txn"));
  EXPECT_TRUE(IsOk(CommitThrough(one, {fixture.topic, 0}, 1, member.permit())));
  EXPECT_TRUE(IsOk(CommitThrough(two, {fixture.topic, 1}, 2, member.permit())));
  EXPECT_EQ(Committed(fixture.group, {fixture.topic, 0})->offset, Offset(1));
  EXPECT_EQ(Committed(fixture.group, {fixture.topic, 1})->offset, Offset(2));
}

TEST(GroupFencing, LosesTheAssignmentWhenNothingIsPolled) {
  Fixture fixture;
  MemberPlan plan = fixture.Plan();
  plan.max_poll_interval = Milliseconds(3'000);
  MemberDriver member(plan);
  ASSERT_TRUE(StepUntil({&member}, [&] { return member.HoldsAll(fixture.topic, 4); }));
  PumpFor(Milliseconds(5'000), [] {});
  EXPECT_TRUE(StepUntil({&member}, [&] { return member.lost_events == 1; }));
  EXPECT_TRUE(StepUntil({&member}, [&] { return member.HoldsAll(fixture.topic, 4); }));
}

// A worker that polls its queue keeps the member alive, so the library's limit is no watchdog.
TEST(GroupFencing, CountsAPollOfAFetchQueueAsAPollOfTheMember) {
  Fixture fixture;
  MemberPlan plan = fixture.Plan();
  plan.max_poll_interval = Milliseconds(3'000);
  MemberDriver member(plan);
  ASSERT_TRUE(StepUntil({&member}, [&] { return member.HoldsAll(fixture.topic, 4); }));
  PumpFor(Milliseconds(200), [&] { member.Step(); });
  const auto before = member.port().Membership();
  PumpFor(Milliseconds(5'000), [&] { member.StepQueue(); });
  EXPECT_FALSE(member.port().AssignmentLost());
  PumpFor(Milliseconds(500), [&] { member.Step(); });
  EXPECT_EQ(member.lost_events, 0);
  EXPECT_EQ(member.port().Membership()->member_id(), before->member_id());
}

TEST(GroupFencing, EndsAMemberWhoseInstanceNameIsTaken) {
  Fixture fixture;
  const std::string instance = TheEnvironment().UniqueName("instance");
  MemberDriver first(fixture.Plan(AssignmentStrategy::kCooperativeSticky, instance));
  ASSERT_TRUE(StepUntil({&first}, [&] { return first.HoldsAll(fixture.topic, 4); }));
  const auto old = first.permit();
  MemberDriver second(fixture.Plan(AssignmentStrategy::kCooperativeSticky, instance));
  ASSERT_TRUE(StepUntil({&first, &second}, [&] {
    return second.HoldsAll(fixture.topic, 4) && !first.errors.empty();
  }));
  EXPECT_EQ(first.errors.front().code(), StatusCode::kFenced) << first.errors.front();
  ProducerDriver producer(TheEnvironment().UniqueName("txn"));
  EXPECT_EQ(CommitThrough(producer, {fixture.topic, 0}, 5, old).code(),
            StatusCode::kTaskMigrated);
}

}  // namespace
}  // namespace sidestream::conformance
