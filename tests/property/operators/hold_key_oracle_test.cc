// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// hold_key against a naive oracle: random records, of which some fail until they were put back
// often enough; letters put back at random, in any order, some of them twice; commits and crashes
// at random points. Whatever happens, the results of a key are its records in the order of the
// input, each once, and a key is held exactly while one of its records is missing.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "tests/support/held_letters.h"
#include "tests/support/plan_driver.h"

namespace sidestream::testing {
namespace {

ProducedRecord PutBack(const ProducedRecord& letter) {
  return {.key = letter.key,
          .value = letter.value,
          .timestamp = letter.timestamp,
          .headers = HeadersPutBack(letter.headers)};
}

class HoldKeyRun {
 public:
  explicit HoldKeyRun(uint64_t seed) : random_(seed), driver_(kFailsUntilPutBack, 1) {}

  void Run() {
    ASSERT_EQ(driver_.error(), "");
    for (int round = 0; round < 30; ++round) {
      for (int64_t i = random_.Below(6); i > 0; --i) AddRecord();
      const std::vector<ProducedRecord> letters = driver_.RecordsOf("app-dlq");
      for (int64_t i = letters.empty() ? 0 : random_.Below(5); i > 0; --i) {
        driver_.Add("in", PutBack(letters[Below(letters.size())]));
      }
      Process();
      Check();
      if (::testing::Test::HasFailure()) return;
    }
    // Each letter once, in any order, until none is left.
    size_t put_back = 0;
    for (int round = 0; round < 1'000; ++round) {
      std::vector<ProducedRecord> letters = driver_.RecordsOf("app-dlq");
      if (put_back == letters.size()) break;
      letters.erase(letters.begin(), letters.begin() + static_cast<ptrdiff_t>(put_back));
      put_back += letters.size();
      for (size_t i = letters.size(); i > 1; --i) {
        std::swap(letters[i - 1], letters[Below(i)]);
      }
      for (const ProducedRecord& letter : letters) driver_.Add("in", PutBack(letter));
      Process();
    }
    Check();
    EXPECT_TRUE(driver_.Rows("in-held").empty());
    EXPECT_EQ(driver_.Records("out").size(), static_cast<size_t>(records_));
  }

 private:
  size_t Below(size_t bound) {
    return static_cast<size_t>(random_.Below(static_cast<int64_t>(bound)));
  }

  void AddRecord() {
    const std::string key(1, static_cast<char>('a' + random_.Below(3)));
    const int64_t fails = random_.OneIn(4) ? 1 + random_.Below(2) : 0;
    const std::string n = std::to_string(++records_);
    expected_[key].push_back(n);
    driver_.Add("in", {.key = key,
                       .value = "{\"n\":" + n + ",\"fails\":" + std::to_string(fails) + "}",
                       .timestamp = Timestamp(records_)});
  }

  void Process() {
    const Status run = driver_.Run({.records_per_commit = 1 + static_cast<int>(random_.Below(4)),
                                    .crash_at_every_commit = random_.OneIn(2)});
    ASSERT_TRUE(run.ok()) << run;
  }

  void Check() {
    std::map<std::string, std::vector<std::string>> results;
    for (const ProducedRecord& record : driver_.Records("out")) {
      results[*record.key].push_back(*record.value);
    }
    const std::map<std::string, std::string> held = driver_.Rows("in-held");
    for (const auto& [key, wanted] : expected_) {
      const std::vector<std::string>& got = results[key];
      ASSERT_LE(got.size(), wanted.size()) << "key " << key;
      EXPECT_TRUE(std::equal(got.begin(), got.end(), wanted.begin())) << "key " << key;
      EXPECT_EQ(held.contains(key), got.size() < wanted.size()) << "key " << key;
    }
  }

  Random random_;
  PlanDriver driver_;
  int64_t records_ = 0;
  std::map<std::string, std::vector<std::string>> expected_;
};

TEST(HoldKeyOracleTest, ResultsOfAKeyAreItsRecordsInOrderEachOnce) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    HoldKeyRun(seed).Run();
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace sidestream::testing
