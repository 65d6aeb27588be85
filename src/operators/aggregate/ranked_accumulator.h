// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// RankedAccumulator: the first n records of a group in some order: min, max, min_by, max_by, first,
// last, any (n = 1), top, top_with_ties, bottom, collect, collect_set. Internal to
// operators/aggregate.
//
// The order: by what the function ranks by, ascending or descending, then by timestamp, then by
// arrival; `last` goes by timestamp and arrival from the end. So which records are kept does not
// depend on the order in which those of different time came (A2), however small n is.
//
// A record whose rank is NaN has no place in an order and is left out.
//
// Threading: confined to the task's worker.

#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "operators/aggregate/accumulator.h"

namespace sidestream::operators {

class RankedAccumulator final : public Accumulator {
 public:
  struct Order {
    enum class By : uint8_t { kTime, kValue, kKeys };
    /// kTime: the timestamp alone. kValue: argument 0. kKeys: the arguments behind it.
    By by = By::kTime;
    /// Largest first; with kTime: newest first.
    bool descending = false;
    size_t limit = 1;
    /// Keeps what ranks as the one at `limit` does, up to kTiesMax records.
    bool with_ties = false;
    /// Of equal values one is kept.
    bool distinct = false;
    /// The result is a list; else the value of the first, or null.
    bool list = false;
  };
  static constexpr size_t kTiesMax = 10'000;

  explicit RankedAccumulator(const Order& order) : order_(order) {}

  void Clear() override;
  Status Check(CallInput& input, RunState& run) override;
  void Fold(const CallInput& input, RunState& run) override;
  Status Merge(const Accumulator& later, RunState& run) override;
  void Encode(std::string& out) const override;
  bool Decode(std::string_view bytes) override;
  serde::Value CurrentResult(Arena& arena) const override;
  bool may_grow() const override { return true; }
  size_t grown_bytes() const override { return bytes_; }

 private:
  using Rank = std::span<const serde::Value>;
  struct Entry {
    Timestamp timestamp;
    std::string value;  // serde::EncodeValue
    std::string keys;   // a list of what it ranks by, when that is neither time nor value
  };
  struct Place {
    size_t index = 0;
    /// The one there has an equal value, and gives way.
    bool replaces = false;
  };

  /// Where a record belongs that arrives now; empty: it is not kept. Fails with kBadRecord: its
  /// rank does not compare with another one.
  Result<std::optional<Place>> PlaceOf(Rank rank, Timestamp timestamp, Arena& arena) const;
  Result<bool> StandsBefore(Rank rank, Timestamp timestamp, const Entry& entry,
                            Arena& arena) const;
  Result<std::weak_ordering> CompareRanks(Rank a, Rank b) const;
  bool SameRank(Rank rank, const Entry& entry, Arena& arena) const;
  Rank RankOf(std::span<const serde::Value> values) const;
  Rank RankOf(const Entry& entry, Arena& arena) const;
  void Insert(const Place& place, Timestamp timestamp, std::string_view value,
              std::string_view keys, Arena& arena);
  bool full() const { return entries_.size() >= order_.limit; }
  static size_t BytesOf(const Entry& entry);

  const Order order_;
  std::vector<Entry> entries_;  // in order
  size_t bytes_ = 0;            // of entries_
};

}  // namespace sidestream::operators
