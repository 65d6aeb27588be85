// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "bench/loop/answer.h"

#include <cstring>
#include <functional>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bench/loop/generator.h"
#include "bench/loop/handles.h"
#include "bench/loop/window_answer.h"

namespace sidestream::bench {
namespace {

/// What a job makes of a record as a multiset; none: it is filtered out.
using Job = std::function<std::optional<Keyed>(uint64_t record)>;

std::optional<Keyed> Passed(uint64_t record) { return RecordOf("json", record); }
std::optional<Keyed> Projected(uint64_t record) {
  const Bid bid = BidOf(record);
  return Keyed{KeyOf(bid), ProjectedJsonOf(bid)};
}
std::optional<Keyed> ProjectedAvro(uint64_t record) {
  const Bid bid = BidOf(record);
  return Keyed{KeyOf(bid), ProjectedAvroOf(bid)};
}
std::optional<Keyed> Filtered(uint64_t record) {
  if (BidOf(record).auction % kFilterModulus != 0) return std::nullopt;
  return RecordOf("json", record);
}
std::optional<Keyed> FilteredAvro(uint64_t record) {
  if (BidOf(record).auction % kFilterModulus != 0) return std::nullopt;
  return RecordOf("avro", record);
}

/// The first record of each id; the records are asked for in their order.
Job FirstOfItsId(uint64_t records) {
  return [seen = std::vector<bool>(records)](uint64_t record) mutable -> std::optional<Keyed> {
    const uint64_t id = IdOf(record);
    if (seen[id]) return std::nullopt;
    seen[id] = true;
    return RecordOf("ids", record);
  };
}

/// Compares the output as a multiset of keys and values.
class MultisetAnswer final : public Answer {
 public:
  MultisetAnswer(const Job& job, uint64_t from, uint64_t records) : records_(records) {
    for (uint64_t i = from; i < from + records; ++i) {
      const std::optional<Keyed> output = job(i);
      if (!output) continue;
      expected_sum_ += HashOf(output->key.data(), output->key.size(), output->value.data(),
                              output->value.size());
      ++expected_;
    }
  }

  void Add(const rd_kafka_message_t& record) override {
    ++seen_;
    sum_ += HashOf(record.key, record.key_len, record.payload, record.len);
  }
  uint64_t progress() const override { return expected_ == 0 ? 0 : seen_ * records_ / expected_; }
  bool complete() const override { return seen_ >= expected_; }
  std::string Problem() const override {
    if (seen_ != expected_) return "records: " + std::to_string(seen_);
    return sum_ == expected_sum_ ? "" : "the records are others";
  }

 private:
  uint64_t records_;
  uint64_t expected_ = 0;
  uint64_t expected_sum_ = 0;
  uint64_t seen_ = 0;
  uint64_t sum_ = 0;
};

class Count final : public Answer {
 public:
  using KeyOfRecord = std::string (*)(uint64_t record);

  Count(KeyOfRecord key, uint64_t from, uint64_t records) : records_(records) {
    for (uint64_t i = 0; i < from; ++i) ++keys_[key(i)].seen;
    for (auto& [name, state] : keys_) state.expected = state.seen;
    for (uint64_t i = from; i < from + records; ++i) ++keys_[key(i)].expected;
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

std::unique_ptr<Answer> AnswerOf(std::string_view kind, uint64_t from, uint64_t records,
                                 int partitions) {
  if (kind == "count") return std::make_unique<Count>(BidderOf, from, records);
  if (kind == "uniform") return std::make_unique<Count>(UniformKeyOf, from, records);
  if (kind == "dedup") {
    return std::make_unique<MultisetAnswer>(FirstOfItsId(records), 0, records);
  }
  if (auto windows = WindowAnswerOf(kind, records, partitions)) return windows;
  const std::pair<std::string_view, Job> jobs[] = {{"pass", Passed},
                                                   {"filter", Filtered},
                                                   {"project", Projected},
                                                   {"avro_filter", FilteredAvro},
                                                   {"avro_project", ProjectedAvro}};
  for (const auto& [name, job] : jobs) {
    if (kind == name) return std::make_unique<MultisetAnswer>(job, from, records);
  }
  Die("there is no kind " + std::string(kind));
}

}  // namespace sidestream::bench
