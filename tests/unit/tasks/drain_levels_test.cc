// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tasks/drain_levels.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace sidestream::tasks {
namespace {

SubTopologySpec Part(std::vector<InputSpec> inputs, std::vector<std::string> hops) {
  SubTopologySpec spec;
  spec.inputs = std::move(inputs);
  for (std::string& hop : hops) {
    spec.outputs.push_back(
        {.topic = std::move(hop), .partitions = 2, .repartition = true, .limits = {}});
  }
  spec.outputs.push_back({.topic = "out", .partitions = 1, .limits = {}});
  return spec;
}

InputSpec Source(const char* topic) { return {.topic = topic, .partitions = 3}; }
InputSpec Hop(const char* topic) { return {.topic = topic, .partitions = 2, .repartition = true}; }

TEST(DrainLevelsTest, WhoReadsIsAboveWhoeverWrites) {
  // Readers stand before writers: the order of the plan does not matter.
  const checkpoint::Drain drain = DrainOf({Part({Hop("second"), Hop("first")}, {}),
                                           Part({Hop("first_too"), Source("more")}, {"second"}),
                                           Part({Source("orders")}, {"first", "first_too"}),
                                           Part({Source("left"), Source("right")}, {})});
  std::map<std::string, int32_t> groups;
  for (const auto& led : drain.groups()) groups[led.group.anchor_topic] = led.level;
  EXPECT_EQ(groups, (std::map<std::string, int32_t>{
                        {"second", 2}, {"first_too", 1}, {"orders", 0}, {"left", 0}}));
  EXPECT_EQ(drain.groups()[2].group.tasks, 3);
  EXPECT_EQ(drain.hops().size(), 6U);
  EXPECT_EQ(drain.WrittenBy(0),
            (std::vector<TopicPartition>{
                {"first", 0}, {"first", 1}, {"first_too", 0}, {"first_too", 1}}));
  EXPECT_EQ(drain.WrittenBy(1), (std::vector<TopicPartition>{{"second", 0}, {"second", 1}}));
}

TEST(DrainLevelsTest, OfSeveralWritersTheHighestCounts) {
  const checkpoint::Drain drain =
      DrainOf({Part({Source("orders")}, {"first", "both"}), Part({Hop("first")}, {"both"}),
               Part({Hop("both")}, {})});
  EXPECT_EQ(drain.groups()[2].level, 2);
  EXPECT_EQ(drain.WrittenBy(1), (std::vector<TopicPartition>{{"both", 0}, {"both", 1}}))
      << "its end is known when both are cut";
}

}  // namespace
}  // namespace sidestream::tasks
