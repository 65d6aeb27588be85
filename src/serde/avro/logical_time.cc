// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/avro/logical_time.h"

namespace sidestream::serde::avro {
namespace {

constexpr int64_t kSecondsOfDay = 86'400;
constexpr int64_t kNanosOfSecond = 1'000'000'000;

enum class Clock { kNone, kDays, kMidnight, kEpoch };

Clock ClockOf(LogicalType logical) {
  switch (logical) {
    case LogicalType::kDate:
      return Clock::kDays;
    case LogicalType::kTimeMillis:
    case LogicalType::kTimeMicros:
      return Clock::kMidnight;
    case LogicalType::kTimestampMillis:
    case LogicalType::kTimestampMicros:
    case LogicalType::kTimestampNanos:
    case LogicalType::kLocalTimestampMillis:
    case LogicalType::kLocalTimestampMicros:
    case LogicalType::kLocalTimestampNanos:
      return Clock::kEpoch;
    default:
      return Clock::kNone;
  }
}

int64_t UnitsOfSecond(LogicalType logical) {
  switch (logical) {
    case LogicalType::kTimeMillis:
    case LogicalType::kTimestampMillis:
    case LogicalType::kLocalTimestampMillis:
      return 1'000;
    case LogicalType::kTimeMicros:
    case LogicalType::kTimestampMicros:
    case LogicalType::kLocalTimestampMicros:
      return 1'000'000;
    default:
      return kNanosOfSecond;
  }
}

}  // namespace

bool IsTime(LogicalType logical) { return ClockOf(logical) != Clock::kNone; }

bool SameClock(LogicalType a, LogicalType b) { return IsTime(a) && ClockOf(a) == ClockOf(b); }

Value TimeFromRaw(LogicalType logical, int64_t raw, Arena& arena) {
  // An int of days: no overflow.
  if (logical == LogicalType::kDate) return Value::TimestampOf({raw * kSecondsOfDay, 0}, arena);
  const int64_t units = UnitsOfSecond(logical);
  int64_t seconds = raw / units;
  int64_t rest = raw % units;
  if (rest < 0) {
    rest += units;
    --seconds;
  }
  const Nanos time{seconds, static_cast<int32_t>(rest * (kNanosOfSecond / units))};
  return ClockOf(logical) == Clock::kMidnight ? Value::DurationOf(time, arena)
                                              : Value::TimestampOf(time, arena);
}

std::optional<int64_t> RawFromTime(LogicalType logical, Nanos time) {
  if (logical == LogicalType::kDate) {
    if (time.nanos != 0 || time.seconds % kSecondsOfDay != 0) return std::nullopt;
    const int64_t days = time.seconds / kSecondsOfDay;
    if (days != static_cast<int32_t>(days)) return std::nullopt;
    return days;
  }
  if (ClockOf(logical) == Clock::kMidnight && (time.seconds < 0 || time.seconds >= kSecondsOfDay)) {
    return std::nullopt;
  }
  const int64_t units = UnitsOfSecond(logical);
  const int64_t rest = time.nanos / (kNanosOfSecond / units);
  int64_t raw = 0;
  if (time.seconds < 0 && rest > 0) {
    // From the next second down, so that the smallest int64 can be reached.
    if (__builtin_mul_overflow(time.seconds + 1, units, &raw) ||
        __builtin_sub_overflow(raw, units - rest, &raw)) {
      return std::nullopt;
    }
    return raw;
  }
  if (__builtin_mul_overflow(time.seconds, units, &raw) ||
      __builtin_add_overflow(raw, rest, &raw)) {
    return std::nullopt;
  }
  return raw;
}

}  // namespace sidestream::serde::avro
