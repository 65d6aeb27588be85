// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "expression/time_pattern.h"

#include <algorithm>
#include <cstdint>

#include "expression/time_zone.h"

namespace sidestream::expression {
namespace {

constexpr std::string_view kMonths[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
constexpr std::string_view kDays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                      "Thursday", "Friday", "Saturday"};

// The next part of a pattern: a conversion ('\0': a plain character).
struct Part {
  char conversion = '\0';
  char plain = '\0';
  int digits = 0;  // of %3f, %6f, %9f; 0 for %f
};

// Patterns that stand for others.
std::string_view Long(char conversion) {
  switch (conversion) {
    case 'F':
      return "%Y-%m-%d";
    case 'T':
      return "%H:%M:%S";
    case 'R':
      return "%H:%M";
    case 'D':
      return "%m/%d/%y";
    default:
      return {};
  }
}

// Takes a part off `pattern`; false with `error` when it is none. Requires a rest.
bool NextPart(std::string_view& pattern, Part& part, std::string& error) {
  part = {};
  const char c = pattern[0];
  pattern.remove_prefix(1);
  if (c != '%') {
    part.plain = c;
    return true;
  }
  if (pattern.size() >= 2 && pattern[1] == 'f' &&
      (pattern[0] == '3' || pattern[0] == '6' || pattern[0] == '9')) {
    part.conversion = 'f';
    part.digits = pattern[0] - '0';
    pattern.remove_prefix(2);
    return true;
  }
  part.conversion = pattern.empty() ? '\0' : pattern[0];
  if (std::string_view("YymdejHIMSfpbBaAzsFTRDnt%").find(part.conversion) ==
      std::string_view::npos) {
    error = "the pattern has '%" + std::string(pattern.substr(0, 1)) +
            "'; known are %Y %m %d %H %M %S %f %3f %6f %9f %y %e %j %b %B %a %A %I %p %z %s %F %T "
            "%R %D %n %t %%";
    return false;
  }
  pattern.remove_prefix(1);
  if (std::string_view("nt%").find(part.conversion) != std::string_view::npos) {
    part.plain = part.conversion == 'n' ? '\n' : part.conversion == 't' ? '\t' : '%';
    part.conversion = '\0';
  }
  return true;
}

class Reader {
 public:
  Reader(std::string_view text, std::string& error) : rest_(text), error_(error) {}

  bool Read(std::string_view pattern) {
    while (!pattern.empty()) {
      Part part;
      if (!NextPart(pattern, part, error_)) return false;
      const std::string_view whole = Long(part.conversion);
      if (!(whole.empty() ? Take(part) : Read(whole))) return false;
    }
    return true;
  }

