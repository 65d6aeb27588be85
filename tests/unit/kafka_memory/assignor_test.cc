// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/memory/assignor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/clock.h"

namespace sidestream::kafka::memory {
namespace {

using Counts = std::map<std::string, int32_t>;

AssignorMember Member(const std::string& id, std::vector<std::string> topics,
                      std::vector<TopicPartition> owned = {}, int32_t generation = 1) {
  return {id, "", {std::move(topics), std::move(owned), generation}};
}

TEST(RangeAssignorTest, GivesRunsInMemberOrderWithTheRemainderFirst) {
  const auto given = AssignRange({Member("b", {"t"}), Member("a", {"t"})}, Counts{{"t", 5}});
  EXPECT_EQ(given.at("a"), (std::vector<TopicPartition>{{"t", 0}, {"t", 1}, {"t", 2}}));
  EXPECT_EQ(given.at("b"), (std::vector<TopicPartition>{{"t", 3}, {"t", 4}}));
}

TEST(RangeAssignorTest, OrdersStaticMembersByInstanceSoThatARestartMovesNothing) {
  const AssignorMember first{"z-member", "slot-1", {{"t"}, {}, -1}};
  const AssignorMember second{"a-member", "slot-2", {{"t"}, {}, -1}};
  const auto given = AssignRange({second, first}, Counts{{"t", 2}});
  EXPECT_EQ(given.at("z-member"), (std::vector<TopicPartition>{{"t", 0}}));
  EXPECT_EQ(given.at("a-member"), (std::vector<TopicPartition>{{"t", 1}}));
}

TEST(RangeAssignorTest, GivesATopicOnlyToItsSubscribers) {
  const auto given =
      AssignRange({Member("a", {"t"}), Member("b", {"u"})}, Counts{{"t", 2}, {"u", 2}});
  EXPECT_EQ(given.at("a"), (std::vector<TopicPartition>{{"t", 0}, {"t", 1}}));
  EXPECT_EQ(given.at("b"), (std::vector<TopicPartition>{{"u", 0}, {"u", 1}}));
}

TEST(CooperativeStickyAssignorTest, MovesInTwoSteps) {
  const std::vector<TopicPartition> all = {{"t", 0}, {"t", 1}, {"t", 2}, {"t", 3}};
  auto given =
      AssignCooperativeSticky({Member("a", {"t"}, all), Member("b", {"t"})}, Counts{{"t", 4}});
  EXPECT_EQ(given.at("a").size(), 2u);
  EXPECT_TRUE(given.at("b").empty()) << "still held by a";
  const auto kept = given.at("a");
  given = AssignCooperativeSticky({Member("a", {"t"}, kept), Member("b", {"t"})}, Counts{{"t", 4}});
  EXPECT_EQ(given.at("a"), kept);
  EXPECT_EQ(given.at("b").size(), 2u);
}

TEST(CooperativeStickyAssignorTest, BelievesTheNewerOfTwoClaims) {
  const std::vector<TopicPartition> both = {{"t", 0}};
  const auto given = AssignCooperativeSticky(
      {Member("a", {"t"}, both, 3), Member("b", {"t"}, both, 5)}, Counts{{"t", 1}});
  EXPECT_TRUE(given.at("a").empty());
  EXPECT_EQ(given.at("b"), both);
}

struct Cluster {
  Random random;
  Counts counts;
  std::vector<AssignorMember> members;

  // A member that joins, leaves or loses all; then rounds until nothing moves.
  void Disturb() {
    const auto action = random.Below(3);
    if (action == 0 || members.empty()) {
      members.push_back(Member("m" + std::to_string(random.Below(1'000'000)), {"t", "u"}));
    } else if (action == 1 && members.size() > 1) {
      members.erase(members.begin() + random.Below(static_cast<int64_t>(members.size())));
    } else {
      members[static_cast<size_t>(random.Below(static_cast<int64_t>(members.size())))]
          .subscription.owned.clear();
    }
  }
};

TEST(CooperativeStickyAssignorTest, SettlesBalancedCompleteAndSticky) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Cluster cluster{Random(seed), {}, {}};
    cluster.counts = {{"t", static_cast<int32_t>(1 + cluster.random.Below(9))},
                      {"u", static_cast<int32_t>(cluster.random.Below(5))}};
    const int32_t total = cluster.counts["t"] + cluster.counts["u"];
    int32_t generation = 1;
    for (int step = 0; step < 10; ++step) {
      cluster.Disturb();
      for (int round = 0; round < 3; ++round) {
        const auto given = AssignCooperativeSticky(cluster.members, cluster.counts);
        std::set<TopicPartition> held;
        for (const AssignorMember& m : cluster.members) {
          for (const auto& p : m.subscription.owned) held.insert(p);
        }
        ++generation;
        size_t least = SIZE_MAX;
        size_t most = 0;
        std::set<TopicPartition> seen;
        for (AssignorMember& m : cluster.members) {
          const auto& mine = given.at(m.member_id);
          least = std::min(least, mine.size());
          most = std::max(most, mine.size());
          for (const TopicPartition& p : mine) {
            ASSERT_TRUE(seen.insert(p).second) << p << " twice";
            const auto& owned = m.subscription.owned;
            const bool mine_before = std::find(owned.begin(), owned.end(), p) != owned.end();
            ASSERT_TRUE(mine_before || !held.contains(p)) << p << " was taken while held";
          }
          m.subscription.owned = mine;
          m.subscription.generation = generation;
        }
        // One round to let go, one to give: the third changes nothing.
        if (round < 2) continue;
        EXPECT_EQ(seen.size(), static_cast<size_t>(total));
        EXPECT_LE(most - least, 1u);
        EXPECT_EQ(held, seen);
      }
    }
  }
}

}  // namespace
}  // namespace sidestream::kafka::memory
