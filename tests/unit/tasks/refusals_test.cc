// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Records that only the broker refuses: never a loop of aborts.

#include <gtest/gtest.h>

#include "keep_program.h"
#include "stepped_instance.h"

namespace sidestream::tasks {
namespace {

using std::chrono::hours;

class RefusalsTest : public SteppedInstanceTest {
 protected:
  RefusalsTest() {
    AddTopic("in", 2);
    // Smaller than what the instance believes: the limit was lowered after its start.
    AddTopic("out", 2,
             {{"max.message.bytes", "1000"}, {"message.timestamp.after.max.ms", "3600000"}});
  }

  void Run(bool skip, bool exactly_once = true) {
    application_.exactly_once = exactly_once;
    application_.sub_topologies = {Copy("in", "out", skip)};
    application_.sub_topologies[0].outputs[0].limits.timestamp_after_max = hours(1'000);
    instance_ = Start();
  }

  static std::vector<std::string> Small(int count, const std::string& prefix) {
    std::vector<std::string> values;
    for (int i = 0; i < count; ++i) values.push_back(prefix + std::to_string(i));
    return values;
  }

  /// Feeds good records around one that the broker refuses, to partition 1; its offset.
  Offset FeedWithATooLargeOne() {
    Feed("in", 0, Small(40, "other-"));
    Feed("in", 1, Small(30, "before-"));
    Feed("in", 1, {std::string(2'000, 'x')});
    Feed("in", 1, Small(30, "after-"));
    return Offset(30);
  }

  std::unique_ptr<Instance> instance_;
};

TEST_F(RefusalsTest, ARecordThatOnlyTheBrokerRefusesEndsTheInstanceUnderFail) {
  const Offset refused = FeedWithATooLargeOne();
  Run(/*skip=*/false);
  ASSERT_TRUE(StepUntil(*instance_, [&] { return !instance_->failure().ok(); }))
      << "it is tried for ever";
  const Status failure = instance_->failure();
  EXPECT_EQ(failure.code(), StatusCode::kBadRecord) << failure;
  for (const char* part : {"MSG_SIZE_TOO_LARGE", "topic=out", "partition=1", "task=in_1",
                           "position=in-1@30", "max.message.bytes", "to out"}) {
    EXPECT_NE(failure.message().find(part), std::string::npos) << part << " in " << failure;
  }
  EXPECT_EQ(Committed({"in", 1}), refused) << "all before it is committed, nothing of it";
  EXPECT_EQ(Values("out").size(), 70u);
}

TEST_F(RefusalsTest, UnderSkipTheRecordIsDroppedAndTheOthersArriveOnce) {
  FeedWithATooLargeOne();
  Run(/*skip=*/true);
  ASSERT_TRUE(StepUntil(*instance_, [&] { return Values("out").size() >= 100; }));
  EXPECT_TRUE(instance_->failure().ok()) << instance_->failure();
  EXPECT_EQ(Values("out").size(), 100u);
  EXPECT_EQ(Committed({"in", 1}), broker_.LogEnd({"in", 1}));
}

TEST_F(RefusalsTest, ARecordDatedOutsideOfTheTopicsLimitsEndsTheInstance) {
  AddTopic("dated", 1, {{"message.timestamp.after.max.ms", "36000000000"}});
  Feed("dated", 0, {"good"});
  Feed("dated", 0, {"tomorrow"}, hours(24));
  application_.sub_topologies = {Copy("dated", "out")};
  application_.sub_topologies[0].outputs[0].limits.timestamp_after_max = hours(1'000);
  instance_ = Start();
  ASSERT_TRUE(StepUntil(*instance_, [&] { return !instance_->failure().ok(); }));
  EXPECT_NE(instance_->failure().message().find("INVALID_TIMESTAMP"), std::string::npos)
      << instance_->failure();
  EXPECT_EQ(Committed({"dated", 0}), Offset(1));
}

TEST_F(RefusalsTest, AtLeastOnceEndsTheInstanceAsWell) {
  FeedWithATooLargeOne();
  Run(/*skip=*/false, /*exactly_once=*/false);
  ASSERT_TRUE(StepUntil(*instance_, [&] { return !instance_->failure().ok(); }));
  EXPECT_EQ(instance_->failure().code(), StatusCode::kBadRecord) << instance_->failure();
}

// Rows have no policy: what the changelog refuses ends the instance.
TEST_F(RefusalsTest, ARowThatTheChangelogRefusesEndsTheInstance) {
  AddTopic("t-rows-changelog", 2, {{"max.message.bytes", "1000"}});
  FeedWithATooLargeOne();
  SubTopologySpec spec;
  spec.name = "rows";
  spec.inputs = {{.topic = "in", .partitions = 2}};
  spec.stores = {{"rows", "t-rows-changelog", 1}};
  spec.programs = std::make_shared<KeepFactory>();
  application_.sub_topologies = {spec};
  instance_ = Start();
  ASSERT_TRUE(StepUntil(*instance_, [&] { return !instance_->failure().ok(); }));
  EXPECT_NE(instance_->failure().message().find("topic=t-rows-changelog"), std::string::npos)
      << instance_->failure();
}

/// Copies; what is refused goes to the second output.
class PutAside final : public operators::TaskProgram {
 public:
  Result<Timestamp> EventTime(size_t, const operators::InputRecord& record) override {
    return record.timestamp;
  }
  Status Process(size_t, const operators::InputRecord& record,
                 operators::ProcessorContext& context) override {
    operators::OutputRecord out;
    out.value = record.value;
    out.timestamp = record.timestamp;
    const Status copied = context.Produce(out);
    if (copied.code() != StatusCode::kBadRecord) return copied;
    out.output = 1;
    return context.Produce(out);
  }
  Status BeforeCommit(operators::ProcessorContext&) override { return Status::Ok(); }
  void Restart(Timestamp) override {}
};

class PutAsideFactory final : public operators::TaskProgramFactory {
 public:
  Result<std::unique_ptr<operators::TaskProgram>> New(Partition) override {
    return std::unique_ptr<operators::TaskProgram>(std::make_unique<PutAside>());
  }
};

class RefusedAndPutAsideTest : public RefusalsTest {
 protected:
  void RunWith(const std::string& aside) {
    SubTopologySpec spec = Copy("in", "out");
    spec.outputs.push_back({.topic = aside, .partitions = 1, .limits = {}});
    spec.programs = std::make_shared<PutAsideFactory>();
    application_.sub_topologies = {spec};
    instance_ = Start();
  }
};

TEST_F(RefusedAndPutAsideTest, WhatOnlyTheBrokerRefusesIsPutAsideOnceAndTheOthersArriveOnce) {
  AddTopic("aside", 1);
  FeedWithATooLargeOne();
  RunWith("aside");
  ASSERT_TRUE(StepUntil(*instance_, [&] { return Values("out").size() >= 100; }));
  EXPECT_TRUE(instance_->failure().ok()) << instance_->failure();
  EXPECT_EQ(Values("out").size(), 100u);
  EXPECT_EQ(Values("aside").size(), 1u);
  EXPECT_EQ(Committed({"in", 1}), broker_.LogEnd({"in", 1}));
}

TEST_F(RefusedAndPutAsideTest, WhereTheSecondTopicRefusesItTooTheInstanceEnds) {
  AddTopic("strict", 1, {{"max.message.bytes", "1000"}});
  FeedWithATooLargeOne();
  RunWith("strict");
  ASSERT_TRUE(StepUntil(*instance_, [&] { return !instance_->failure().ok(); }))
      << "it is tried for ever";
  EXPECT_EQ(instance_->failure().code(), StatusCode::kBadRecord) << instance_->failure();
  EXPECT_EQ(Committed({"in", 1}), Offset(30));
}

TEST_F(RefusalsTest, ABatchThatIsTooLargeOnlyAsAWholePassesInSmallerOnes) {
  std::vector<std::string> values;
  for (int i = 0; i < 20; ++i) values.push_back(std::string(300, 'a') + std::to_string(i));
  Feed("in", 1, values);
  Run(/*skip=*/false);
  ASSERT_TRUE(StepUntil(*instance_, [&] { return Values("out").size() >= 20; }));
  EXPECT_TRUE(instance_->failure().ok()) << instance_->failure();
  EXPECT_EQ(Values("out").size(), 20u);
}

}  // namespace
}  // namespace sidestream::tasks
