// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Results that are held back without a window, against a naive oracle that keeps all committed
// records: random keys, values and clock, commits and crashes at random points. The seed is in the
// failure message.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "base/clock.h"
#include "tests/unit/operators/window_case.h"

namespace sidestream::testing {
namespace {

struct Total {
  int64_t count = 0;
  int64_t sum = 0;
  int64_t timestamp = 0;

  std::string Line(const std::string& key) const {
    return key + R"( {"n":)" + std::to_string(count) + R"(,"s":)" + std::to_string(sum) + "} @" +
           std::to_string(timestamp);
  }
};
using Totals = std::map<std::string, Total>;

std::string KeyOf(const std::string& line) { return line.substr(0, line.find(' ')); }

class GlobalWindowOracleTest : public WindowCase {
 protected:
  void PutOne(Random& random, Totals& totals) {
    const std::string key(1, static_cast<char>('a' + random.Below(5)));
    const int64_t value = random.Below(9);
    const int64_t timestamp = random.Below(10'000);
    Put(key, timestamp, std::to_string(value));
    Total& total = totals[key];
    ++total.count;
    total.sum += value;
    total.timestamp = std::max(total.timestamp, timestamp);
  }

  Lines All(const Totals& totals) {
    Lines lines;
    for (const auto& [key, total] : totals) lines.push_back(total.Line(key));
    return lines;
  }
};

TEST_F(GlobalWindowOracleTest, FinalIsOneResultOfAllCommittedRecords) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    Open("emit: final, fields: { n: count(), s: sum(value) }");
    Totals committed;
    Totals open;
    for (int end = 0; end < 2; ++end) {
      for (int step = 0; step < 150; ++step) {
        PutOne(random, open);
        if (random.OneIn(10)) Advance(watermark_.value() < 0 ? 0 : watermark_.value() + 50);
        if (random.OneIn(12)) {
          Crash();
          open = committed;
        } else if (random.OneIn(6)) {
          ASSERT_EQ(Commit(), Lines{});
          committed = open;
        }
      }
      Advance(kEndOfTime.value());
      ASSERT_EQ(Commit(), All(open));
      committed = open;
      // Another run over inputs that have grown.
      committed_watermark_ = Timestamp(0);
      Crash();
    }
  }
}

TEST_F(GlobalWindowOracleTest, EverySendsTheNewestResultAndNotMoreOftenThanItSays) {
  constexpr int64_t kEvery = 5000;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    Open("emit: { every: 5s }, fields: { n: count(), s: sum(value) }");
    Totals committed;
    Totals open;
    std::map<std::string, std::string> newest;     // committed, by key
    std::map<std::string, Timestamp> sent_at;
    const auto take = [&](const Lines& lines) {
      for (const std::string& line : lines) {
        const std::string key = KeyOf(line);
        newest[key] = line;
        const auto [last, first] = sent_at.try_emplace(key, context_.wall_time);
        ASSERT_TRUE(first || context_.wall_time - last->second >= kEvery) << line;
        last->second = context_.wall_time;
      }
    };
    for (int step = 0; step < 300; ++step) {
      if (random.OneIn(3)) {
        // Commits right after the clock, so that the wall time of a result is that of its commit.
        AdvanceWall(random.Below(3000));
        take(Commit());
        committed = open;
      } else {
        PutOne(random, open);
      }
      if (random.OneIn(15)) {
        Crash();
        open = committed;
      }
    }
    AdvanceWall(0);
    take(Commit());
    // Nothing new comes: what is held does, and the newest result is that of all records.
    AdvanceWall(kEvery);
    take(Commit());
    ASSERT_EQ(newest.size(), open.size());
    for (const auto& [key, total] : open) ASSERT_EQ(newest[key], total.Line(key));
    AdvanceWall(kEvery);
    ASSERT_EQ(Commit(), Lines{});
    Advance(kEndOfTime.value());
    ASSERT_EQ(Commit(), All(open));
  }
}

}  // namespace
}  // namespace sidestream::testing
