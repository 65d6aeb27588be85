// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Static membership: what a restart inside the session time-out does not do.

#include <gtest/gtest.h>

#include "tests/conformance/case_driver.h"

namespace sidestream::conformance {
namespace {

using kafka::AssignmentStrategy;

class GroupStatic : public testing::TestWithParam<AssignmentStrategy> {
 protected:
  MemberPlan Plan(const std::string& instance_id) const {
    return {.group = group_,
            .topics = {topic_},
            .strategy = GetParam(),
            .instance_id = instance_id,
            .session_timeout = Milliseconds(6'000)};
  }
  // Until each holds half and the rounds are over.
  bool Settle(MemberDriver& first, MemberDriver& second) {
    return StepUntil({&first, &second}, [&] {
      return first.HeldOf(topic_) == 2 && second.HeldOf(topic_) == 2 &&
             first.port().Membership()->generation() == second.port().Membership()->generation();
    });
  }

  const std::string topic_ = NewTopicNamed("static", 4);
  const std::string group_ = TheEnvironment().UniqueName("group");
};

TEST_P(GroupStatic, RejoinsWithoutARebalance) {
  MemberDriver first(Plan("a"));
  auto second = std::make_unique<MemberDriver>(Plan("b"));
  ASSERT_TRUE(Settle(first, *second));
  const std::set<TopicPartition> before = second->held();
  const int events = first.assigned_events + first.revoking_events;
  const int32_t generation = first.port().Membership()->generation();
  const std::string member_id = second->port().Membership()->member_id();
  ASSERT_TRUE(second->Close());
  second = std::make_unique<MemberDriver>(Plan("b"));
  ASSERT_TRUE(StepUntil({&first, second.get()}, [&] { return second->held() == before; }));
  PumpFor(kQuiet, [&] {
    first.Step();
    second->Step();
  });
  EXPECT_EQ(first.assigned_events + first.revoking_events, events);
  // Only the member id is new, so generations alone say nothing about who holds a permit.
  EXPECT_EQ(first.port().Membership()->generation(), generation);
  EXPECT_EQ(second->port().Membership()->generation(), generation);
  EXPECT_NE(second->port().Membership()->member_id(), member_id);
}

TEST_P(GroupStatic, DoesNotLeaveTheGroupOnClose) {
  MemberDriver first(Plan("a"));
  MemberDriver second(Plan("b"));
  ASSERT_TRUE(Settle(first, second));
  const MonotonicTime closing = TheEnvironment().clock().Now();
  ASSERT_TRUE(second.Close());
  EXPECT_TRUE(StepUntil({&first}, [&] { return first.HoldsAll(topic_, 4); }));
  EXPECT_GE(TheEnvironment().clock().Now() - closing, Milliseconds(3'000));
}

// The coordinator compares only the protocol's name of a rejoining static member (KAFKA-12759):
// its new topic stays without an owner until it subscribes once more.
TEST_P(GroupStatic, DoesNotActOnAChangedSubscriptionOfARejoiningMember) {
  const std::string added = NewTopicNamed("static-added", 1);
  auto member = std::make_unique<MemberDriver>(Plan("a"));
  ASSERT_TRUE(StepUntil({member.get()}, [&] { return member->HoldsAll(topic_, 4); }));
  ASSERT_TRUE(member->Close());
  MemberPlan plan = Plan("a");
  plan.topics = {topic_, added};
  member = std::make_unique<MemberDriver>(plan);
  ASSERT_TRUE(StepUntil({member.get()}, [&] { return member->HoldsAll(topic_, 4); }));
  PumpFor(Milliseconds(2'000), [&] { member->Step(); });
  EXPECT_FALSE(member->Holds({added, 0}));
}

TEST_P(GroupStatic, ActsOnASubscriptionThatAMemberChangesLater) {
  const std::string added = NewTopicNamed("static-added", 1);
  MemberDriver member(Plan("a"));
  ASSERT_TRUE(StepUntil({&member}, [&] { return member.HoldsAll(topic_, 4); }));
  const std::vector<std::string> topics = {topic_, added};
  ASSERT_TRUE(member.port().Subscribe(topics).ok());
  EXPECT_TRUE(StepUntil({&member}, [&] {
    return member.HoldsAll(topic_, 4) && member.Holds({added, 0});
  }));
}

// The leader's join starts a round, and only that mends an assignment that lacks something.
TEST_P(GroupStatic, JoinsAgainWhenItSubscribesToTheSameTopics) {
  MemberDriver member(Plan("a"));
  ASSERT_TRUE(StepUntil({&member}, [&] { return member.HoldsAll(topic_, 4); }));
  const int32_t generation = member.permit()->generation();
  const int events = member.assigned_events;
  ASSERT_TRUE(member.port().Subscribe({&topic_, 1}).ok());
  EXPECT_TRUE(StepUntil({&member}, [&] {
    return member.HoldsAll(topic_, 4) && member.assigned_events > events &&
           member.permit()->generation() > generation;
  }));
  for (const Status& error : member.lasting_errors()) ADD_FAILURE() << error;
}

INSTANTIATE_TEST_SUITE_P(Strategies, GroupStatic,
                         testing::Values(AssignmentStrategy::kCooperativeSticky,
                                         AssignmentStrategy::kRange),
                         [](const auto& param_info) {
                           return param_info.param == AssignmentStrategy::kRange ? "Range"
                                                                               : "Cooperative";
                         });

}  // namespace
}  // namespace sidestream::conformance
