// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The input, as a pure function of a record's number: bids of some 225 bytes of JSON in the
// manner of Nexmark, or their like in Avro, keyed by auction. 90 % of the bids come from 1 % of the bidders, so a
// count by bidder has hot keys. feed writes it, measure recomputes the right answer from it.
//
// Threading: free functions.

#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

namespace sidestream::bench {

inline constexpr uint64_t kBidders = 10'000;
inline constexpr uint64_t kHotBidders = 100;
inline constexpr uint64_t kAuctions = 50'000;

/// SplitMix64: a well mixed number for each `n`.
inline uint64_t Mixed(uint64_t n) {
  n += 0x9e3779b97f4a7c15;
  n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9;
  n = (n ^ (n >> 27)) * 0x94d049bb133111eb;
  return n ^ (n >> 31);
}

inline std::string BidderOf(uint64_t record) {
  const uint64_t draw = Mixed(record);
  const uint64_t bidder = draw % 10 < 9 ? (draw >> 8) % kHotBidders : (draw >> 8) % kBidders;
  return "bidder-" + std::to_string(bidder);
}

/// What the bid of a record says.
struct Bid {
  int64_t auction = 0;
  std::string bidder;
  int64_t price = 0;
  std::string channel;
  std::string url;
  int64_t date_time = 0;
  std::string extra;
};

inline Bid BidOf(uint64_t record) {
  const uint64_t draw = Mixed(~record);
  char extra[64];
  std::snprintf(extra, sizeof(extra), "%016llx%016llx%016llx%08llx",
                static_cast<unsigned long long>(draw), static_cast<unsigned long long>(Mixed(draw)),
                static_cast<unsigned long long>(draw * 31),
                static_cast<unsigned long long>(record & 0xffffffff));
  return {.auction = static_cast<int64_t>(draw % kAuctions),
          .bidder = BidderOf(record),
          .price = static_cast<int64_t>(100 + (draw >> 16) % 1'000'000),
          .channel = "channel-" + std::to_string((draw >> 40) % 1'000),
          .url = "https://www.example.org/item.htm?query=1&channel_id=" +
                 std::to_string((draw >> 20) % 100'000'000),
          .date_time = static_cast<int64_t>(1'700'000'000'000 + record / 10),
          .extra = extra};
}

inline std::string KeyOf(const Bid& bid) { return std::to_string(bid.auction); }

inline std::string JsonOf(const Bid& bid) {
  return R"({"auction":)" + std::to_string(bid.auction) + R"(,"bidder":")" + bid.bidder +
         R"(","price":)" + std::to_string(bid.price) + R"(,"channel":")" + bid.channel +
         R"(","url":")" + bid.url + R"(","date_time":)" + std::to_string(bid.date_time) +
         R"(,"extra":")" + bid.extra + R"("})";
}

/// The five fields that the project jobs keep.
inline std::string ProjectedJsonOf(const Bid& bid) {
  return R"({"auction":)" + std::to_string(bid.auction) + R"(,"bidder":")" + bid.bidder +
         R"(","price":)" + std::to_string(bid.price) + R"(,"channel":")" + bid.channel +
         R"(","date_time":)" + std::to_string(bid.date_time) + "}";
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
  AppendAvroText(bid.bidder, out);
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
  AppendAvroText(bid.bidder, out);
  AppendAvroLong(bid.price, out);
  AppendAvroText(bid.channel, out);
  AppendAvroLong(bid.date_time, out);
  return out;
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
