// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tests/support/nexmark.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string_view>

namespace sidestream::nexmark {
namespace {

// 50 events are one epoch: a person, three auctions, the rest bids.
constexpr uint64_t kEpoch = 50;
constexpr uint64_t kPersons = 1;
constexpr uint64_t kAuctions = 3;
constexpr uint64_t kBids = kEpoch - kPersons - kAuctions;

constexpr int64_t kFirstId = 1'000;
constexpr int64_t kFirstCategory = 10;
constexpr uint64_t kCategories = 5;
// The hot auction and the hot persons change once in so many.
constexpr int64_t kHotPeriod = 100;
constexpr int64_t kAuctionsInFlight = 100;
constexpr int64_t kActivePersons = 1'000;
/// Ids that do not exist yet are drawn as well.
constexpr int64_t kLead = 10;
constexpr uint64_t kChannels = 10'000;
// Groups leave in the order of the multiples of this prime.
constexpr uint64_t kShuffle = 953;

constexpr std::array<std::string_view, 11> kFirstNames{
    "Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah", "Deiter", "Walter"};
constexpr std::array<std::string_view, 9> kLastNames{
    "Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris"};
constexpr std::array<std::string_view, 10> kCities{
    "Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland",
    "Bend",    "Redmond",     "Seattle",       "Kent",  "Cheyenne"};
constexpr std::array<std::string_view, 6> kStates{"AZ", "CA", "ID", "OR", "WA", "WY"};
constexpr std::array<std::string_view, 4> kHotChannels{"Google", "Facebook", "Baidu", "Apple"};

/// The draws of one event, or of one channel.
class Draws {
 public:
  Draws(uint64_t seed, uint64_t number) : state_(Mixed(seed) ^ Mixed(~number)) {}

  uint64_t Next() { return Mixed(state_ += 0x9e3779b97f4a7c15); }
  uint64_t Below(uint64_t bound) { return Next() % bound; }
  int64_t Below(int64_t bound) { return static_cast<int64_t>(Below(static_cast<uint64_t>(bound))); }
  double Unit() { return static_cast<double>(Next() >> 11) * 0x1p-53; }
  template <size_t kSize>
  std::string OneOf(const std::array<std::string_view, kSize>& names) {
    return std::string(names[Below(uint64_t{kSize})]);
  }

  /// Cents, log-uniform from 1 to 1,000,000 units.
  int64_t Price() { return std::llround(100.0 * std::pow(10.0, 6.0 * Unit())); }

  /// Letters, one of 13 characters a `gap`; none at the ends.
  std::string Words(uint64_t length_max, char gap) {
    std::string text(3 + Below(length_max - 3), gap);
    for (char& c : text) {
      if (Below(uint64_t{13}) != 0) c = Letter();
    }
    if (text.front() == gap) text.front() = Letter();
    if (text.back() == gap) text.back() = Letter();
    return text;
  }

  /// What brings an event of `current` bytes to `average` of them.
  std::string Extra(size_t current, size_t average) {
    if (current > average) return "";
    const size_t wanted = average - current;
    const auto spread = static_cast<size_t>(std::llround(0.2 * static_cast<double>(wanted)));
    std::string text(wanted - spread + (spread > 0 ? Below(2 * spread) : 0), ' ');
    for (char& c : text) c = Letter();
    return text;
  }

 private:
  char Letter() { return static_cast<char>('a' + Below(uint64_t{26})); }

  uint64_t state_;
};

/// Numbers of the youngest person and auction when an event happens, from 0.
int64_t LastPerson(uint64_t event) { return static_cast<int64_t>(event / kEpoch); }
int64_t LastAuction(uint64_t event) {
  const auto before = static_cast<int64_t>(event / kEpoch * kAuctions);
  const uint64_t slot = event % kEpoch;
  return before + static_cast<int64_t>(std::min(slot, kAuctions)) - 1;
}

int64_t HotOf(int64_t last) { return last / kHotPeriod * kHotPeriod; }

int64_t ActivePerson(uint64_t event, Draws& draws) {
  const int64_t persons = LastPerson(event) + 1;
  const int64_t active = std::min(persons, kActivePersons);
  return persons - active + draws.Below(active + kLead);
}

std::string BaseUrl(Draws& draws) {
  std::string url = "https://www.nexmark.com/";
  for (int i = 0; i < 3; ++i) url += draws.Words(5, '_') + "/";
  return url + "item.htm?query=1";
}

uint32_t BitsReversed(uint32_t n) {
  uint32_t reversed = 0;
  for (int i = 0; i < 32; ++i, n >>= 1) reversed = reversed << 1 | (n & 1);
  return reversed;
}

/// Of channel `number`; the hot ones stand behind the others.
std::string UrlOf(uint64_t number) {
  Draws draws(0, number);
  std::string url = BaseUrl(draws);
  if (number < kChannels && draws.Below(uint64_t{10}) != 0) {
    const auto id = static_cast<int32_t>(BitsReversed(static_cast<uint32_t>(number)));
    url += "&channel_id=" + std::to_string(std::abs(int64_t{id}));
  }
  return url;
}

std::string Quoted(std::string_view name, const std::string& text) {
  return "\"" + std::string(name) + "\":\"" + text + "\"";
}
std::string Plain(std::string_view name, int64_t number) {
  return "\"" + std::string(name) + "\":" + std::to_string(number);
}

}  // namespace

int64_t Generator::TimeOf(uint64_t event) const {
  return options_.start + static_cast<int64_t>(event) * options_.step_microseconds / 1'000;
}

int64_t Generator::Disorder() const {
  return static_cast<int64_t>(options_.group) * options_.step_microseconds / 1'000 + 1;
}

Event Generator::At(uint64_t position) const {
  const uint64_t first = position / options_.group * options_.group;
  return EventOf(first + position * kShuffle % options_.group);
}

Bid Generator::BidAt(uint64_t number) const {
  return BidOf(number / kBids * kEpoch + kPersons + kAuctions + number % kBids);
}

Event Generator::EventOf(uint64_t event) const {
  const uint64_t slot = event % kEpoch;
  if (slot < kPersons) return PersonOf(event);
  if (slot < kPersons + kAuctions) return AuctionOf(event);
  return BidOf(event);
}

Person Generator::PersonOf(uint64_t event) const {
  Draws draws(options_.seed, event);
  Person person;
  person.id = kFirstId + LastPerson(event);
  person.name = draws.OneOf(kFirstNames);
  person.name += " " + draws.OneOf(kLastNames);
  person.email_address = draws.Words(7, '_');
  person.email_address += "@" + draws.Words(5, '_') + ".com";
  for (int i = 0; i < 4; ++i) {
    if (i > 0) person.credit_card += ' ';
    person.credit_card += std::to_string(10'000 + draws.Below(uint64_t{10'000})).substr(1);
  }
  person.city = draws.OneOf(kCities);
  person.state = draws.OneOf(kStates);
  person.date_time = TimeOf(event);
  person.extra =
      draws.Extra(8 + person.name.size() + person.email_address.size() + person.credit_card.size() +
                      person.city.size() + person.state.size(),
                  200);
  return person;
}

