// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Getters of timestamps (with a zone, else UTC) and durations; milliseconds and texts by pattern
// in and out.

#include <algorithm>
#include <string>
#include <string_view>

#include "expression/function.h"
#include "expression/time_arithmetic.h"
#include "expression/time_pattern.h"
#include "expression/time_zone.h"

namespace sidestream::expression {
namespace {

using serde::Value;
using Kind = Value::Kind;

enum class Part {
  kYear,
  kMonth,
  kDate,
  kDayOfMonth,
  kDayOfWeek,
  kDayOfYear,
  kHours,
  kMinutes,
  kSeconds,
  kMillis
};

int64_t OfTimestamp(Part part, Nanos time, int64_t offset) {
  const CivilTime civil = CivilFromSeconds(time.seconds + offset);
  switch (part) {
    case Part::kYear:
      return civil.year;
    case Part::kMonth:
      return civil.month - 1;
    case Part::kDate:
      return civil.day;
    case Part::kDayOfMonth:
      return civil.day - 1;
    case Part::kDayOfWeek:
      return civil.week_day;
    case Part::kDayOfYear:
      return civil.year_day;
    case Part::kHours:
      return civil.hour;
    case Part::kMinutes:
      return civil.minute;
    case Part::kSeconds:
      return civil.second;
    case Part::kMillis:
      return time.nanos / 1'000'000;
  }
  return 0;
}

// Hours, minutes and seconds are the whole length; milliseconds only the fraction.
bool OfDuration(Part part, Nanos length, int64_t& out) {
  const std::optional<int64_t> total = DurationNanos(length);
  if (!total) return false;
  switch (part) {
    case Part::kHours:
      out = *total / 3'600'000'000'000;
      return true;
    case Part::kMinutes:
      out = *total / 60'000'000'000;
      return true;
    case Part::kSeconds:
      out = *total / 1'000'000'000;
      return true;
    case Part::kMillis:
      out = *total % 1'000'000'000 / 1'000'000;
      return true;
    default:
      return false;
  }
}

template <Part kPart>
Outcome Get(Evaluation& evaluation, Arguments a, Value& out) {
  if (a[0].kind() == Kind::kDuration && a.size() == 1) {
    int64_t part = 0;
    if (!OfDuration(kPart, a[0].time_value(), part)) return Outcome::kNoOverload;
    out = Value::Int(part);
    return Outcome::kOk;
  }
  if (a[0].kind() != Kind::kTimestamp || (a.size() == 2 && a[1].kind() != Kind::kString)) {
    return Outcome::kNoOverload;
  }
  const Nanos time = a[0].time_value();
  int64_t offset = 0;
  if (a.size() == 2) {
    const std::optional<int64_t> found = ZoneOffsetSeconds(a[1].string_value(), time.seconds);
    if (!found) {
      evaluation.Fail("time zone is not known here: " + serde::DebugString(a[1], 80));
      return Outcome::kFailed;
    }
    offset = *found;
  }
  out = Value::Int(OfTimestamp(kPart, time, offset));
  return Outcome::kOk;
}

Outcome FromMillis(Evaluation& evaluation, Arguments a, Value& out) {
  if (a[0].kind() != Kind::kInt) return Outcome::kNoOverload;
  const int64_t millis = a[0].int_value();
  const int64_t rest = (millis % 1000 + 1000) % 1000;
  const Nanos time{(millis - rest) / 1000, static_cast<int32_t>(rest * 1'000'000)};
  if (millis < kMinTimestampSeconds * 1000 || !TimestampInRange(time)) {
    evaluation.Fail("time.from_ms(): out of range (years 1 to 9999): " + std::to_string(millis));
    return Outcome::kFailed;
  }
  out = Value::TimestampOf(time, evaluation.arena());
  return Outcome::kOk;
}

Outcome ToMillis(Evaluation& evaluation, Arguments a, Value& out) {
  if (a[0].kind() != Kind::kTimestamp) return Outcome::kNoOverload;
  const Nanos time = a[0].time_value();
  if (!TimestampInRange(time)) {
    evaluation.Fail("time.to_ms(): out of range (years 1 to 9999)");
    return Outcome::kFailed;
  }
  out = Value::Int(time.seconds * 1000 + time.nanos / 1'000'000);
  return Outcome::kOk;
}

// The zone is the last argument, UTC without one.
std::string_view ZoneOf(Arguments a) { return a.size() == 3 ? a[2].string_value() : "UTC"; }

bool AreStrings(Arguments a) {
  return std::all_of(a.begin(), a.end(), [](const Value& v) { return v.kind() == Kind::kString; });
}

Outcome Parse(Evaluation& evaluation, Arguments a, Value& out) {
  if (!AreStrings(a)) return Outcome::kNoOverload;
  std::string error;
  const auto time = ParseTime(a[0].string_value(), a[1].string_value(), ZoneOf(a), error);
  if (!time) {
    evaluation.Fail("time.parse(" + serde::DebugString(a[0], 60) + ", " +
                    serde::DebugString(a[1], 60) + "): " + error);
    return Outcome::kFailed;
  }
  out = Value::TimestampOf(*time, evaluation.arena());
  return Outcome::kOk;
}

Outcome Format(Evaluation& evaluation, Arguments a, Value& out) {
  if (a[0].kind() != Kind::kTimestamp || !AreStrings(a.subspan(1))) return Outcome::kNoOverload;
  std::string error;
  const auto text = FormatTime(a[0].time_value(), a[1].string_value(), ZoneOf(a), error);
  if (!text) {
    evaluation.Fail("time.format(): " + error);
    return Outcome::kFailed;
  }
  return evaluation.MakeString(*text, out) ? Outcome::kOk : Outcome::kFailed;
}

constexpr Function kFunctions[] = {
    {"getFullYear", CallStyle::kMember, "timestamp -> int | timestamp, string -> int",
     Get<Part::kYear>},
    {"getMonth", CallStyle::kMember, "timestamp -> int | timestamp, string -> int",
     Get<Part::kMonth>},
    {"getDate", CallStyle::kMember, "timestamp -> int | timestamp, string -> int",
     Get<Part::kDate>},
    {"getDayOfMonth", CallStyle::kMember, "timestamp -> int | timestamp, string -> int",
     Get<Part::kDayOfMonth>},
    {"getDayOfWeek", CallStyle::kMember, "timestamp -> int | timestamp, string -> int",
     Get<Part::kDayOfWeek>},
    {"getDayOfYear", CallStyle::kMember, "timestamp -> int | timestamp, string -> int",
     Get<Part::kDayOfYear>},
    {"getHours", CallStyle::kMember,
     "timestamp -> int | timestamp, string -> int | duration -> int", Get<Part::kHours>},
    {"getMinutes", CallStyle::kMember,
     "timestamp -> int | timestamp, string -> int | duration -> int", Get<Part::kMinutes>},
    {"getSeconds", CallStyle::kMember,
     "timestamp -> int | timestamp, string -> int | duration -> int", Get<Part::kSeconds>},
    {"getMilliseconds", CallStyle::kMember,
     "timestamp -> int | timestamp, string -> int | duration -> int", Get<Part::kMillis>},
    {"time.from_ms", CallStyle::kGlobal, "int -> timestamp", FromMillis},
    {"time.to_ms", CallStyle::kGlobal, "timestamp -> int", ToMillis},
    {"time.parse", CallStyle::kGlobal,
     "string, string -> timestamp | string, string, string -> timestamp", Parse},
    {"time.format", CallStyle::kGlobal,
     "timestamp, string -> string | timestamp, string, string -> string", Format},
};

}  // namespace

std::span<const Function> TimeFunctions() { return kFunctions; }

}  // namespace sidestream::expression
