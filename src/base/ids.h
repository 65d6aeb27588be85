// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Names and numbers that travel through the whole engine, as distinct types:
// an offset is not a timestamp, and the compiler knows.

#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <limits>
#include <ostream>
#include <string>
#include <string_view>

namespace sidestream {

/// A 64-bit number with a meaning. `Tag` makes the type distinct.
template <typename Tag>
class TypedInt64 {
 public:
  constexpr TypedInt64() = default;
  constexpr explicit TypedInt64(int64_t value) : value_(value) {}
  constexpr int64_t value() const { return value_; }
  friend constexpr auto operator<=>(TypedInt64, TypedInt64) = default;
  friend constexpr TypedInt64 operator+(TypedInt64 a, int64_t b) { return TypedInt64(a.value_ + b); }
  friend constexpr TypedInt64 operator-(TypedInt64 a, int64_t b) { return TypedInt64(a.value_ - b); }
  friend constexpr int64_t operator-(TypedInt64 a, TypedInt64 b) { return a.value_ - b.value_; }
  friend std::ostream& operator<<(std::ostream& out, TypedInt64 v) { return out << v.value_; }

 private:
  int64_t value_ = 0;
};

/// Position in a partition. A committed or consumed Offset is always the *next* one to read.
using Offset = TypedInt64<struct OffsetTag>;
/// Milliseconds since the epoch; the unit of Kafka and of event time.
using Timestamp = TypedInt64<struct TimestampTag>;
/// Commit sequence of a task: 1 is the transaction that stamps its start positions.
using CommitSequence = TypedInt64<struct CommitSequenceTag>;
/// Counts how often a partition was handed to a worker; a chunk of another epoch is stale.
using FetchEpoch = TypedInt64<struct FetchEpochTag>;

using Partition = int32_t;

inline constexpr Timestamp kNoTimestamp{std::numeric_limits<int64_t>::min()};
/// A watermark that is not known yet, and the one of inputs that have ended.
inline constexpr Timestamp kNoWatermark{std::numeric_limits<int64_t>::min()};
inline constexpr Timestamp kEndOfTime{std::numeric_limits<int64_t>::max()};

struct TopicPartition {
  std::string topic;
  Partition partition = 0;
  friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
  friend bool operator==(const TopicPartition&, const TopicPartition&) = default;
  friend std::ostream& operator<<(std::ostream& out, const TopicPartition& tp) {
    return out << tp.topic << "-" << tp.partition;
  }
};

std::string ToString(const TopicPartition& tp);

/// Topic id of the broker (KIP-516): 16 bytes; all zero means unknown.
struct TopicId {
  std::array<uint8_t, 16> bytes{};
  friend auto operator<=>(const TopicId&, const TopicId&) = default;
  friend bool operator==(const TopicId&, const TopicId&) = default;
  bool known() const { return *this != TopicId{}; }
};

/// 32 lower-case hexadecimal digits.
std::string ToString(const TopicId& id);

/// One sub-topology over one partition number: the unit of parallelism and of
/// state. Named by the anchor topic, so that it survives other edits of the file.
struct TaskId {
  std::string anchor_topic;
  Partition partition = 0;
  friend auto operator<=>(const TaskId&, const TaskId&) = default;
  friend bool operator==(const TaskId&, const TaskId&) = default;
  friend std::ostream& operator<<(std::ostream& out, const TaskId& id) {
    return out << id.anchor_topic << "_" << id.partition;
  }
};

std::string ToString(const TaskId& id);

}  // namespace sidestream

template <>
struct std::hash<sidestream::TopicPartition> {
  size_t operator()(const sidestream::TopicPartition& tp) const noexcept {
    return std::hash<std::string>()(tp.topic) * 31 + static_cast<size_t>(tp.partition);
  }
};
template <>
struct std::hash<sidestream::TaskId> {
  size_t operator()(const sidestream::TaskId& id) const noexcept {
    return std::hash<std::string>()(id.anchor_topic) * 31 + static_cast<size_t>(id.partition);
  }
};
