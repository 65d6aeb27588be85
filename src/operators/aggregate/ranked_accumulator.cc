// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/aggregate/ranked_accumulator.h"

#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "serde/value_codec.h"

namespace sidestream::operators {
namespace {

using serde::Value;

Status NotComparable(const Value& a, const Value& b) {
  return Status::BadRecord("it cannot compare " + std::string(serde::KindName(a.kind())) +
                           " with " + std::string(serde::KindName(b.kind())) +
                           ", which the group holds");
}

/// Bytes that this accumulator wrote or has looked at.
Value Decoded(std::string_view bytes, Arena& arena) {
  Result<Value> value = serde::DecodeValue(bytes, arena);
  CHECK(value.ok()) << value.status();
  return *value;
}

}  // namespace

size_t RankedAccumulator::BytesOf(const Entry& entry) {
  constexpr size_t kTimestampAndLengths = 12;
  return kTimestampAndLengths + entry.value.size() + entry.keys.size();
}

void RankedAccumulator::Clear() {
  entries_.clear();
  bytes_ = 0;
}

RankedAccumulator::Rank RankedAccumulator::RankOf(std::span<const Value> values) const {
  switch (order_.by) {
    case Order::By::kTime:
      return {};
    case Order::By::kValue:
      return values.first(1);
    case Order::By::kKeys:
      return values.subspan(1);
  }
  return {};
}

RankedAccumulator::Rank RankedAccumulator::RankOf(const Entry& entry, Arena& arena) const {
  if (order_.by == Order::By::kTime) return {};
  if (order_.by == Order::By::kKeys) return Decoded(entry.keys, arena).list();
  const std::span<Value> value = arena.NewArray<Value>(1);
  value[0] = Decoded(entry.value, arena);
  return value;
}

Result<std::weak_ordering> RankedAccumulator::CompareRanks(Rank a, Rank b) const {
  for (size_t i = 0; i < a.size() && i < b.size(); ++i) {
    const std::optional<std::partial_ordering> order = Value::Compare(a[i], b[i]);
    if (!order || *order == std::partial_ordering::unordered) return NotComparable(a[i], b[i]);
    if (*order == 0) continue;
    return (*order < 0) != order_.descending ? std::weak_ordering::less
                                             : std::weak_ordering::greater;
  }
  return std::weak_ordering::equivalent;
}

bool RankedAccumulator::SameRank(Rank rank, const Entry& entry, Arena& arena) const {
  const Result<std::weak_ordering> order = CompareRanks(rank, RankOf(entry, arena));
  return order.ok() && *order == 0;
}

Result<bool> RankedAccumulator::StandsBefore(Rank rank, Timestamp timestamp, const Entry& entry,
                                             Arena& arena) const {
  if (order_.by == Order::By::kTime) {
    return order_.descending ? timestamp >= entry.timestamp : timestamp < entry.timestamp;
  }
  ASSIGN_OR_RETURN(const std::weak_ordering order, CompareRanks(rank, RankOf(entry, arena)));
  return order == 0 ? timestamp < entry.timestamp : order < 0;
}

Result<std::optional<RankedAccumulator::Place>> RankedAccumulator::PlaceOf(Rank rank,
                                                                           Timestamp timestamp,
                                                                           Arena& arena) const {
  size_t low = 0;
  size_t high = entries_.size();
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    ASSIGN_OR_RETURN(const bool before, StandsBefore(rank, timestamp, entries_[middle], arena));
    if (before) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  if (order_.distinct) {
    if (low > 0 && SameRank(rank, entries_[low - 1], arena)) return std::optional<Place>();
    if (low < entries_.size() && SameRank(rank, entries_[low], arena)) {
      return std::optional(Place{low, true});
    }
  }
  if (low < order_.limit) return std::optional(Place{low, false});
  if (!order_.with_ties || !SameRank(rank, entries_[order_.limit - 1], arena)) {
    return std::optional<Place>();
  }
  if (entries_.size() < kTiesMax) return std::optional(Place{low, false});
  return Status::BadRecord("more than " + std::to_string(kTiesMax) + " records are ties");
}

Status RankedAccumulator::Check(CallInput& input, RunState& run) {
  input.place.reset();
  const Rank rank = RankOf(input.values);
  for (const Value& value : rank) {
    // Compared with itself a value says whether it has an order at all.
    const std::optional<std::partial_ordering> self = Value::Compare(value, value);
    if (!self) {
      return Status::BadRecord("it does not order " + std::string(serde::KindName(value.kind())));
    }
    if (*self == std::partial_ordering::unordered) return Status::Ok();
  }
  ASSIGN_OR_RETURN(const std::optional<Place> place,
                   PlaceOf(rank, input.timestamp, run.arena()));
  if (!place) return Status::Ok();
  input.value_bytes.clear();
  input.keys_bytes.clear();
  RETURN_IF_ERROR(serde::EncodeValue(input.values[0], input.value_bytes));
  if (order_.by == Order::By::kKeys) {
    RETURN_IF_ERROR(serde::EncodeValue(Value::List(rank), input.keys_bytes));
  }
  const size_t given_up = full() ? BytesOf(entries_.back()) : 0;
  if (input.value_bytes.size() + input.keys_bytes.size() > input.bytes_left + given_up) {
    return Status::BadRecord("the group would hold more than " + std::to_string(kStateBytesMax) +
                             " bytes");
  }
  input.place = place->index;
  input.replaces = place->replaces;
  return Status::Ok();
}

void RankedAccumulator::Fold(const CallInput& input, RunState& run) {
  if (!input.place) return;
  Insert({*input.place, input.replaces}, input.timestamp, input.value_bytes, input.keys_bytes,
         run.arena());
}

void RankedAccumulator::Insert(const Place& place, Timestamp timestamp, std::string_view value,
                               std::string_view keys, Arena& arena) {
  const bool reuses = place.replaces || (order_.limit == 1 && full() && !order_.with_ties);
  if (!reuses) {
    entries_.emplace(entries_.begin() + static_cast<std::ptrdiff_t>(place.index));
  } else {
    bytes_ -= BytesOf(entries_[place.index]);
  }
  // Assigned, so that the one of a hot group keeps its buffer.
  Entry& entry = entries_[place.index];
  entry.timestamp = timestamp;
  entry.value.assign(value);
  entry.keys.assign(keys);
  bytes_ += BytesOf(entry);
  while (entries_.size() > order_.limit) {
    const Entry& last = entries_.back();
    if (order_.with_ties && SameRank(RankOf(last, arena), entries_[order_.limit - 1], arena)) break;
    bytes_ -= BytesOf(last);
    entries_.pop_back();
  }
}

Status RankedAccumulator::Merge(const Accumulator& later, RunState& run) {
  for (const Entry& entry : static_cast<const RankedAccumulator&>(later).entries_) {
    ASSIGN_OR_RETURN(const std::optional<Place> place,
                     PlaceOf(RankOf(entry, run.arena()), entry.timestamp, run.arena()));
    if (place) Insert(*place, entry.timestamp, entry.value, entry.keys, run.arena());
  }
  return Status::Ok();
}

void RankedAccumulator::Encode(std::string& out) const {
  ByteWriter writer(out);
  writer.Varint(entries_.size());
  for (const Entry& entry : entries_) {
    writer.SignedVarint(entry.timestamp.value());
    writer.String(entry.value);
    if (order_.by == Order::By::kKeys) writer.String(entry.keys);
  }
}

bool RankedAccumulator::Decode(std::string_view bytes) {
  Clear();
  ByteReader in(bytes);
  const uint64_t count = in.Varint();
  // An entry takes two bytes at least: a count beyond that would only cost memory.
  if (!in.ok() || count > bytes.size() / 2) return false;
  if (count > order_.limit && !order_.with_ties) return false;
  Arena arena;
  entries_.resize(count);
  for (Entry& entry : entries_) {
    entry.timestamp = Timestamp(in.SignedVarint());
    entry.value.assign(in.String());
    if (!in.ok() || !serde::DecodeValue(entry.value, arena).ok()) return false;
    if (order_.by == Order::By::kKeys) {
      entry.keys.assign(in.String());
      const Result<Value> keys = serde::DecodeValue(entry.keys, arena);
      if (!in.ok() || !keys.ok() || keys->kind() != Value::Kind::kList) return false;
    }
    bytes_ += BytesOf(entry);
  }
  return in.empty();
}

Value RankedAccumulator::CurrentResult(Arena& arena) const {
  if (!order_.list) {
    return entries_.empty() ? Value::Null() : Decoded(entries_.front().value, arena);
  }
  const std::span<Value> values = arena.NewArray<Value>(entries_.size());
  for (size_t i = 0; i < entries_.size(); ++i) values[i] = Decoded(entries_[i].value, arena);
  return Value::List(values);
}

}  // namespace sidestream::operators
