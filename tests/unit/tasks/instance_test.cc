// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Whole instances, stepped: leader, control topic, failures and stops together.

#include "tasks/instance.h"

#include <gtest/gtest.h>

#include "stepped_instance.h"

namespace sidestream::tasks {
namespace {

using std::chrono::seconds;

class InstanceTest : public SteppedInstanceTest {
 protected:
  InstanceTest() {
    AddTopic("in", 2);
    AddTopic("t-hop", 2);
    AddTopic("out", 2);
  }

  void CopyOverAHop() {
    SubTopologySpec first = Copy("in", "t-hop");
    first.inputs[0].bounded = true;
    first.outputs[0].repartition = true;
    SubTopologySpec second = Copy("t-hop", "out");
    second.inputs[0].repartition = true;
    application_.sub_topologies = {first, second};
  }

  size_t ControlRecords() { return Values("t-control").size(); }

  bool LeaderIsWriting() {
    for (const auto& open : broker_.OpenTransactions()) {
      if (open.transactional_id == "t-leader") return true;
    }
    return false;
  }
};

// The leader looks at the offsets again and again, also when one of the inputs is a hop.
TEST_F(InstanceTest, ABoundedInputWithAHopFinishes) {
  Feed("in", 0, {"a", "b"});
  Feed("in", 1, {"c"});
  CopyOverAHop();
  const std::unique_ptr<Instance> instance = Start();
  ASSERT_TRUE(StepUntil(*instance, [&] { return instance->finished(); }));
  EXPECT_EQ(Values("out").size(), 3u);
  EXPECT_EQ(ControlRecords(), 4u) << "plan, end positions, adopted, finished";
}

TEST_F(InstanceTest, AStopWaitsForWhatTheLeaderIsWriting) {
  application_.sub_topologies = {Copy("in", "out")};
  const std::unique_ptr<Instance> instance = Start();
  ASSERT_TRUE(StepUntil(*instance, [&] { return LeaderIsWriting(); }));
  instance->RequestStop();
  ASSERT_TRUE(StepUntil(*instance, [&] { return instance->stopped(); }));
  EXPECT_FALSE(LeaderIsWriting()) << "it would hold up every reader of the control topic";
}

TEST_F(InstanceTest, AnAdoptedTopicThatComesBackWithAnotherIdStopsItsTasks) {
  Feed("in", 0, {"a"});
  application_.sub_topologies = {Copy("in", "out")};
  std::unique_ptr<Instance> instance = Start();
  ASSERT_TRUE(StepUntil(*instance, [&] { return ControlRecords() == 2; })) << "plan, adopted";
  instance->RequestStop();
  ASSERT_TRUE(StepUntil(*instance, [&] { return instance->stopped(); }));
  instance.reset();
  // The group's offsets go with the topic, so no stamp is left to tell.
  ASSERT_TRUE(broker_.DeleteTopic("in"));
  ASSERT_FALSE(Committed({"in", 0}));
  AddTopic("in", 2);

  instance = Start();
  ASSERT_TRUE(StepUntil(*instance, [&] { return !instance->failure().ok(); }));
  EXPECT_EQ(instance->failure().code(), StatusCode::kStopped) << instance->failure();
  EXPECT_NE(instance->failure().message().find("adopted id="), std::string::npos)
      << instance->failure();
  // The openings that failed answer the stop as well.
  instance->RequestStop();
  EXPECT_TRUE(StepUntil(
      *instance, [&] { return instance->stopped(); }, seconds(5)));
}

TEST_F(InstanceTest, AnInstanceWhoseWorkerFailedStopsAtOnce) {
  Feed("in", 0, {"a"});
  application_.sub_topologies = {Copy("in", "out")};
  // The step refuses what is larger than this.
  application_.sub_topologies[0].outputs[0].limits.message_bytes_max = 1;
  const std::unique_ptr<Instance> instance = Start();
  ASSERT_TRUE(StepUntil(*instance, [&] { return !instance->failure().ok(); }));
  EXPECT_EQ(instance->failure().code(), StatusCode::kBadRecord) << instance->failure();
  instance->RequestStop();
  EXPECT_TRUE(StepUntil(
      *instance, [&] { return instance->stopped(); }, seconds(5)));
  EXPECT_TRUE(broker_.OpenTransactions().empty());
}

// The broker would refuse it, and its answer undoes the whole transaction.
TEST_F(InstanceTest, ARecordWithoutKeyForACompactedTopicMeetsThePolicyWithoutAnAbort) {
  Feed("in", 0, {"a", "b"});
  application_.sub_topologies = {Copy("in", "out", /*skip=*/true)};
  application_.sub_topologies[0].outputs[0].limits.key_required = true;
  const std::unique_ptr<Instance> instance = Start();
  ASSERT_TRUE(StepUntil(*instance, [&] { return Committed({"in", 0}) == Offset(2); }));
  EXPECT_TRUE(Values("out").empty());
  for (size_t i = 0; i < instance->worker_count(); ++i) {
    EXPECT_EQ(instance->worker(i).writer_counters().aborted, 0);
  }
}

// A process that stood still may have lost its tasks, and what they read is purged behind their new
// owner. Only what the group committed tells that from lost records.
TEST_F(InstanceTest, APositionOutsideOfTheLogIsForTheNextStartToJudge) {
  application_.sub_topologies = {Copy("in", "out")};
  Feed("in", 0, {"a"});
  std::unique_ptr<Instance> instance = Start();
  ASSERT_TRUE(StepUntil(*instance, [&] { return Committed({"in", 0}) == Offset(1); }));
  Feed("in", 0, {"b", "c"});
  const auto admin = cluster_->NewAdmin("purger").value();
  const auto purged = admin->DeleteRecords({{{"in", 0}, Offset(3)}});
  while (!purged->Poll()) clock_.Advance(Milliseconds(1));

  ASSERT_TRUE(StepUntil(*instance, [&] { return !instance->failure().ok(); }));
  EXPECT_EQ(instance->failure().code(), StatusCode::kFatal) << instance->failure();
  instance->RequestStop();
  ASSERT_TRUE(StepUntil(*instance, [&] { return instance->stopped(); }));
  instance = Start();
  ASSERT_TRUE(StepUntil(*instance, [&] { return !instance->failure().ok(); }));
  EXPECT_EQ(instance->failure().code(), StatusCode::kStopped) << instance->failure();
}

/// KIP-211: the broker forgets offsets of a partition that was added by hand, also in a group that
/// lives.
TEST_F(InstanceTest, OffsetsOfATaskAtRestAreCommittedAgainBeforeTheBrokerForgetsThem) {
  application_.sub_topologies = {Copy("in", "out")};
  application_.recommit_interval = Milliseconds(15'000);
  const std::unique_ptr<Instance> instance = Start();
  Feed("in", 0, {"a"});
  ASSERT_TRUE(StepUntil(*instance, [&] { return Committed({"in", 0}) == Offset(1); }));
  const int64_t before = instance->worker(0).writer_counters().committed;
  const MonotonicTime begin = clock_.Now();
  ASSERT_TRUE(StepUntil(
      *instance, [&] { return instance->worker(0).writer_counters().committed >= before + 10; },
      std::chrono::minutes(5)));
  const auto taken = std::chrono::duration_cast<Milliseconds>(clock_.Now() - begin);
  EXPECT_GE(taken, 9 * application_.recommit_interval);
  EXPECT_LE(taken, 11 * application_.recommit_interval);
}

// The broker weighs whole batches, so none may be larger than the smallest limit.
TEST_F(InstanceTest, ProducersMakeNoBatchThatAnOutputTopicWouldRefuse) {
  CopyOverAHop();
  application_.sub_topologies[0].outputs[0].limits.message_bytes_max = 70'000;
  application_.sub_topologies[1].outputs[0].limits.message_bytes_max = 50'000;
  const std::unique_ptr<Instance> instance = Start();
  ASSERT_TRUE(StepUntil(*instance, [&] { return instance->ready(); }));
  int of_workers = 0;
  for (const kafka::ProducerOptions& options : observed_.producers) {
    if (options.transactional_id == "t-leader") continue;
    EXPECT_EQ(options.batch_bytes_max, 50'000) << options.client_id;
    ++of_workers;
  }
  EXPECT_EQ(of_workers, 1);
}

}  // namespace
}  // namespace sidestream::tasks
