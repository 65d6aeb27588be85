// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The queries of Nexmark that need no join, as topologies (tests/topologies/nexmark), against
// SQLite over the same generated events: straight, with crashes at every commit, on two instances.
// Bids leave out of order within the declared lateness.
//
// A query that writes facts must give SQLite's rows, each once; of one that keeps results up to
// date the newest result of each key counts.

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <ostream>
#include <string>
#include <variant>
#include <vector>

#include "tests/nexmark/bid_table.h"
#include "tests/support/engine_run.h"
#include "tests/support/nexmark.h"

namespace sidestream::testing {
namespace {

constexpr uint64_t kEvents = 3'000;
constexpr size_t kCommitEvery = 300;
/// As the topologies declare it.
constexpr int64_t kLatenessMs = 4'000;

enum class Compare { kFacts, kNewestPerKey, kSumsPerBidder };

struct Query {
  const char* name;
  Compare compare = Compare::kFacts;
  /// Event time between two events: what makes windows, sessions or days of so few of them.
  int64_t step_ms = 150;
  /// Prices are rounded down to multiples, so that equal ones meet; 1: as generated.
  int64_t price_unit = 1;
  /// The inputs end. Windows over windows need it: in silence partitions step aside one by one, and
  /// what the clock decides is not the same on every run.
  bool ends = false;
};

/// The name of a failed case.
void PrintTo(const Query& query, std::ostream* out) { *out << query.name; }

constexpr int64_t kMinutes = 60'000;

constexpr Query kQueries[] = {
    {"q00"},
    {"q01"},
    {"q02"},
    {"q05", Compare::kFacts, 150, 1, true},
    {"q07", Compare::kFacts, 200, 10'000'000},
    {"q11"},
    {"q12", Compare::kSumsPerBidder},
    {"q14", Compare::kFacts, 3 * kMinutes},
    {"q15", Compare::kNewestPerKey, 3 * kMinutes},
    {"q16", Compare::kNewestPerKey, 3 * kMinutes},
    {"q17", Compare::kNewestPerKey, 3 * kMinutes},
    {"q18", Compare::kNewestPerKey},
    {"q19", Compare::kNewestPerKey, 150, 1'000'000},
    {"q21"},
    {"q22"},
};

constexpr Way kWays[] = {
    {"straight"}, {"crashing", true}, {"two instances", false, 2}, {"two, crashing", true, 2}};

std::string ReadQuery(const std::string& file) {
  std::ifstream in(std::string(SIDESTREAM_SOURCE_DIR) + "/tests/topologies/nexmark/" + file);
  EXPECT_TRUE(in) << file;
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<nexmark::Bid> BidsFor(const Query& query) {
  nexmark::Options options;
  options.step_microseconds = query.step_ms * 1'000;
  // As much disorder as the lateness covers.
  options.group = static_cast<uint64_t>(std::max<int64_t>(1, kLatenessMs / query.step_ms - 1));
  const nexmark::Generator generator(options);
  EXPECT_LE(options.group == 1 ? 0 : generator.Disorder(), kLatenessMs);
  std::vector<nexmark::Bid> bids;
  for (uint64_t i = 0; i < kEvents; ++i) {
    const nexmark::Event event = generator.At(i);
    const auto* bid = std::get_if<nexmark::Bid>(&event);
    if (bid == nullptr) continue;
    bids.push_back(*bid);
    bids.back().price = bid->price / query.price_unit * query.price_unit;
  }
  return bids;
}

std::string KeyBytesOf(int64_t id) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(id >> shift & 0xff);
  return bytes;
}

class QueryRun {
 public:
  QueryRun(const Query& query, const std::vector<nexmark::Bid>& bids, const Way& way)
      : query_(query),
        bids_(bids),
        // The clock stands behind all events, so that none is in its future.
        run_(ReadQuery(std::string(query.name) + ".yaml"),
             {.way = way, .start = Timestamp(LastTime() + 1), .commit_interval = Milliseconds(1)}) {
  }

