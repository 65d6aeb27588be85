// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The input, as a pure function of a record's number: Nexmark's bids (tests/support/nexmark.h),
// some 225 bytes of JSON or their like in Avro, with auctions and bidders of our own: Nexmark's hot
// ones change with time and flatter every cache. 90 % of the bids come from 1 % of the bidders, so
// a count by bidder has hot keys. feed writes it, measure recomputes the right answer from it.
//
// Threading: free functions.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/support/nexmark.h"

namespace sidestream::bench {

using nexmark::Bid;
using nexmark::Mixed;

inline constexpr uint64_t kBidders = 10'000;
inline constexpr uint64_t kHotBidders = 100;
inline constexpr uint64_t kAuctions = 50'000;

inline int64_t BidderNumberOf(uint64_t record) {
  const uint64_t draw = Mixed(record);
  return static_cast<int64_t>(draw % 10 < 9 ? (draw >> 8) % kHotBidders : (draw >> 8) % kBidders);
}

/// As the topics have it.
inline std::string BidderText(int64_t bidder) { return "bidder-" + std::to_string(bidder); }
inline std::string BidderOf(uint64_t record) { return BidderText(BidderNumberOf(record)); }

/// Event time of a bid: 10,000 bids a second.
inline int64_t DateTimeOf(uint64_t record) {
  return static_cast<int64_t>(1'700'000'000'000 + record / 10);
}

/// What the bid of a record says.
inline Bid BidOf(uint64_t record) {
  Bid bid = nexmark::Generator({}).BidAt(record);
  bid.auction = static_cast<int64_t>(Mixed(~record) % kAuctions);
  bid.bidder = BidderNumberOf(record);
  bid.date_time = DateTimeOf(record);
  return bid;
}

/// Of 5 million, each as likely as the next.
inline std::string UniformKeyOf(uint64_t record) {
  return "key-" + std::to_string(Mixed(record * 3 + 1) % 5'000'000);
}

/// New for nine records of ten; the tenth has that of a record before it.
inline uint64_t IdOf(uint64_t record) {
  const uint64_t draw = Mixed(record * 5 + 2);
  return record > 0 && draw % 10 == 0 ? (draw >> 8) % record : record;
}

inline std::string KeyOf(const Bid& bid) { return std::to_string(bid.auction); }

inline std::string BidJsonOf(const Bid& bid) {
  return R"({"auction":)" + std::to_string(bid.auction) + R"(,"bidder":")" +
         BidderText(bid.bidder) + R"(","price":)" + std::to_string(bid.price) + R"(,"channel":")" +
         bid.channel + R"(","url":")" + bid.url + R"(","date_time":)" +
         std::to_string(bid.date_time) + R"(,"extra":")" + bid.extra + R"("})";
}

/// The five fields that the project jobs keep.
inline std::string ProjectedJsonOf(const Bid& bid) {
  return R"({"auction":)" + std::to_string(bid.auction) + R"(,"bidder":")" +
         BidderText(bid.bidder) + R"(","price":)" + std::to_string(bid.price) + R"(,"channel":")" +
         bid.channel + R"(","date_time":)" + std::to_string(bid.date_time) + "}";
}

inline void AppendAvroLong(int64_t value, std::string& out) {
  auto left = (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
  for (; left >= 0x80; left >>= 7) out += static_cast<char>(left | 0x80);
  out += static_cast<char>(left);
}

inline void AppendAvroText(const std::string& text, std::string& out) {
  AppendAvroLong(static_cast<int64_t>(text.size()), out);
  out += text;
}

/// Avro binary without a frame; the schema stands in bench/topologies/bid.avsc.
inline std::string AvroOf(const Bid& bid) {
  std::string out;
  AppendAvroLong(bid.auction, out);
  AppendAvroText(BidderText(bid.bidder), out);
  AppendAvroLong(bid.price, out);
  AppendAvroText(bid.channel, out);
  AppendAvroText(bid.url, out);
  AppendAvroLong(bid.date_time, out);
  AppendAvroText(bid.extra, out);
  return out;
}

/// As ProjectedJsonOf(); bench/topologies/projected_bid.avsc.
inline std::string ProjectedAvroOf(const Bid& bid) {
  std::string out;
  AppendAvroLong(bid.auction, out);
  AppendAvroText(BidderText(bid.bidder), out);
  AppendAvroLong(bid.price, out);
  AppendAvroText(bid.channel, out);
  AppendAvroLong(bid.date_time, out);
  return out;
}

struct Keyed {
  std::string key;
  std::string value;
};

/// A record of an input: the bids in JSON or Avro by auction, in JSON by bidder, by a uniform key,
/// by an id that repeats.
inline Keyed RecordOf(std::string_view format, uint64_t record) {
  const Bid bid = BidOf(record);
  if (format == "avro") return {KeyOf(bid), AvroOf(bid)};
  if (format == "by_bidder") return {BidderText(bid.bidder), BidJsonOf(bid)};
  if (format == "uniform") return {UniformKeyOf(record), BidJsonOf(bid)};
  if (format == "ids") return {"id-" + std::to_string(IdOf(record)), BidJsonOf(bid)};
  return {KeyOf(bid), BidJsonOf(bid)};
}

/// The windows that the window jobs count in, milliseconds.
struct WindowShape {
  int64_t size = 0;
  int64_t every = 0;
};
inline constexpr WindowShape kTumbling{10'000, 10'000};
inline constexpr WindowShape kHopping{60'000, 10'000};
inline constexpr int64_t kSessionGap = 5'000;
inline constexpr int64_t kLateness = 1'000;
inline constexpr int64_t kDedupTtl = 3'600'000;

/// The JSON of a window's count.
inline std::string CountJsonOf(int64_t count, int64_t start, int64_t end) {
  return R"({"count":)" + std::to_string(count) + R"(,"window_start":)" + std::to_string(start) +
         R"(,"window_end":)" + std::to_string(end) + "}";
}

/// The filter jobs keep one auction of so many.
inline constexpr int64_t kFilterModulus = 123;

/// Order does not matter in a sum of these, so outputs can be compared as multisets.
inline uint64_t HashOf(const void* key, size_t key_size, const void* value, size_t value_size) {
  uint64_t hash = 0xcbf29ce484222325 ^ key_size;
  const auto add = [&hash](const void* data, size_t size) {
    const auto* bytes = static_cast<const unsigned char*>(data);
    uint64_t word = 0;
    for (; size >= sizeof(word); bytes += sizeof(word), size -= sizeof(word)) {
      __builtin_memcpy(&word, bytes, sizeof(word));
      hash = (hash ^ word) * 0x100000001b3;
      hash ^= hash >> 29;
    }
    for (; size > 0; ++bytes, --size) hash = (hash ^ *bytes) * 0x100000001b3;
  };
  add(key, key_size);
  add(value, value_size);
  return Mixed(hash);
}

}  // namespace sidestream::bench