Auction Generator::AuctionOf(uint64_t event) const {
  Draws draws(options_.seed, event);
  Auction auction;
  auction.id = kFirstId + LastAuction(event);
  auction.item_name = draws.Words(20, ' ');
  auction.description = draws.Words(100, ' ');
  auction.initial_bid = draws.Price();
  auction.reserve = auction.initial_bid + draws.Price();
  auction.date_time = TimeOf(event);
  // The time in which as many auctions begin as are open at once.
  const int64_t horizon = kAuctionsInFlight * static_cast<int64_t>(kEpoch / kAuctions) *
                          options_.step_microseconds / 1'000;
  auction.expires = auction.date_time + 1 + draws.Below(2 * horizon + 1);
  auction.seller = kFirstId + (draws.Below(uint64_t{4}) != 0 ? HotOf(LastPerson(event))
                                                             : ActivePerson(event, draws));
  auction.category = kFirstCategory + static_cast<int64_t>(draws.Below(kCategories));
  auction.extra =
      draws.Extra(8 + auction.item_name.size() + auction.description.size() + 5 * 8, 500);
  return auction;
}

Bid Generator::BidOf(uint64_t event) const {
  Draws draws(options_.seed, event);
  const int64_t last = LastAuction(event);
  const int64_t first = std::max<int64_t>(last - kAuctionsInFlight, 0);
  Bid bid;
  bid.auction =
      kFirstId +
      (draws.Below(uint64_t{2}) != 0 ? HotOf(last) : first + draws.Below(last - first + 1 + kLead));
  bid.bidder = kFirstId + (draws.Below(uint64_t{4}) != 0 ? HotOf(LastPerson(event)) + 1
                                                         : ActivePerson(event, draws));
  bid.price = draws.Price();
  if (draws.Below(uint64_t{2}) != 0) {
    const uint64_t hot = draws.Below(uint64_t{kHotChannels.size()});
    bid.channel = kHotChannels[hot];
    bid.url = UrlOf(kChannels + hot);
  } else {
    const uint64_t channel = draws.Below(kChannels);
    bid.channel = "channel-" + std::to_string(channel);
    bid.url = UrlOf(channel);
  }
  bid.date_time = TimeOf(event);
  bid.extra = draws.Extra(4 * 8, 100);
  return bid;
}

std::string JsonOf(const Person& person) {
  return "{" + Plain("id", person.id) + "," + Quoted("name", person.name) + "," +
         Quoted("emailAddress", person.email_address) + "," +
         Quoted("creditCard", person.credit_card) + "," + Quoted("city", person.city) + "," +
         Quoted("state", person.state) + "," + Plain("dateTime", person.date_time) + "," +
         Quoted("extra", person.extra) + "}";
}

std::string JsonOf(const Auction& auction) {
  return "{" + Plain("id", auction.id) + "," + Quoted("itemName", auction.item_name) + "," +
         Quoted("description", auction.description) + "," +
         Plain("initialBid", auction.initial_bid) + "," + Plain("reserve", auction.reserve) + "," +
         Plain("dateTime", auction.date_time) + "," + Plain("expires", auction.expires) + "," +
         Plain("seller", auction.seller) + "," + Plain("category", auction.category) + "," +
         Quoted("extra", auction.extra) + "}";
}

std::string JsonOf(const Bid& bid) {
  return "{" + Plain("auction", bid.auction) + "," + Plain("bidder", bid.bidder) + "," +
         Plain("price", bid.price) + "," + Quoted("channel", bid.channel) + "," +
         Quoted("url", bid.url) + "," + Plain("dateTime", bid.date_time) + "," +
         Quoted("extra", bid.extra) + "}";
}

}  // namespace sidestream::nexmark
