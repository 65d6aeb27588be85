// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/window/key_merge.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace sidestream::operators {
namespace {

class KeyMergeTest : public ::testing::Test {
 protected:
  /// An entry in pane `pane`; keys of a pane in ascending order.
  void Add(size_t pane, const std::string& key) {
    if (panes_.size() <= pane) panes_.resize(pane + 1);
    PaneTable::Entry& entry = *entries_.emplace_back(std::make_unique<PaneTable::Entry>(calls_));
    entry.key = key;
    entry.state.timestamp = Timestamp(static_cast<int64_t>(pane));
    panes_[pane].push_back(&entry);
  }
  void Start() {
    std::vector<KeyMerge::Sorted> sorted(panes_.begin(), panes_.end());
    merge_.Start(sorted);
  }
  /// Key and panes of what comes next.
  std::pair<std::string, std::vector<int64_t>> Next() {
    std::pair<std::string, std::vector<int64_t>> next;
    for (const PaneTable::Entry* part : merge_.Next()) {
      next.first = part->key;
      next.second.push_back(part->state.timestamp.value());
    }
    return next;
  }

  const std::vector<topology::AggregateCall> calls_;
  std::vector<std::unique_ptr<PaneTable::Entry>> entries_;
  std::vector<std::vector<PaneTable::Entry*>> panes_;
  KeyMerge merge_;
};

TEST_F(KeyMergeTest, GivesTheEntriesOfAKeyInTheOrderOfTheirPanes) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    panes_.assign(static_cast<size_t>(random.Below(9)), {});
    std::map<std::string, std::vector<int64_t>> expected;
    for (size_t pane = 0; pane < panes_.size(); ++pane) {
      for (char key = 'a'; key < 'k'; ++key) {
        if (!random.OneIn(3)) continue;
        Add(pane, std::string(1, key));
        expected[std::string(1, key)].push_back(static_cast<int64_t>(pane));
      }
    }
    Start();
    for (const auto& [key, panes] : expected) ASSERT_EQ(Next(), std::make_pair(key, panes));
    ASSERT_TRUE(merge_.Next().empty());
  }
}

TEST_F(KeyMergeTest, ComparesAsOftenAsAHeapAndNotEachKeyWithEachPane) {
  constexpr size_t kPanes = 4096;
  for (size_t pane = 0; pane < kPanes; ++pane) Add(pane, "key " + std::to_string(pane * 7 % 4096));
  Start();
  size_t keys = 0;
  while (!merge_.Next().empty()) ++keys;
  EXPECT_EQ(keys, kPanes);
  // Twice the depth for each that is taken out, and what building it costs.
  EXPECT_LE(merge_.compared(), static_cast<int64_t>(kPanes) * (2 * 12 + 2));
}

}  // namespace
}  // namespace sidestream::operators