  std::optional<Nanos> Finish(std::string_view zone) {
    if (!rest_.empty()) return Fail("text behind what the pattern takes");
    if (epoch_) return Checked(*epoch_);
    if (twelve_) {
      if (hour_ < 1 || hour_ > 12) return Fail("an hour with %I is 1 to 12");
      hour_ = hour_ % 12 + (*twelve_ ? 12 : 0);
    }
    if (year_ < 1 || year_ > 9999) return Fail("a year is 1 to 9999");
    const int64_t first = DaysFromCivil(year_, 1, 1);
    const int64_t days =
        year_day_ > 0 ? first + year_day_ - 1
                      : DaysFromCivil(year_, static_cast<int>(month_), static_cast<int>(day_));
    const CivilTime back = CivilFromSeconds(days * 86'400);
    if (back.year != year_ || (year_day_ == 0 && (back.month != month_ || back.day != day_)))
      return Fail("there is no such day");
    const int64_t local = days * 86'400 + hour_ * 3'600 + minute_ * 60 + second_;
    if (offset_) return Checked(local - *offset_);
    return InZone(local, zone);
  }

 private:
  std::nullopt_t Fail(std::string reason) {
    error_ = std::move(reason);
    return std::nullopt;
  }

  std::optional<Nanos> Checked(int64_t seconds) {
    const Nanos time{seconds, nanos_};
    if (TimestampInRange(time)) return time;
    return Fail("out of range (years 1 to 9999)");
  }

  // The clock of a zone changes at most once within a day before and a day behind.
  std::optional<Nanos> InZone(int64_t local, std::string_view zone) {
    const std::optional<int64_t> before = ZoneOffsetSeconds(zone, local - 86'400);
    const std::optional<int64_t> after = ZoneOffsetSeconds(zone, local + 86'400);
    if (!before || !after) return Fail("time zone is not known here: " + std::string(zone));
    if (ZoneOffsetSeconds(zone, local - *before) == before) return Checked(local - *before);
    if (ZoneOffsetSeconds(zone, local - *after) == after) return Checked(local - *after);
    return Checked(local - *before);
  }

  // Up to `most` digits, between the bounds.
  bool Number(int most, int64_t low, int64_t high, std::string_view what, int64_t& out) {
    int taken = 0;
    out = 0;
    while (taken < most && !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9') {
      out = out * 10 + (rest_[0] - '0');
      rest_.remove_prefix(1);
      ++taken;
    }
    if (taken > 0 && out >= low && out <= high) return true;
    Fail(std::string(what) + " expected");
    return false;
  }

  static char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

  bool Accept(std::string_view word) {
    if (rest_.size() < word.size()) return false;
    for (size_t i = 0; i < word.size(); ++i) {
      if (Lower(rest_[i]) != Lower(word[i])) return false;
    }
    rest_.remove_prefix(word.size());
    return true;
  }

  // A name in full, else its first three letters.
  bool Name(std::span<const std::string_view> names, std::string_view what, int64_t& index) {
    for (const bool full : {true, false}) {
      for (size_t i = 0; i < names.size(); ++i) {
        if (!Accept(full ? names[i] : names[i].substr(0, 3))) continue;
        index = static_cast<int64_t>(i);
        return true;
      }
    }
    Fail(std::string(what) + " expected");
    return false;
  }

  bool Fraction(int digits) {
    const size_t size = rest_.size();
    int64_t fraction = 0;
    if (!Number(digits == 0 ? 9 : digits, 0, 999'999'999, "a fraction", fraction)) return false;
    const auto taken = static_cast<int>(size - rest_.size());
    if (digits != 0 && taken != digits) {
      Fail("a fraction of " + std::to_string(digits) + " digits expected");
      return false;
    }
    for (int i = taken; i < 9; ++i) fraction *= 10;
    nanos_ = static_cast<int32_t>(fraction);
    return true;
  }

  bool Offset() {
    if (Accept("Z")) {
      offset_ = 0;
      return true;
    }
    const bool east = Accept("+");
    int64_t hours = 0;
    int64_t minutes = 0;
    if (!east && !Accept("-")) {
      Fail("an offset as +01:00 expected");
      return false;
    }
    if (!Number(2, 0, 23, "the hours of an offset", hours)) return false;
    Accept(":");
    if (!Number(2, 0, 59, "the minutes of an offset", minutes)) return false;
    offset_ = (east ? 1 : -1) * (hours * 3'600 + minutes * 60);
    return true;
  }

  bool Epoch() {
    const bool negative = Accept("-");
    int64_t seconds = 0;
    if (!Number(12, 0, kMaxTimestampSeconds, "seconds since 1970", seconds)) return false;
    epoch_ = negative ? -seconds : seconds;
    return true;
  }

  bool Take(const Part& part) {
    int64_t unused = 0;
    switch (part.conversion) {
      case '\0':
        if (!rest_.empty() && rest_[0] == part.plain) {
          rest_.remove_prefix(1);
          return true;
        }
        Fail("'" + std::string(1, part.plain) + "' expected");
        return false;
      case 'Y':
        return Number(4, 1, 9999, "a year", year_);
      case 'y':
        if (!Number(2, 0, 99, "a year of two digits", year_)) return false;
        year_ += year_ < 69 ? 2000 : 1900;  // as POSIX has it
        return true;
      case 'm':
        return Number(2, 1, 12, "a month", month_);
      case 'e':
        Accept(" ");
        [[fallthrough]];
      case 'd':
        return Number(2, 1, 31, "a day", day_);
      case 'j':
        return Number(3, 1, 366, "a day of the year", year_day_);
      case 'H':
        return Number(2, 0, 23, "an hour", hour_);
      case 'I':
        if (!twelve_) twelve_ = false;
        return Number(2, 1, 12, "an hour", hour_);
      case 'M':
        return Number(2, 0, 59, "a minute", minute_);
      case 'S':
        return Number(2, 0, 59, "a second", second_);
      case 'f':
        return Fraction(part.digits);
      case 'p':
        if (Accept("AM")) {
          twelve_ = false;
        } else if (Accept("PM")) {
          twelve_ = true;
        } else {
          Fail("AM or PM expected");
          return false;
        }
        return true;
      case 'b':
      case 'B':
        if (!Name(kMonths, "a month's name", month_)) return false;
        ++month_;
        return true;
      case 'a':
      case 'A':
        return Name(kDays, "a day's name", unused);
      case 'z':
        return Offset();
      default:
        return Epoch();
    }
  }

  std::string_view rest_;
  std::string& error_;
  int64_t year_ = 1970;
  int64_t month_ = 1;
  int64_t day_ = 1;
  int64_t year_day_ = 0;  // 0: not given
  int64_t hour_ = 0;
  int64_t minute_ = 0;
  int64_t second_ = 0;
  int32_t nanos_ = 0;
  std::optional<bool> twelve_;  // hours of a clock of twelve; true: after noon
  std::optional<int64_t> offset_;
  std::optional<int64_t> epoch_;
};

std::string Padded(int64_t number, size_t width, char fill = '0') {
  std::string digits = std::to_string(number);
  if (digits.size() < width) digits.insert(0, width - digits.size(), fill);
  return digits;
}

struct LocalTime {
  Nanos time;
  CivilTime civil;
  int64_t offset = 0;
};

std::string OffsetText(int64_t offset) {
  const int64_t minutes = std::abs(offset) / 60;
  return (offset < 0 ? "-" : "+") + Padded(minutes / 60, 2) + Padded(minutes % 60, 2);
}

std::string TextOf(const Part& part, const LocalTime& at) {
  const CivilTime& civil = at.civil;
  switch (part.conversion) {
    case '\0':
      return std::string(1, part.plain);
    case 'Y':
      return Padded(civil.year, 4);
    case 'y':
      return Padded(civil.year % 100, 2);
    case 'm':
      return Padded(civil.month, 2);
    case 'd':
      return Padded(civil.day, 2);
    case 'e':
      return Padded(civil.day, 2, ' ');
    case 'j':
      return Padded(civil.year_day + 1, 3);
    case 'H':
      return Padded(civil.hour, 2);
    case 'I':
      return Padded((civil.hour + 11) % 12 + 1, 2);
    case 'M':
      return Padded(civil.minute, 2);
    case 'S':
      return Padded(civil.second, 2);
    case 'f':
      return Padded(at.time.nanos, 9).substr(0, part.digits == 0 ? 6 : part.digits);
    case 'p':
      return civil.hour < 12 ? "AM" : "PM";
    case 'b':
      return std::string(kMonths[civil.month - 1].substr(0, 3));
    case 'B':
      return std::string(kMonths[civil.month - 1]);
    case 'a':
      return std::string(kDays[civil.week_day].substr(0, 3));
    case 'A':
      return std::string(kDays[civil.week_day]);
    case 'z':
      return OffsetText(at.offset);
    default:
      return std::to_string(at.time.seconds);
  }
}

bool Write(const LocalTime& at, std::string_view pattern, std::string& out, std::string& error) {
  while (!pattern.empty()) {
    Part part;
    if (!NextPart(pattern, part, error)) return false;
    const std::string_view whole = Long(part.conversion);
    if (!whole.empty()) {
      if (!Write(at, whole, out, error)) return false;
    } else {
      out += TextOf(part, at);
    }
  }
  return true;
}

}  // namespace

std::optional<Nanos> ParseTime(std::string_view text, std::string_view pattern,
                               std::string_view zone, std::string& error) {
  Reader reader(text, error);
  if (!reader.Read(pattern)) return std::nullopt;
  return reader.Finish(zone);
}

std::optional<std::string> FormatTime(Nanos time, std::string_view pattern, std::string_view zone,
                                      std::string& error) {
  const std::optional<int64_t> offset = ZoneOffsetSeconds(zone, time.seconds);
  if (!offset) {
    error = "time zone is not known here: " + std::string(zone);
    return std::nullopt;
  }
  std::string text;
  if (!Write({time, CivilFromSeconds(time.seconds + *offset), *offset}, pattern, text, error))
    return std::nullopt;
  return text;
}

}  // namespace sidestream::expression
