// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Opening of tasks that have state: a restore that the group interrupts.

#include "tasks/task_registry.h"

#include <gtest/gtest.h>

#include "base/internal_record.h"
#include "stepped_instance.h"

namespace sidestream::tasks {
namespace {

class TaskRegistryTest : public SteppedInstanceTest {
 protected:
  TaskRegistryTest() {
    AddTopic("in", 1);
    AddTopic("out", 1);
    AddTopic("t-rows-changelog", 1, {{"cleanup.policy", "compact"}});
    SubTopologySpec spec = Copy("in", "out");
    spec.stores = {{.name = "rows", .changelog_topic = "t-rows-changelog", .fingerprint = 1}};
    application_.sub_topologies = {spec};
  }

  void FillChangelog(int rows) {
    auto producer = cluster_->NewProducer({.client_id = "filler"}).value();
    const kafka::TopicHandle handle = producer->RegisterTopic("t-rows-changelog");
    producer->StartInit();
    while (!producer->Poll(Milliseconds(0))) clock_.Advance(Milliseconds(1));
    for (int i = 0; i < rows; ++i) {
      std::string value;
      EncodeChangelogValue({.row = "row"}, value);
      ASSERT_TRUE(
          producer->Produce({.topic = handle, .key = std::to_string(i), .value = value}).ok());
    }
    producer->StartFlush();
    while (!producer->Poll(Milliseconds(0))) clock_.Advance(Milliseconds(1));
  }
};

TEST_F(TaskRegistryTest, ARestoreThatIsInterruptedGoesOnWhereItStood) {
  constexpr int kRows = 20'000;
  FillChangelog(kRows);
  std::unique_ptr<Instance> instance = Start();
  ASSERT_TRUE(StepUntil(
      *instance, [&] { return instance->registry().Progress().restored_records > kRows / 4; }));
  instance->RequestStop();
  ASSERT_TRUE(StepUntil(*instance, [&] { return instance->stopped(); }));
  const int64_t first = instance->registry().counters().restored_records.load();
  EXPECT_GT(first, kRows / 4);
  EXPECT_LT(first, kRows);
  instance.reset();

  instance = Start();
  ASSERT_TRUE(StepUntil(*instance, [&] { return instance->ready(); }));
  EXPECT_EQ(instance->registry().counters().restored_records.load(), kRows - first);
}

}  // namespace
}  // namespace sidestream::tasks
