// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The input, as a pure function of a record's number: bids of some 225 bytes of JSON in the
// manner of Nexmark, keyed by auction. 90 % of the bids come from 1 % of the bidders, so a
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

struct Bid {
  std::string key;
  std::string value;
};

inline Bid BidOf(uint64_t record) {
  const uint64_t draw = Mixed(~record);
  char text[320];
  const int size = std::snprintf(
      text, sizeof(text),
      R"({"auction":%llu,"bidder":"%s","price":%llu,"channel":"channel-%llu","url":)"
      R"("https://www.example.org/item.htm?query=1&channel_id=%llu","date_time":%llu,)"
      R"("extra":"%016llx%016llx%016llx%08llx"})",
      static_cast<unsigned long long>(draw % kAuctions), BidderOf(record).c_str(),
      static_cast<unsigned long long>(100 + (draw >> 16) % 1'000'000),
      static_cast<unsigned long long>((draw >> 40) % 1'000),
      static_cast<unsigned long long>((draw >> 20) % 100'000'000),
      static_cast<unsigned long long>(1'700'000'000'000 + record / 10),
      static_cast<unsigned long long>(draw), static_cast<unsigned long long>(Mixed(draw)),
      static_cast<unsigned long long>(draw * 31),
      static_cast<unsigned long long>(record & 0xffffffff));
  return {std::to_string(draw % kAuctions), std::string(text, static_cast<size_t>(size))};
}

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
