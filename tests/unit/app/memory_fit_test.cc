// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/memory_fit.h"

#include <gtest/gtest.h>

namespace sidestream::app {
namespace {

constexpr int64_t kMiB = int64_t{1} << 20;

class MemoryFitTest : public ::testing::Test {
 protected:
  MemoryFitTest() {
    settings_.workers = 1;
    settings_.state.memory_bytes = 64 * kMiB;
    plan_.sub_topologies.resize(1);
    plan_.sub_topologies[0].inputs.resize(1);
    plan_.sub_topologies[0].stores.resize(1);
    Partitions(4);
  }
  void Partitions(int32_t count) {
    plan_.sub_topologies[0].inputs[0].partitions = count;
    plan_.sub_topologies[0].stores[0].partitions = count;
  }
  static int64_t Sum(const MemoryFit& fit) {
    int64_t sum = 0;
    for (const auto& part : fit.parts) sum += part.bytes;
    return sum;
  }
  MemoryFit Fit(int64_t usable) { return FitMemory(model_, plan_, settings_, usable); }

  topology::Model model_;
  topology::Plan plan_;
  Settings settings_;
};

TEST_F(MemoryFitTest, WhatFitsStaysAsItIs) {
  const MemoryFit fit = Fit(1024 * kMiB);
  EXPECT_TRUE(fit.status.ok()) << fit.status;
  EXPECT_FALSE(fit.lowered);
  EXPECT_EQ(fit.bounds.fetch_bytes, 16 * kMiB);
  EXPECT_EQ(fit.bounds.restore_bytes, 16 * kMiB);
}

TEST_F(MemoryFitTest, PartitionsOfOneInputShareTheQueueOfTheirWorker) {
  const int64_t before = Sum(Fit(1024 * kMiB));
  Partitions(5);
  EXPECT_EQ(Sum(Fit(1024 * kMiB)) - before, 32 * kMiB) << "what an answer brings";
}

TEST_F(MemoryFitTest, FetchedRecordsGiveWay) {
  plan_.sub_topologies[0].inputs.resize(2);
  plan_.sub_topologies[0].inputs[1].partitions = 40;
  Partitions(40);
  const int64_t usable = 512 * kMiB;
  const MemoryFit fit = Fit(usable);
  ASSERT_TRUE(fit.status.ok()) << fit.status;
  EXPECT_TRUE(fit.lowered);
  EXPECT_LE(Sum(fit), usable);
  EXPECT_GT(Sum(fit), usable - 8 * kMiB) << "and no more than they must";
  ApplyFit(fit, model_.kafka);
  EXPECT_EQ(UsualBounds(model_, plan_, settings_).fetch_bytes, fit.bounds.fetch_bytes);
  EXPECT_EQ(UsualBounds(model_, plan_, settings_).answer_bytes, fit.bounds.answer_bytes);
  EXPECT_FALSE(Fit(usable).lowered) << "now it fits";
}

TEST_F(MemoryFitTest, WhatIsWrittenIsKeptOrRefused) {
  model_.kafka.consumer["queued.max.messages.kbytes"] = "524288";
  const MemoryFit fit = Fit(512 * kMiB);
  EXPECT_EQ(fit.status.code(), StatusCode::kInvalidConfig);
  for (const char* part :
       {"usable=512 MiB", "fetched records 512 MiB", "state 64 MiB", "application.state.memory"}) {
    EXPECT_NE(fit.status.message().find(part), std::string::npos) << part << " in " << fit.status;
  }
}

TEST_F(MemoryFitTest, AStateThatAloneIsTooLargeIsRefused) {
  settings_.state.memory_bytes = 400 * kMiB;
  EXPECT_EQ(Fit(300 * kMiB).status.code(), StatusCode::kInvalidConfig);
}

TEST_F(MemoryFitTest, StandbysReadAndCollectBesideRestores) {
  const int64_t before = Sum(Fit(1024 * kMiB));
  plan_.presence_topic = "p";
  EXPECT_EQ(Sum(Fit(1024 * kMiB)) - before, (16 + 16 + 4 * 32) * kMiB);
}

}  // namespace
}  // namespace sidestream::app
