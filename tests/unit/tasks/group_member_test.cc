// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What a member of the group does about its own place and about partitions that nobody owns.

#include "tasks/group_member.h"

#include <gtest/gtest.h>

#include "stepped_instance.h"

namespace sidestream::tasks {
namespace {

using std::chrono::seconds;

class GroupMemberTest : public SteppedInstanceTest {
 protected:
  GroupMemberTest() {
    AddTopic("in", 2);
    AddTopic("out", 2);
    application_.sub_topologies = {Copy("in", "out")};
  }
};

TEST_F(GroupMemberTest, AStaticMemberThatIsFencedFailsAsOneWhomARestartMayMend) {
  const std::unique_ptr<Instance> stalled = Start("same", /*stable_name=*/true);
  ASSERT_TRUE(StepUntil(*stalled, [&] { return stalled->ready(); }));
  // Not stepped while the other joins: as a process that stands still.
  const std::unique_ptr<Instance> other = Start("same", /*stable_name=*/true);
  ASSERT_TRUE(StepUntil(*other, [&] { return other->ready(); }));
  ASSERT_TRUE(StepUntil(*stalled, [&] { return !stalled->failure().ok(); }));
  const Status failure = stalled->failure();
  EXPECT_EQ(failure.code(), StatusCode::kFatal) << "exit 1: " << failure;
  for (const char* part : {"FENCED_INSTANCE_ID", "stalled", "another process", "restart"}) {
    EXPECT_NE(failure.message().find(part), std::string::npos) << part << " in " << failure;
  }
}

// G4: ten seconds of a stable group.
TEST_F(GroupMemberTest, APartitionThatNobodyOwnsIsAnErrorAfterTenSecondsAndTheMemberJoinsAgain) {
  const std::unique_ptr<Instance> instance = Start();
  const GroupMember& member = instance->member();
  ASSERT_TRUE(StepUntil(*instance, [&] { return instance->ready(); }));
  observed_.hidden = {{"in", 1}};
  ASSERT_TRUE(StepUntil(*instance, [&] { return member.unowned_tasks() == 1; }, seconds(6)));
  const int64_t rebalances = member.counters().rebalances.load();
  EXPECT_FALSE(StepUntil(*instance, [&] { return member.unowned_too_long(); }, seconds(9)));
  EXPECT_EQ(member.counters().rebalances.load(), rebalances);
  ASSERT_TRUE(StepUntil(*instance, [&] { return member.unowned_too_long(); }, seconds(7)));
  EXPECT_TRUE(StepUntil(*instance, [&] { return member.counters().rebalances > rebalances; }));

  observed_.hidden.clear();
  EXPECT_TRUE(StepUntil(*instance, [&] { return !member.unowned_too_long(); }, seconds(11)));
  EXPECT_EQ(member.unowned_tasks(), 0u);
  EXPECT_TRUE(StepUntil(*instance, [&] { return instance->ready(); }));
  EXPECT_TRUE(instance->failure().ok()) << instance->failure();
}

TEST_F(GroupMemberTest, ATaskThatIsUnownedForAMomentIsNoError) {
  const std::unique_ptr<Instance> instance = Start();
  const GroupMember& member = instance->member();
  ASSERT_TRUE(StepUntil(*instance, [&] { return instance->ready(); }));
  const int64_t rebalances = member.counters().rebalances.load();
  for (int i = 0; i < 3; ++i) {
    observed_.hidden = {{"in", 0}};
    ASSERT_TRUE(StepUntil(*instance, [&] { return member.unowned_tasks() == 1; }, seconds(6)));
    observed_.hidden.clear();
    ASSERT_TRUE(StepUntil(*instance, [&] { return member.unowned_tasks() == 0; }, seconds(6)));
  }
  EXPECT_FALSE(member.unowned_too_long());
  EXPECT_EQ(member.counters().rebalances.load(), rebalances);
}

}  // namespace
}  // namespace sidestream::tasks
