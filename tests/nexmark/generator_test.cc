// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "tests/support/nexmark.h"

namespace sidestream::nexmark {
namespace {

constexpr uint64_t kEvents = 50'000;

int64_t TimeOf(const Event& event) {
  return std::visit([](const auto& kind) { return kind.date_time; }, event);
}

TEST(NexmarkGeneratorTest, OnePersonThreeAuctionsAndFortySixBidsInFifty) {
  const Generator generator({});
  size_t counts[3] = {};
  for (uint64_t i = 0; i < kEvents; ++i) ++counts[generator.At(i).index()];
  EXPECT_EQ(counts[0], kEvents / 50);
  EXPECT_EQ(counts[1], kEvents / 50 * 3);
  EXPECT_EQ(counts[2], kEvents / 50 * 46);
}

TEST(NexmarkGeneratorTest, AnEventFollowsFromItsNumberAndTheSeed) {
  const Generator one({.seed = 7});
  const Generator same({.seed = 7});
  const Generator other({.seed = 8});
  EXPECT_EQ(JsonOf(one.BidAt(4'711)), JsonOf(same.BidAt(4'711)));
  EXPECT_NE(JsonOf(one.BidAt(4'711)), JsonOf(other.BidAt(4'711)));
}

TEST(NexmarkGeneratorTest, ASinglePrintedBidStaysAsItIs) {
  // Benchmarks of different days compare only while the input is the same.
  EXPECT_EQ(
      JsonOf(Generator({}).BidAt(1)),
      R"({"auction":1000,"bidder":1001,"price":34775353,"channel":"channel-7845",)"
      R"("url":"https://www.nexmark.com/tjuu/ewu/jyt/item.htm?query=1&channel_id=1518862336",)"
      R"("dateTime":1767225600000,)"
      R"("extra":"eofmyqrecgfmnpbopbyilunjteefsjzomcjvyhdfjfkyzsenqyxkwiomgtowa"})");
}

TEST(NexmarkGeneratorTest, HalfOfTheBidsAreOnHotAuctionsThreeQuartersByHotPersons) {
  const Generator generator({});
  int hot_auctions = 0;
  int hot_bidders = 0;
  constexpr int kBids = 20'000;
  for (uint64_t i = 0; i < kBids; ++i) {
    const Bid bid = generator.BidAt(i);
    if (bid.auction % 100 == 0) ++hot_auctions;
    if (bid.bidder % 100 == 1) ++hot_bidders;
    EXPECT_GE(bid.price, 100);
    EXPECT_LE(bid.price, 100'000'000);
  }
  EXPECT_NEAR(hot_auctions, kBids * 0.50, kBids * 0.02);
  EXPECT_NEAR(hot_bidders, kBids * 0.75, kBids * 0.02);
}

TEST(NexmarkGeneratorTest, AGroupLeavesInAnotherOrderAndNoEventIsLost) {
  const Generator ordered({.step_microseconds = 1'000});
  const Generator shuffled({.step_microseconds = 1'000, .group = 40});
  std::multiset<int64_t> in_order;
  std::multiset<int64_t> out_of_order;
  int64_t highest = 0;
  int64_t disorder = 0;
  for (uint64_t i = 0; i < 4'000; ++i) {
    in_order.insert(TimeOf(ordered.At(i)));
    const int64_t time = TimeOf(shuffled.At(i));
    out_of_order.insert(time);
    highest = std::max(highest, time);
    disorder = std::max(disorder, highest - time);
  }
  EXPECT_EQ(in_order, out_of_order);
  EXPECT_GT(disorder, 0);
  EXPECT_LE(disorder, shuffled.Disorder());
}

}  // namespace
}  // namespace sidestream::nexmark
