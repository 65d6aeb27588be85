// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "bench/loop/answer.h"

#include <cstring>
#include <string_view>
#include <unordered_map>

#include "bench/loop/generator.h"

namespace sidestream::bench {
namespace {

class Pass final : public Answer {
 public:
  Pass(uint64_t from, uint64_t records) : records_(records) {
    for (uint64_t i = from; i < from + records; ++i) {
      const Bid bid = BidOf(i);
      expected_ += HashOf(bid.key.data(), bid.key.size(), bid.value.data(), bid.value.size());
    }
  }

  void Add(const rd_kafka_message_t& record) override {
    ++seen_;
    sum_ += HashOf(record.key, record.key_len, record.payload, record.len);
  }
  uint64_t progress() const override { return seen_; }
  bool complete() const override { return seen_ >= records_; }
  std::string Problem() const override {
    if (seen_ != records_) return "records: " + std::to_string(seen_);
    return sum_ == expected_ ? "" : "the records are others";
  }

 private:
  uint64_t records_;
  uint64_t expected_ = 0;
  uint64_t seen_ = 0;
  uint64_t sum_ = 0;
};

class Count final : public Answer {
 public:
  Count(uint64_t from, uint64_t records) : records_(records) {
    for (uint64_t i = 0; i < from; ++i) ++keys_[BidderOf(i)].seen;
    for (auto& [key, state] : keys_) state.expected = state.seen;
    for (uint64_t i = from; i < from + records; ++i) ++keys_[BidderOf(i)].expected;
  }

  void Add(const rd_kafka_message_t& record) override {
    const auto found =
        keys_.find(std::string(static_cast<const char*>(record.key), record.key_len));
    if (found == keys_.end() || record.len != sizeof(uint64_t)) {
      problem_ = "a record that no input explains";
      return;
    }
    uint64_t count = 0;
    std::memcpy(&count, record.payload, sizeof(count));
    count = __builtin_bswap64(count);
    State& state = found->second;
    if (count > state.expected) problem_ = "too high a count of " + found->first;
    progress_ += count - state.seen;
    state.seen = count;
  }
  uint64_t progress() const override { return progress_; }
  // Counts only grow, so the sum is reached when every key has reached its own.
  bool complete() const override { return !problem_.empty() || progress_ == records_; }
  std::string Problem() const override {
    if (!problem_.empty()) return problem_;
    for (const auto& [key, state] : keys_) {
      if (state.seen != state.expected) return "the count is wrong of " + key;
    }
    return "";
  }

 private:
  struct State {
    uint64_t seen = 0;
    uint64_t expected = 0;
  };
  uint64_t records_;
  uint64_t progress_ = 0;
  std::unordered_map<std::string, State> keys_;
  std::string problem_;
};

}  // namespace

std::unique_ptr<Answer> PassAnswer(uint64_t from, uint64_t records) {
  return std::make_unique<Pass>(from, records);
}

std::unique_ptr<Answer> CountAnswer(uint64_t from, uint64_t records) {
  return std::make_unique<Count>(from, records);
}

}  // namespace sidestream::bench
