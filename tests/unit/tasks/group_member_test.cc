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

}  // namespace
}  // namespace sidestream::tasks
