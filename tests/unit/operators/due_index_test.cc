// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/due_index.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "tests/support/fake_processor_context.h"

namespace sidestream::operators {
namespace {

using Pairs = std::vector<std::pair<int64_t, std::string>>;

Pairs PairsOf(const Result<std::vector<DueIndex::Entry>>& entries) {
  EXPECT_TRUE(entries.ok()) << entries.status();
  Pairs pairs;
  for (const DueIndex::Entry& entry : *entries) pairs.emplace_back(entry.due.value(), entry.key);
  return pairs;
}

TEST(DueIndexTest, TakesWhatIsDueInOrderAndLeavesTheRest) {
  testing::FakeStore store;
  DueIndex index("x");
  store.Put("w", "a row of somebody else");
  store.Put("y", "another");
  for (const int64_t due : {5, 3, 3, 9, 1}) {
    index.Add(Timestamp(due), "k" + std::to_string(due), store);
  }
  index.Add(Timestamp(3), "j", store);
  EXPECT_EQ(PairsOf(index.Due(Timestamp(3), 2, store)), (Pairs{{1, "k1"}, {3, "j"}}));
  EXPECT_EQ(index.next(), Timestamp(1));
  EXPECT_EQ(PairsOf(index.Take(Timestamp(4), 2, store)), (Pairs{{1, "k1"}, {3, "j"}}));
  EXPECT_EQ(index.next(), Timestamp(3));
  EXPECT_EQ(PairsOf(index.Take(Timestamp(4), 2, store)), (Pairs{{3, "k3"}}));
  EXPECT_EQ(index.next(), Timestamp(5));
  EXPECT_FALSE(index.MayBeDue(Timestamp(4)));
  index.Add(Timestamp(2), "new", store);
  EXPECT_EQ(index.next(), Timestamp(2));
  EXPECT_EQ(*index.Last(store), Timestamp(9));
  EXPECT_EQ(PairsOf(index.Take(Timestamp(100), 9, store)),
            (Pairs{{2, "new"}, {5, "k5"}, {9, "k9"}}));
  EXPECT_EQ(index.next(), std::nullopt);
  store.Commit();
  EXPECT_EQ(store.committed().size(), 2U);
}

TEST(DueIndexTest, ALookBeginsBehindWhatWasTakenAndAClockThatIsNotThereYetCostsNone) {
  testing::FakeStore store;
  DueIndex index("x");
  for (int64_t due = 0; due < 100; ++due) index.Add(Timestamp(due), "k", store);
  EXPECT_EQ(PairsOf(index.Take(Timestamp(49), 100, store)).size(), 50U);
  const int64_t scans = store.scans();
  EXPECT_TRUE(PairsOf(index.Take(Timestamp(49), 100, store)).empty());
  EXPECT_EQ(store.scans(), scans);
  EXPECT_EQ(PairsOf(index.Take(Timestamp(50), 100, store)), (Pairs{{50, "k"}}));
  EXPECT_EQ(store.scanned_from(), std::string("x\x80\0\0\0\0\0\0\x32", 9));
}

TEST(DueIndexTest, ForgetsWhatItKnowsAndClearsWhatItDoesNotKnow) {
  testing::FakeStore store;
  store.Put("y", "a row of somebody else");
  DueIndex index("x");
  for (int64_t due = 0; due < 600; ++due) index.Add(Timestamp(due), "k", store);
  EXPECT_EQ(PairsOf(index.Take(Timestamp(9), 100, store)).size(), 10U);
  store.Rollback();
  store.Put("y", "a row of somebody else");
  index.Forget();
  EXPECT_EQ(index.next(), kNoTimestamp);
  EXPECT_TRUE(PairsOf(index.Take(Timestamp(9), 100, store)).empty());
  EXPECT_EQ(index.next(), std::nullopt);
  DueIndex other("x");
  for (int64_t due = 0; due < 600; ++due) other.Add(Timestamp(due), "k", store);
  index.Forget();
  ASSERT_TRUE(index.Clear(store).ok());
  EXPECT_EQ(index.next(), std::nullopt);
  store.Commit();
  EXPECT_EQ(store.committed().size(), 1U);
}

TEST(DueIndexTest, ARowThatIsCutIsCorrupt) {
  for (const std::string row : {"x\x01", "x\x80", "x\x80\x01\x01\x01\x01\x01\x01"}) {
    testing::FakeStore store;
    store.Put(row, "");
    DueIndex index("x");
    EXPECT_EQ(index.Last(store).status().code(), StatusCode::kTaskCorrupted);
    EXPECT_EQ(index.Due(Timestamp(0), 1, store).status().code(), StatusCode::kTaskCorrupted);
    EXPECT_EQ(index.Take(Timestamp(0), 1, store).status().code(), StatusCode::kTaskCorrupted);
  }
}

TEST(DueIndexTest, AgreesWithAModel) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    testing::FakeStore store;
    DueIndex index("x");
    std::set<std::pair<int64_t, std::string>> model;
    std::set<std::pair<int64_t, std::string>> committed;
    for (int step = 0; step < 400; ++step) {
      const int64_t due = random.Below(60) - 20;
      const std::string key = "k" + std::to_string(random.Below(3));
      switch (random.Below(8)) {
        case 0:
          index.Remove(Timestamp(due), key, store);
          model.erase({due, key});
          break;
        case 1:
        case 2: {
          const size_t limit = static_cast<size_t>(random.Below(4));
          Pairs expected;
          for (auto at = model.begin(); at != model.end() && expected.size() < limit; ++at) {
            if (at->first <= due) expected.push_back(*at);
          }
          const bool take = random.OneIn(2);
          ASSERT_EQ(PairsOf(take ? index.Take(Timestamp(due), limit, store)
                                 : index.Due(Timestamp(due), limit, store)),
                    expected);
          if (take) {
            for (const auto& pair : expected) model.erase(pair);
          }
          break;
        }
        case 3:
          store.Commit();
          committed = model;
          break;
        case 4:
          store.Rollback();
          index.Forget();
          model = committed;
          break;
        default:
          index.Add(Timestamp(due), key, store);
          model.emplace(due, key);
      }
      if (!model.empty()) {
        ASSERT_TRUE(index.next().has_value());
        ASSERT_LE(index.next()->value(), model.begin()->first);
      }
    }
  }
}

}  // namespace
}  // namespace sidestream::operators
