// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/savepoint_spread.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "kafka/partitioner.h"

namespace sidestream::app {
namespace {

TEST(SavepointSpreadTest, WhatIsOfATaskServesAllThatItsKeysGoTo) {
  const auto store = [](const std::string& kind) {
    statestore::StoreSpec spec{.name = "step", .changelog_topic = "log"};
    spec.layout.parts = {{"kind", kind}, {"format of the key", "string"}};
    return spec;
  };
  const auto window = [](const std::string& key) { return "w" + std::string(8, '\x80') + key; };
  StoreSpread numbers(store("dedup"), {.before = 2, .now = 3});
  for (const char* next : {"\x01\x07", "\x01\x09", "\x01\x08"}) {
    EXPECT_FALSE(numbers.Place("\x05", next)->has_value());
    numbers.EndTask();
  }
  using Rows = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(*numbers.Common(), (Rows{{"\x05", "\x01\x09"}}));

  // Windows that have been fired in one half only are nobody's to fire again.
  StoreSpread half(store("windows"), {.before = 2, .now = 3});
  EXPECT_EQ(*half.Place(window("a"), ""), kafka::PartitionOf("a", 3));
  EXPECT_FALSE(half.Place("f", "later")->has_value());
  half.EndTask();
  EXPECT_TRUE(half.Common().ok());
  EXPECT_TRUE(half.Place(window("b"), "")->has_value());
  EXPECT_FALSE(half.Place("f", "earlier")->has_value());
  half.EndTask();
  EXPECT_EQ(half.Common().status().code(), StatusCode::kInvalidConfig);
}

TEST(SavepointSpreadTest, OfTasksThatWereBehindTheSlowestOneSaysTheTime) {
  std::vector<SpreadPosition> positions(3);
  for (size_t p = 0; p < 2; ++p) {
    positions[p].partition = {"hop", static_cast<Partition>(p)};
    positions[p].repartition = true;
    positions[p].stamp.sequence = CommitSequence(10 + static_cast<int64_t>(p));
    positions[p].stamp.generation = static_cast<uint32_t>(7 - p);
    positions[p].stamp.task_watermark = Timestamp(p == 0 ? 100 : 50);
    positions[p].stamp.upstreams = {{.upstream_task = 0, .progress = time::Progress::kActive}};
  }
  positions[2].partition = {"orders", 0};
  positions[2].offset = Offset(40);
  const auto spread = SpreadPositions(positions, {{"hop", {.before = 2, .now = 3}}});
  ASSERT_EQ(spread.size(), 4u);
  EXPECT_EQ(spread[0].partition, (TopicPartition{"orders", 0}));
  EXPECT_EQ(spread[0].offset, Offset(40));
  for (Partition p = 0; p < 3; ++p) {
    const SpreadPosition& position = spread[static_cast<size_t>(p) + 1];
    EXPECT_EQ(position.partition, (TopicPartition{"hop", p}));
    EXPECT_EQ(position.stamp.sequence, CommitSequence(11));
    EXPECT_EQ(position.stamp.generation, 7u);
    EXPECT_EQ(position.stamp.task_watermark, Timestamp(50));
    EXPECT_TRUE(position.stamp.upstreams.empty());
  }
}

}  // namespace
}  // namespace sidestream::app