  std::vector<harness::CollectedRecord> Run() {
    size_t fed = 0;
    for (const nexmark::Bid& bid : bids_) {
      run_.Feed("bids", {.topic = "",
                         .key = KeyBytesOf(bid.auction),
                         .value = nexmark::JsonOf(bid),
                         .timestamp = Timestamp(bid.date_time),
                         .headers = {},
                         .partition = {}});
      if (++fed % kCommitEvery == 0) run_.Commit();
    }
    run_.Commit();
    if (query_.ends) {
      run_.End();
    } else {
      // Silence: time follows the clock, and all that is open closes.
      run_.Advance(std::chrono::hours(1));
    }
    if (!run_.ok()) return {};
    return run_.Output("result");
  }

 private:
  int64_t LastTime() const {
    int64_t last = 0;
    for (const nexmark::Bid& bid : bids_) last = std::max(last, bid.date_time);
    return last;
  }

  const Query& query_;
  const std::vector<nexmark::Bid>& bids_;
  EngineRun run_;
};

using Rows = std::map<std::string, int64_t>;

/// What is on one side only, a few lines of it.
void ExpectEqual(const Rows& actual, const Rows& expected) {
  int shown = 0;
  for (const auto& [row, count] : expected) {
    const auto found = actual.find(row);
    const int64_t have = found == actual.end() ? 0 : found->second;
    if (have != count && ++shown <= 5)
      ADD_FAILURE() << have << " instead of " << count << ": " << row;
  }
  for (const auto& [row, count] : actual) {
    if (!expected.contains(row) && ++shown <= 10) ADD_FAILURE() << "unexpected: " << row;
  }
  EXPECT_EQ(shown, 0) << actual.size() << " rows, expected " << expected.size();
}

void CompareFacts(const std::vector<harness::CollectedRecord>& records,
                  const std::vector<AnswerRow>& answer) {
  Rows actual;
  Rows expected;
  for (const harness::CollectedRecord& record : records) ++actual[record.value.value_or("null")];
  for (const AnswerRow& row : answer) ++expected[row.value];
  ExpectEqual(actual, expected);
}

void CompareNewest(const std::vector<harness::CollectedRecord>& records,
                   const std::vector<AnswerRow>& answer) {
  std::map<std::string, std::string> newest;
  for (const harness::CollectedRecord& record : records) {
    newest[record.key.value_or("null")] = record.value.value_or("null");
  }
  Rows actual;
  Rows expected;
  for (const auto& [key, value] : newest) ++actual[key + " " + value];
  for (const AnswerRow& row : answer) ++expected[row.key + " " + row.value];
  ExpectEqual(actual, expected);
}

void CompareSums(const std::vector<harness::CollectedRecord>& records,
                 const std::vector<AnswerRow>& answer) {
  std::map<int64_t, int64_t> sums;
  Rows windows;
  for (const harness::CollectedRecord& record : records) {
    const int64_t bidder = NumberIn(*record.value, "bidder");
    const int64_t start = NumberIn(*record.value, "window_start");
    EXPECT_EQ(start % 10'000, 0);
    EXPECT_EQ(NumberIn(*record.value, "window_end"), start + 10'000);
    EXPECT_EQ(++windows[std::to_string(bidder) + " " + std::to_string(start)], 1);
    sums[bidder] += NumberIn(*record.value, "bid_count");
  }
  Rows actual;
  Rows expected;
  for (const auto& [bidder, count] : sums) {
    ++actual["{\"bidder\":" + std::to_string(bidder) + ",\"bid_count\":" + std::to_string(count) +
             "}"];
  }
  for (const AnswerRow& row : answer) ++expected[row.value];
  ExpectEqual(actual, expected);
}

class NexmarkTest : public ::testing::TestWithParam<Query> {};

TEST_P(NexmarkTest, ResultsAreThoseOfSqlite) {
  const Query& query = GetParam();
  const std::vector<nexmark::Bid> bids = BidsFor(query);
  const std::vector<AnswerRow> answer =
      BidTable(bids).Select(ReadQuery(std::string(query.name) + ".sql"));
  ASSERT_FALSE(answer.empty());
  for (const Way& way : kWays) {
    SCOPED_TRACE(way.name);
    const std::vector<harness::CollectedRecord> records = QueryRun(query, bids, way).Run();
    if (query.compare == Compare::kFacts) CompareFacts(records, answer);
    if (query.compare == Compare::kNewestPerKey) CompareNewest(records, answer);
    if (query.compare == Compare::kSumsPerBidder) CompareSums(records, answer);
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Queries, NexmarkTest, ::testing::ValuesIn(kQueries),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace sidestream::testing
