// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The events of Nexmark: persons, auctions and bids in its proportions (1 : 3 : 46) and with its
// distributions, each a pure function of its number and a seed. So shards, resumed feeds and
// recomputed answers need no shared state. It is not byte-equal to the generator of the Flink
// suite, which draws from a source without a seed.
//
// Differences to that suite, on purpose: bidders are persons that exist (there the base is added
// twice), and the url of a channel follows from its name.
//
// Place in the flow: tests, bench/loop and nexmark_bench. It includes nothing of src/: the
// hand-written loops of bench/ use it, and they share no code with the engine.
//
// Threading: values and pure functions.

#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace sidestream::nexmark {

struct Person {
  int64_t id = 0;
  std::string name;
  std::string email_address;
  std::string credit_card;
  std::string city;
  std::string state;
  int64_t date_time = 0;
  std::string extra;
};

struct Auction {
  int64_t id = 0;
  std::string item_name;
  std::string description;
  int64_t initial_bid = 0;
  int64_t reserve = 0;
  int64_t date_time = 0;
  int64_t expires = 0;
  int64_t seller = 0;
  int64_t category = 0;
  std::string extra;
};

struct Bid {
  int64_t auction = 0;
  int64_t bidder = 0;
  int64_t price = 0;
  std::string channel;
  std::string url;
  int64_t date_time = 0;
  std::string extra;
};

using Event = std::variant<Person, Auction, Bid>;

struct Options {
  uint64_t seed = 0;
  /// Event time of the first event, epoch milliseconds.
  int64_t start = 1'767'225'600'000;
  /// Event time between two events.
  int64_t step_microseconds = 100;
  /// Events leave in groups of so many, each group in an order of its own; 1: in order of time. No
  /// multiple of 953.
  uint64_t group = 1;
};

class Generator {
 public:
  explicit Generator(Options options) : options_(options) {}

  /// The event that leaves as number `position` (from 0).
  Event At(uint64_t position) const;
  /// The bid of number `number` (from 0) among the bids, in order of time.
  Bid BidAt(uint64_t number) const;
  /// The largest distance by which an event leaves behind a younger one, milliseconds.
  int64_t Disorder() const;

 private:
  int64_t TimeOf(uint64_t event) const;
  Event EventOf(uint64_t event) const;
  Person PersonOf(uint64_t event) const;
  Auction AuctionOf(uint64_t event) const;
  Bid BidOf(uint64_t event) const;

  Options options_;
};

/// One line of JSON with Nexmark's names: dateTime, emailAddress, initialBid.
std::string JsonOf(const Person& person);
std::string JsonOf(const Auction& auction);
std::string JsonOf(const Bid& bid);

/// SplitMix64: a well mixed number for each `n`.
constexpr uint64_t Mixed(uint64_t n) {
  n += 0x9e3779b97f4a7c15;
  n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9;
  n = (n ^ (n >> 27)) * 0x94d049bb133111eb;
  return n ^ (n >> 31);
}

}  // namespace sidestream::nexmark
