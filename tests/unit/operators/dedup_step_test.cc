// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/dedup/dedup_step.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "operators/dedup/dedup_row.h"
#include "tests/support/fake_step_output.h"

namespace sidestream::operators {
namespace {

using serde::Value;
using testing::FakeStepOutput;
using Texts = std::vector<std::string>;

/// A step with its store; the key of a record is its id.
class Driven {
 public:
  explicit Driven(topology::DedupNode node) : node_(std::move(node)) {
    node_.key.format.kind = serde::FormatKind::kString;
    node_.value_slot = 0;
    Open();
  }

  void Open(Timestamp watermark = kNoWatermark) {
    step_ = *DedupStep::Create(node_);
    step_->Restart(watermark);
  }
  void Process(const std::string& key, int64_t value, int64_t at) {
    Arena arena;
    Row row;
    row.key.bytes = key;
    row.timestamp = Timestamp(at);
    const std::string text = std::to_string(value);
    row.value.bytes = text;
    const std::vector<Value> slots{Value::Int(value)};
    const Status status = step_->Process(row, slots, output);
    EXPECT_TRUE(status.ok()) << status;
  }
  void Watermark(int64_t time) {
    const Status status = step_->AdvanceEventTime(Timestamp(time), output);
    EXPECT_TRUE(status.ok()) << status;
  }
  void Wall(int64_t time) {
    const Status status = step_->AdvanceWallTime(Timestamp(time), output);
    EXPECT_TRUE(status.ok()) << status;
  }
  void Commit() {
    const Status status = step_->BeforeCommit(output);
    EXPECT_TRUE(status.ok()) << status;
    output.rows.Commit();
  }
  DedupStep& step() { return *step_; }

  FakeStepOutput output;

