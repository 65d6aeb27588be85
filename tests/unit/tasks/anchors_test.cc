// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Versions of a topology whose tasks are owned through other inputs: who may share the group with whom.

#include <gtest/gtest.h>

#include "stepped_instance.h"
#include "tasks/anchor_choice.h"

namespace sidestream::tasks {
namespace {

class AnchorsTest : public SteppedInstanceTest {
 protected:
  AnchorsTest() {
    for (const char* topic : {"a", "b", "c", "out"}) AddTopic(topic, 2);
  }

  /// One step that reads these topics.
  SubTopologySpec Reading(const std::vector<std::string>& topics) {
    SubTopologySpec spec = Copy(topics.front(), "out");
    spec.inputs.clear();
    for (const std::string& topic : topics) spec.inputs.push_back({.topic = topic, .partitions = 2});
    return spec;
  }

  /// As `run` does before it starts an instance.
  Status Settle() {
    const bool members = !broker_.Group("t").members.empty();
    return SettleAnchors(broker_.CommittedOffsets("t"), members, application_);
  }

  /// Until nothing is left to commit.
  void RunAndStop() {
    const std::unique_ptr<Instance> instance = Start();
    ASSERT_TRUE(StepUntil(*instance, [&] { return instance->ready(); }));
    StepUntil(*instance, [] { return false; }, std::chrono::seconds(2));
    instance->RequestStop();
    ASSERT_TRUE(StepUntil(*instance, [&] { return instance->stopped(); }));
  }
};

// Found by the simulation: what no record came to kept the anchor of the former version in its stamp, and
// nobody else was let in.
TEST_F(AnchorsTest, AnotherAnchorIsRecordedBeforeAnyRecordComes) {
  application_.sub_topologies = {Reading({"a", "b", "c"})};
  ASSERT_TRUE(Settle().ok());
  RunAndStop();

  application_.sub_topologies = {Reading({"b", "c"})};
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(application_.sub_topologies[0].former_anchors.size(), 1u);
  const std::unique_ptr<Instance> first = Start("first");
  ASSERT_TRUE(StepUntil(*first, [&] { return first->ready(); }));
  StepUntil(*first, [] { return false; }, std::chrono::seconds(2));
  const Status joins = Settle();
  EXPECT_TRUE(joins.ok()) << joins;
}

// Found by the simulation: the coordinator gives a static member that comes back what it had, in another
// version. It took that for another member of that version, and ended, at every start.
TEST_F(AnchorsTest, AStaticMemberIsNotRefusedForWhatItHadAsAnotherVersion) {
  application_.sub_topologies = {Reading({"a", "b"})};
  ASSERT_TRUE(Settle().ok());
  RunAndStop();
  const ApplicationSpec together = application_;

  application_.sub_topologies = {Reading({"a"}), Reading({"b"})};
  ASSERT_TRUE(Settle().ok());
  std::unique_ptr<Instance> member = Start("same", /*stable_name=*/true);
  ASSERT_TRUE(StepUntil(*member, [&] { return member->member().held_tasks() == 4; }));
  // Killed before its first commit: what is recorded is still the version before.
  member.reset();

  application_ = together;
  ASSERT_TRUE(Settle().ok());
  member = Start("same", /*stable_name=*/true);
  EXPECT_TRUE(StepUntil(*member, [&] {
    return member->member().running_tasks() == 2 && member->leader().leading();
  }));
  EXPECT_TRUE(member->failure().ok()) << member->failure();
}

}  // namespace
}  // namespace sidestream::tasks
