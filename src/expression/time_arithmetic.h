// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Timestamps and durations with CEL's bounds: timestamps of the years 1 to 9999,
// durations of what int64 nanoseconds hold; and the civil calendar.
//
// Threading: free functions without state.

#pragma once

#include <cstdint>
#include <optional>

#include "serde/value.h"

namespace sidestream::expression {

using serde::Nanos;

inline constexpr int64_t kMinTimestampSeconds = -62'135'596'800;
inline constexpr int64_t kMaxTimestampSeconds = 253'402'300'799;

/// Empty when the result, or a duration that goes in, is out of its bounds.
std::optional<Nanos> AddToTimestamp(Nanos timestamp, Nanos duration);
std::optional<Nanos> SubtractFromTimestamp(Nanos timestamp, Nanos duration);
std::optional<Nanos> TimestampDifference(Nanos left, Nanos right);
std::optional<Nanos> AddDurations(Nanos left, Nanos right);
std::optional<Nanos> SubtractDurations(Nanos left, Nanos right);

bool TimestampInRange(Nanos timestamp);
/// Total nanoseconds; empty when they do not fit 64 bits.
std::optional<int64_t> DurationNanos(Nanos duration);
Nanos NanosOf(int64_t nanoseconds);

struct CivilTime {
  int64_t year = 1970;
  int month = 1;  // 1 to 12
  int day = 1;    // 1 to 31
  int hour = 0;
  int minute = 0;
  int second = 0;
  int week_day = 4;  // 0 is Sunday
  int year_day = 0;  // 0 is 1 January
};

/// Calendar fields of seconds since the epoch (add a zone's offset before).
CivilTime CivilFromSeconds(int64_t seconds);
/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar.
int64_t DaysFromCivil(int64_t year, int month, int day);

}  // namespace sidestream::expression