 private:
  topology::DedupNode node_;
  std::unique_ptr<DedupStep> step_;
};

topology::DedupNode First(int64_t ttl) {
  topology::DedupNode node;
  node.ttl_ms = ttl;
  return node;
}
topology::DedupNode Last(int64_t ttl) {
  topology::DedupNode node = First(ttl);
  node.keep_last = true;
  return node;
}

TEST(DedupStepTest, LetsTheFirstThroughAndTheNextAfterTheTtl) {
  Driven driven(First(100));
  driven.Process("a", 1, 1000);
  driven.Process("a", 2, 1099);
  driven.Process("b", 3, 1050);
  driven.Process("a", 4, 1100);
  driven.Process("a", 5, 1199);
  driven.Process("a", 6, 901);
  driven.Process("a", 7, 900);
  EXPECT_EQ(driven.output.TakeSent(), (Texts{"a=1@1000", "side 0 a=2@1099", "b=3@1050", "a=4@1100",
                                             "side 0 a=5@1199", "side 0 a=6@901", "a=7@900"}));
}

TEST(DedupStepTest, ADuplicateDoesNotRefresh) {
  Driven driven(First(100));
  for (int64_t at = 0; at <= 300; at += 60) driven.Process("a", at, at);
  EXPECT_EQ(driven.output.TakeSent(), (Texts{"a=0@0", "side 0 a=60@60", "a=120@120",
                                             "side 0 a=180@180", "a=240@240", "side 0 a=300@300"}));
}

TEST(DedupStepTest, DecidesLateRecordsExactlyUntilTheirOwnEntryWouldHaveEnded) {
  Driven driven(First(100));
  driven.Process("a", 1, 1000);
  driven.Watermark(1150);
  driven.Commit();
  driven.Process("a", 2, 1060);
  driven.Process("a", 3, 1051);
  driven.Process("a", 4, 1050);
  EXPECT_EQ(driven.output.TakeSent(),
            (Texts{"a=1@1000", "side 0 a=2@1060", "side 0 a=3@1051", "a=4@1050"}));
  EXPECT_EQ(driven.output.counts["late"], 1);
}

TEST(DedupStepTest, EntriesGoInTheTransactionAndComeBackNever) {
  Driven driven(First(100));
  driven.Process("a", 1, 1000);
  driven.Process("b", 1, 1050);
  driven.Commit();
  driven.Watermark(1199);
  driven.Commit();
  EXPECT_EQ(driven.output.rows.committed().size(), 4u);
  driven.Watermark(1200);
  driven.Commit();
  EXPECT_EQ(driven.output.rows.committed().size(), 2u);
  driven.Open(Timestamp(1200));
  driven.Watermark(1300);
  driven.Commit();
  EXPECT_TRUE(driven.output.rows.committed().empty());
}

TEST(DedupStepTest, GoesByTheWallClockWhereItIsAskedTo) {
  topology::DedupNode node = First(100);
  node.wall_clock = true;
  Driven driven(node);
  const int64_t now = driven.output.context.WallTime().value();
  driven.Process("a", 1, 5);
  driven.Process("a", 2, 500'000);
  EXPECT_EQ(driven.output.TakeSent(), (Texts{"a=1@5", "side 0 a=2@500000"}));
  driven.Wall(now);
  EXPECT_GE(driven.step().NextWallTime(), Timestamp(now + 100));
  driven.Wall(now + 100);
  driven.Commit();
  EXPECT_TRUE(driven.output.rows.committed().empty());
}

TEST(DedupStepTest, KeepLastLetsTheLastOneThroughAtTheEndOfItsPeriod) {
  Driven driven(Last(100));
  driven.Process("a", 3, 1050);
  driven.Process("a", 1, 1000);
  driven.Process("a", 4, 1100);
  driven.Process("a", 2, 1050);
  EXPECT_TRUE(driven.output.TakeSent().empty());
  driven.Watermark(1099);
  EXPECT_TRUE(driven.output.TakeSent().empty());
  driven.Commit();
  driven.Open(Timestamp(1099));
  driven.Watermark(1100);
  // Of equal times the one that came later.
  EXPECT_EQ(driven.output.TakeSent(), (Texts{"side 0 a=1@1000", "side 0 a=3@1050", "a=2@1100"}));
  // Late, and less than the ttl from the first of a period that is over.
  driven.Process("a", 9, 1090);
  EXPECT_EQ(driven.output.TakeSent(), (Texts{"side 0 a=9@1090"}));
  driven.Process("a", 10, 1000);
  EXPECT_EQ(driven.output.TakeSent(), (Texts{"a=10@1100"}));
  EXPECT_EQ(driven.output.counts["late"], 1);
  driven.Watermark(1200);
  EXPECT_EQ(driven.output.TakeSent(), (Texts{"a=4@1200"}));
  driven.Watermark(1300);
  driven.Commit();
  // The counter of held rows stays.
  EXPECT_EQ(driven.output.rows.committed().size(), 1u);
}

TEST(DedupStepTest, PeriodsOfAllIdsEndInTheOrderOfTime) {
  Driven driven(Last(100));
  driven.Process("a", 1, 0);
  driven.Process("a", 2, 110);
  driven.Process("b", 3, 50);
  driven.Watermark(1000);
  EXPECT_EQ(driven.output.TakeSent(), (Texts{"a=1@100", "b=3@150", "a=2@210"}));
}

/// The contract, over all records at once.
struct Naive {
  int64_t ttl;
  int64_t watermark = INT64_MIN;
  std::map<std::string, std::vector<int64_t>> passed;

  std::string Process(const std::string& key, int64_t value, int64_t at) {
    const std::string text = key + "=" + std::to_string(value) + "@" + std::to_string(at);
    if (at + ttl <= watermark) return text;
    for (const int64_t other : passed[key]) {
      if (std::abs(other - at) < ttl) return "side 0 " + text;
    }
    passed[key].push_back(at);
    return text;
  }
};

TEST(DedupStepTest, KeepFirstIsWhatTheContractSays) {
  for (uint32_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto draw = [&](int64_t most) { return static_cast<int64_t>(random() % (most + 1)); };
    const int64_t ttl = 1 + draw(60);
    Driven driven(First(ttl));
    Naive naive{ttl};
    std::vector<std::string> expected;
    int64_t clock = 1000;
    for (int i = 0; i < 300; ++i) {
      const std::string key(1, static_cast<char>('a' + draw(3)));
      const int64_t at = std::max<int64_t>(0, clock + draw(40) - draw(150));
      driven.Process(key, i, at);
      expected.push_back(naive.Process(key, i, at));
      clock += draw(6);
      if (draw(3) == 0) {
        naive.watermark = std::max(naive.watermark, clock - draw(80));
        driven.Watermark(naive.watermark);
      }
      if (draw(4) == 0) driven.Commit();
      if (draw(20) == 0) {
        // A crash: what was not committed is done again, which here is what is left out.
        driven.Commit();
        driven.Open(
            Timestamp(naive.watermark == INT64_MIN ? kNoWatermark.value() : naive.watermark));
      }
    }
    ASSERT_EQ(driven.output.TakeSent(), expected);
  }
}

TEST(DedupStepTest, KeepLastDependsOnNoArrivalOrder) {
  for (uint32_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto draw = [&](int64_t most) { return static_cast<int64_t>(random() % (most + 1)); };
    const int64_t ttl = 1 + draw(60);
    struct Record {
      std::string key;
      int64_t at;
      int64_t value;
    };
    std::vector<Record> records;
    for (int64_t i = 0; i < 60; ++i) {
      // No two at one time: among those arrival decides.
      records.push_back({std::string(1, static_cast<char>('a' + draw(2))), i * 10 + draw(9), i});
    }
    std::vector<std::string> expected;
    std::map<std::string, std::pair<int64_t, int64_t>> open;  // key -> first, last value
    const auto close = [&](const std::string& key) {
      expected.push_back(key + "=" + std::to_string(open[key].second) + "@" +
                         std::to_string(open[key].first + ttl));
      open.erase(key);
    };
    for (const Record& record : records) {
      const auto found = open.find(record.key);
      if (found != open.end() && record.at >= found->second.first + ttl) close(record.key);
      if (!open.contains(record.key)) {
        open[record.key] = {record.at, record.value};
      } else {
        open[record.key].second = record.value;
      }
    }
    while (!open.empty()) close(open.begin()->first);
    std::shuffle(records.begin(), records.end(), random);
    Driven driven(Last(ttl));
    for (const Record& record : records) {
      driven.Process(record.key, record.value, record.at);
      if (draw(9) == 0) {
        driven.Commit();
        driven.Open();
      }
    }
    driven.Watermark(kEndOfTime.value());
    std::vector<std::string> results;
    for (std::string& sent : driven.output.TakeSent()) {
      if (!sent.starts_with("side")) results.push_back(std::move(sent));
    }
    std::sort(results.begin(), results.end());
    std::sort(expected.begin(), expected.end());
    ASSERT_EQ(results, expected);
  }
}

TEST(DedupRowTest, HasTheBytesOfItsPage) {
  std::string bytes;
  EncodePassed({Timestamp(1000), Timestamp(1200)}, bytes);
  EXPECT_EQ(bytes, std::string("\x01\x02\xd0\x0f\xc8\x01", 6));
  std::vector<Timestamp> times;
  ASSERT_TRUE(DecodePassed(bytes, times).ok());
  EXPECT_EQ(times, (std::vector<Timestamp>{Timestamp(1000), Timestamp(1200)}));
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(DecodePassed(bytes.substr(0, size), times).code(), StatusCode::kTaskCorrupted);
  }
  bytes[0] = 2;
  EXPECT_EQ(DecodePassed(bytes, times).code(), StatusCode::kInvalidConfig);
}

}  // namespace
}  // namespace sidestream::operators
