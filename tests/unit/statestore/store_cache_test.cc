// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "statestore/store_cache.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace sidestream::statestore {
namespace {

using Writes = std::vector<std::pair<std::string, std::optional<std::string>>>;

std::string KeyOf(int64_t n) { return "key-" + std::to_string(n); }

/// What the backend would get.
Writes WritesOf(StoreCache& cache) {
  Writes writes;
  cache.ForEachUnwritten([&](std::string_view key, std::optional<std::string_view> value) {
    writes.emplace_back(key, value ? std::optional(std::string(*value)) : std::nullopt);
  });
  return writes;
}

TEST(StoreCacheTest, DirtyEntriesAreNeverEvicted) {
  CacheBudget budget(0);
  StoreCache cache(budget);
  for (int i = 0; i < 1000; ++i) cache.Put(KeyOf(i), "v");
  for (int i = 1000; i < 2000; ++i) {
    if (cache.Find(KeyOf(i)) == nullptr) cache.AddClean(KeyOf(i), "clean");
  }
  for (int i = 0; i < 1000; ++i) {
    const StoreCache::Entry* entry = cache.Find(KeyOf(i));
    ASSERT_NE(entry, nullptr) << i;
    EXPECT_EQ(entry->value, "v");
  }
}

TEST(StoreCacheTest, CommittedEntriesStayUpToTheBudgetAndColdOnesGoFirst) {
  CacheBudget budget(64 * 1024);
  StoreCache cache(budget);
  int64_t hot_lost = 0;
  for (int i = 0; i < 5000; ++i) {
    cache.Put("hot", std::to_string(i));
    cache.Put(KeyOf(i), "v");
    cache.CommitDirty();
    cache.Written();
    EXPECT_LE(budget.used(), budget.bytes());
    if (cache.Find("hot") == nullptr) ++hot_lost;
  }
  EXPECT_EQ(hot_lost, 0);
  EXPECT_EQ(cache.Find(KeyOf(0)), nullptr);
  EXPECT_NE(cache.Find(KeyOf(4999)), nullptr);
}

TEST(StoreCacheTest, RollbackForgetsBecauseTheOldValueIsGone) {
  CacheBudget budget(1 << 20);
  StoreCache cache(budget);
  cache.AddClean("a", "old");
  cache.Put("a", "new");
  cache.Delete("b");
  EXPECT_EQ(cache.dirty_count(), 2U);
  cache.RollbackDirty();
  EXPECT_EQ(cache.Find("a"), nullptr);
  EXPECT_EQ(cache.Find("b"), nullptr);
  EXPECT_EQ(cache.dirty_bytes(), 0U);
  EXPECT_EQ(cache.clean_bytes(), 0U);
}

TEST(StoreCacheTest, ARowThatComesAndGoesBetweenTwoWritesNeverReachesTheBackend) {
  CacheBudget budget(1 << 20);
  StoreCache cache(budget);
  cache.AddClean("asked", std::nullopt);
  cache.Put("asked", "v");
  cache.Put("not asked", "v");
  cache.CommitDirty();
  EXPECT_EQ(WritesOf(cache), (Writes{{"asked", "v"}, {"not asked", "v"}}));
  cache.Delete("asked");
  cache.Delete("not asked");
  cache.CommitDirty();
  // Where the backend was not asked it may have one.
  EXPECT_EQ(WritesOf(cache), (Writes{{"not asked", std::nullopt}}));
  cache.Written();
  EXPECT_EQ(WritesOf(cache), Writes());
  EXPECT_EQ(cache.Find("asked"), nullptr);
}

TEST(StoreCacheTest, ARollbackOverAnUnwrittenRowGivesTheCommittedValue) {
  for (const bool scanned : {false, true}) {
    CacheBudget budget(1 << 20);
    StoreCache cache(budget);
    if (scanned) cache.Ordered();
    // More than the buffers that stay.
    constexpr int kRows = 3000;
    Writes committed;
    for (int i = 0; i < kRows; ++i) {
      committed.emplace_back(KeyOf(i + 10'000), "old-" + std::to_string(i));
      cache.Put(committed.back().first, *committed.back().second);
    }
    cache.CommitDirty();
    const int64_t unwritten = cache.unwritten_bytes();
    for (int round = 0; round < 2; ++round) {
      for (int i = 0; i < kRows; ++i) {
        if (i % 2 == 0) {
          cache.Put(committed[static_cast<size_t>(i)].first, "new");
        } else {
          cache.Delete(committed[static_cast<size_t>(i)].first);
        }
      }
      cache.Put("another", "new");
      EXPECT_EQ(WritesOf(cache), committed);
      cache.RollbackDirty();
      EXPECT_EQ(cache.Find("another"), nullptr);
      EXPECT_EQ(cache.Find(committed[0].first)->value, committed[0].second);
      EXPECT_FALSE(cache.Find(committed[1].first)->deleted);
      EXPECT_EQ(WritesOf(cache), committed);
      EXPECT_GE(cache.unwritten_bytes(), unwritten);
    }
    cache.Written();
    EXPECT_EQ(WritesOf(cache), Writes());
    EXPECT_TRUE(cache.Ordered().empty());
    EXPECT_EQ(cache.Find(committed[1].first)->value, committed[1].second);
  }
}

TEST(StoreCacheTest, TheTransactionPaysForTheValuesThatItHides) {
  CacheBudget budget(1 << 20);
  StoreCache cache(budget);
  cache.Put("a", std::string(10'000, 'x'));
  cache.CommitDirty();
  cache.Put("a", "small");
  EXPECT_GE(cache.dirty_bytes(), 10'000U);
  cache.CommitDirty();
  EXPECT_EQ(cache.dirty_bytes(), 0U);
}

TEST(StoreCacheTest, AWriteWhileATransactionIsOpenLeavesItsRowsInOrder) {
  CacheBudget budget(1 << 20);
  StoreCache cache(budget);
  cache.Ordered();
  cache.Put("b", "1");
  cache.Put("c", "1");
  cache.CommitDirty();
  cache.Put("a", "2");
  cache.Put("b", "2");
  EXPECT_EQ(WritesOf(cache), (Writes{{"b", "1"}, {"c", "1"}}));
  cache.Written();
  std::vector<std::string> keys;
  for (const auto& [key, index] : cache.Ordered()) keys.emplace_back(key);
  EXPECT_EQ(keys, (std::vector<std::string>{"a", "b"}));
  cache.CommitDirty();
  EXPECT_EQ(WritesOf(cache), (Writes{{"a", "2"}, {"b", "2"}}));
}

TEST(StoreCacheTest, AnIdleCacheCannotStarveABusyOne) {
  CacheBudget budget(128 * 1024);
  StoreCache idle(budget);
  for (int i = 0; i < 5000; ++i) idle.AddClean(KeyOf(i), "v");
  StoreCache busy(budget);
  for (int i = 0; i < 5000; ++i) busy.AddClean(KeyOf(i), "v");
  EXPECT_GE(busy.clean_bytes(), 16U * 1024);
  EXPECT_LE(budget.used(), budget.bytes() + 1024);
}

TEST(StoreCacheTest, GivesItsBytesBack) {
  CacheBudget budget(1 << 20);
  {
    StoreCache cache(budget);
    for (int i = 0; i < 100; ++i) cache.Put(KeyOf(i), std::string(100, 'x'));
    cache.CommitDirty();
    EXPECT_GT(budget.used(), 10'000);
  }
  EXPECT_EQ(budget.used(), 0);
}

// Against a map of what is known: whatever the cache says must be true, and dirty keys are known.
TEST(StoreCacheTest, AgreesWithAModel) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    CacheBudget budget(static_cast<size_t>(random.Below(40'000)));
    StoreCache cache(budget);
    std::map<std::string, std::string> committed;
    std::map<std::string, std::string> backend;
    std::map<std::string, std::optional<std::string>> open;
    for (int step = 0; step < 3000; ++step) {
      const std::string key = KeyOf(random.Below(150));
      switch (random.Below(9)) {
        case 0:
          cache.Delete(key);
          open[key] = std::nullopt;
          break;
        case 1:
        case 2: {
          const std::string value(static_cast<size_t>(random.Below(60)), 'a' + step % 26);
          cache.Put(key, value);
          open[key] = value;
          break;
        }
        case 3:
          if (!random.OneIn(20)) break;
          cache.CommitDirty();
          for (const auto& [k, v] : open) {
            if (v)
              committed[k] = *v;
            else
              committed.erase(k);
          }
          open.clear();
          break;
        case 4:
          if (!random.OneIn(20)) break;
          cache.RollbackDirty();
          open.clear();
          break;
        case 5:
          if (!open.contains(key) && cache.unwritten_bytes() == 0) cache.Forget(key);
          break;
        case 6: {
          const StoreCache::Rows& held = cache.Ordered();
          for (const auto& [k, v] : open) ASSERT_TRUE(held.contains(k)) << k;
          if (!random.OneIn(20)) break;
          std::string last;
          cache.ForEachUnwritten([&](std::string_view k, std::optional<std::string_view> v) {
            EXPECT_LT(last, k);
            last = k;
            if (v) {
              backend[last] = *v;
            } else {
              backend.erase(last);
            }
          });
          cache.Written();
          ASSERT_EQ(backend, committed);
          ASSERT_EQ(cache.unwritten_bytes(), 0);
          break;
        }
        default: {
          const auto written = open.find(key);
          const auto row = committed.find(key);
          std::optional<std::string> expected;
          if (written != open.end())
            expected = written->second;
          else if (row != committed.end())
            expected = row->second;
          const StoreCache::Entry* entry = cache.Find(key);
          if (entry == nullptr) {
            ASSERT_EQ(written, open.end());
            // What is not in memory, the backend has.
            const auto stored = backend.find(key);
            ASSERT_EQ(expected, stored == backend.end() ? std::nullopt
                                                        : std::optional(stored->second));
            entry = &cache.AddClean(key, expected);
          }
          ASSERT_EQ(entry->deleted, !expected.has_value());
          if (expected) {
            ASSERT_EQ(entry->value, *expected);
          }
        }
      }
      ASSERT_EQ(cache.dirty_count(), open.size());
      ASSERT_EQ(cache.has_dirty(), !open.empty());
    }
  }
}

}  // namespace
}  // namespace sidestream::statestore
