// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "expression/time_arithmetic.h"

namespace sidestream::expression {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;
constexpr int64_t kSecondsPerDay = 86'400;

int64_t FloorDivide(int64_t a, int64_t b) {
  const int64_t quotient = a / b;
  return quotient * b > a ? quotient - 1 : quotient;
}

Nanos Normalized(int64_t seconds, int64_t nanos) {
  const int64_t carry = FloorDivide(nanos, kNanosPerSecond);
  return {seconds + carry, static_cast<int32_t>(nanos - carry * kNanosPerSecond)};
}

// The bounds make every sum of two seconds fit 64 bits.
std::optional<Nanos> CheckedDuration(Nanos value) {
  if (!DurationNanos(value)) return std::nullopt;
  return value;
}

std::optional<Nanos> CheckedTimestamp(Nanos value) {
  if (!TimestampInRange(value)) return std::nullopt;
  return value;
}

}  // namespace

bool TimestampInRange(Nanos t) {
  return t.seconds >= kMinTimestampSeconds && t.seconds <= kMaxTimestampSeconds;
}

std::optional<int64_t> DurationNanos(Nanos duration) {
  int64_t total = 0;
  // The lowest second is below the bound while its nanoseconds bring it back.
  if (duration.seconds < 0 && duration.nanos > 0) {
    if (__builtin_mul_overflow(duration.seconds + 1, kNanosPerSecond, &total) ||
        __builtin_add_overflow(total, duration.nanos - kNanosPerSecond, &total)) {
      return std::nullopt;
    }
    return total;
  }
  if (__builtin_mul_overflow(duration.seconds, kNanosPerSecond, &total) ||
      __builtin_add_overflow(total, static_cast<int64_t>(duration.nanos), &total)) {
    return std::nullopt;
  }
  return total;
}

Nanos NanosOf(int64_t nanoseconds) { return Normalized(0, nanoseconds); }

std::optional<Nanos> AddToTimestamp(Nanos timestamp, Nanos duration) {
  if (!DurationNanos(duration) || !TimestampInRange(timestamp)) return std::nullopt;
  return CheckedTimestamp(
      Normalized(timestamp.seconds + duration.seconds, int64_t{timestamp.nanos} + duration.nanos));
}

std::optional<Nanos> SubtractFromTimestamp(Nanos timestamp, Nanos duration) {
  if (!DurationNanos(duration) || !TimestampInRange(timestamp)) return std::nullopt;
  return CheckedTimestamp(
      Normalized(timestamp.seconds - duration.seconds, int64_t{timestamp.nanos} - duration.nanos));
}

std::optional<Nanos> TimestampDifference(Nanos left, Nanos right) {
  if (!TimestampInRange(left) || !TimestampInRange(right)) return std::nullopt;
  return CheckedDuration(
      Normalized(left.seconds - right.seconds, int64_t{left.nanos} - right.nanos));
}

std::optional<Nanos> AddDurations(Nanos left, Nanos right) {
  if (!DurationNanos(left) || !DurationNanos(right)) return std::nullopt;
  return CheckedDuration(
      Normalized(left.seconds + right.seconds, int64_t{left.nanos} + right.nanos));
}

std::optional<Nanos> SubtractDurations(Nanos left, Nanos right) {
  if (!DurationNanos(left) || !DurationNanos(right)) return std::nullopt;
  return CheckedDuration(
      Normalized(left.seconds - right.seconds, int64_t{left.nanos} - right.nanos));
}

int64_t DaysFromCivil(int64_t year, int month, int day) {
  // Years begin in March here, so that the leap day is a year's last.
  const int64_t y = year - (month <= 2 ? 1 : 0);
  const int64_t era = FloorDivide(y, 400);
  const int64_t year_of_era = y - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

CivilTime CivilFromSeconds(int64_t seconds) {
  const int64_t days = FloorDivide(seconds, kSecondsPerDay);
  const int64_t rest = seconds - days * kSecondsPerDay;
  CivilTime civil;
  const int64_t shifted = days + 719'468;
  const int64_t era = FloorDivide(shifted, 146'097);
  const int64_t day_of_era = shifted - era * 146'097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month = (5 * day_of_year + 2) / 153;
  civil.day = static_cast<int>(day_of_year - (153 * month + 2) / 5 + 1);
  civil.month = static_cast<int>(month < 10 ? month + 3 : month - 9);
  civil.year = year_of_era + era * 400 + (civil.month <= 2 ? 1 : 0);
  civil.hour = static_cast<int>(rest / 3600);
  civil.minute = static_cast<int>(rest / 60 % 60);
  civil.second = static_cast<int>(rest % 60);
  civil.week_day = static_cast<int>(((days + 4) % 7 + 7) % 7);
  civil.year_day = static_cast<int>(days - DaysFromCivil(civil.year, 1, 1));
  return civil;
}

}  // namespace sidestream::expression
