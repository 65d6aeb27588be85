// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What a member of the group does about its own place, about partitions that nobody owns and about
// what is committed.

#include "tasks/group_member.h"

#include <gtest/gtest.h>

#include "base/internal_record.h"
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

// Else the group has a lag for ever, since nothing more may be written there (fault 1).
TEST_F(GroupMemberTest, AControlPositionWhoseCommitFailedIsCommittedAgain) {
  const TopicPartition control{application_.control_topic, 0};
  broker_.faults().SetRates(kafka::memory::ApiKey::kOffsetCommit, {.drop_request_one_in = 1});
  const std::unique_ptr<Instance> instance = Start();
  ASSERT_TRUE(StepUntil(*instance, [&] { return instance->ready(); }));
  StepUntil(*instance, [] { return false; }, seconds(10));
  ASSERT_NE(Committed(control), broker_.LogEnd(control));
  broker_.faults().Clear();
  EXPECT_TRUE(StepUntil(*instance, [&] { return Committed(control) == broker_.LogEnd(control); }));
}

/// Copies a repartition topic at least once; a copy of the commit behind its first record arrives
/// late, when more is committed.
class LateOffsetCommitTest : public SteppedInstanceTest {
 protected:
  LateOffsetCommitTest() {
    AddTopic("hop", 1);
    AddTopic("out", 1);
    application_.exactly_once = false;
    application_.sub_topologies = {Copy("hop", "out")};
    application_.sub_topologies[0].inputs[0].repartition = true;
  }

  static std::string Hop(const std::string& value) {
    RepartitionRecord hop;
    hop.value = value;
    std::string encoded;
    EncodeRepartitionValue(hop, encoded);
    return encoded;
  }

  void CommitTwo(Instance& instance, Milliseconds late) {
    ASSERT_TRUE(StepUntil(instance, [&] { return Committed(kHop) == Offset(0); }));
    // The leader's own commits end.
    StepUntil(instance, [] { return false; }, seconds(5));
    kafka::memory::Fault copied;
    copied.duplicate_after = late;
    broker_.faults().Script(kafka::memory::ApiKey::kOffsetCommit, copied);
    Feed("hop", 0, {Hop("a")});
    ASSERT_TRUE(StepUntil(instance, [&] { return Committed(kHop) == Offset(1); }));
    ASSERT_EQ(broker_.faults().scripted_left(), 0u);
    Feed("hop", 0, {Hop("b")});
    ASSERT_TRUE(StepUntil(instance, [&] { return Committed(kHop) == Offset(2); }));
  }

  static inline const TopicPartition kHop{"hop", 0};
};

TEST_F(LateOffsetCommitTest, ATaskAtRestCommitsItsOffsetsOnceMore) {
  const std::unique_ptr<Instance> instance = Start();
  CommitTwo(*instance, seconds(3));
  ASSERT_TRUE(StepUntil(*instance, [&] { return Committed(kHop) == Offset(1); }, seconds(4)));
  EXPECT_TRUE(StepUntil(*instance, [&] { return Committed(kHop) == Offset(2); }, seconds(61)));
  const auto commits = [&] {
    return instance->worker(0).writer_counters().committed +
           instance->worker(instance->worker_count() - 1).writer_counters().committed;
  };
  StepUntil(*instance, [] { return false; }, seconds(1));
  const int64_t settled = commits();
  StepUntil(*instance, [] { return false; }, seconds(150));
  EXPECT_EQ(commits(), settled) << "once is enough until the offsets would expire";
}

TEST_F(LateOffsetCommitTest, APurgeLeavesWhatACopyMayStillTakeBack) {
  std::unique_ptr<Instance> instance = Start();
  CommitTwo(*instance, seconds(45));
  ASSERT_TRUE(StepUntil(*instance, [&] { return Committed(kHop) == Offset(1); }, seconds(46)));
  instance.reset();
  instance = Start("j");
  EXPECT_TRUE(StepUntil(*instance, [&] { return instance->ready(); }, seconds(90)));
  EXPECT_TRUE(instance->failure().ok()) << instance->failure();
  EXPECT_TRUE(StepUntil(*instance, [&] { return broker_.LogStart(kHop) == Offset(2); }, seconds(120)));
}

}  // namespace
}  // namespace sidestream::tasks
