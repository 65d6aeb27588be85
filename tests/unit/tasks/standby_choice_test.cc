// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tasks/standby_choice.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace sidestream::tasks {
namespace {

TaskId Task(Partition partition) { return {"in", partition}; }

TEST(StandbyChoiceTest, AnInstanceThatLeavesMovesOnlyItsOwn) {
  const std::set<std::string> all{"a", "b", "c", "d"};
  for (const std::string& gone : all) {
    std::set<std::string> rest = all;
    rest.erase(gone);
    for (Partition p = 0; p < 50; ++p) {
      std::vector<std::string> before = RankInstances(Task(p), all);
      std::erase(before, gone);
      EXPECT_EQ(RankInstances(Task(p), rest), before);
    }
  }
}

TEST(StandbyChoiceTest, SpreadsTheTasks) {
  std::map<std::string, int> first;
  for (Partition p = 0; p < 300; ++p) {
    ++first[RankInstances(Task(p), {"a", "b", "c"}).front()];
  }
  for (const char* instance : {"a", "b", "c"}) {
    EXPECT_GT(first[instance], 70) << instance;
    EXPECT_LT(first[instance], 130) << instance;
  }
}

TEST(StandbyChoiceTest, AsManyAsAskedForAndNeverTheOwner) {
  const std::set<std::string> all{"a", "b", "c", "d"};
  for (Partition p = 0; p < 20; ++p) {
    for (const size_t replicas : {0, 1, 2, 3, 9}) {
      size_t standbys = 0;
      for (const std::string& instance : all) {
        if (IsStandby(Task(p), instance, "b", all, replicas)) ++standbys;
      }
      EXPECT_FALSE(IsStandby(Task(p), "b", "b", all, replicas));
      EXPECT_EQ(standbys, std::min<size_t>(replicas, 3));
    }
  }
}

}  // namespace
}  // namespace sidestream::tasks
