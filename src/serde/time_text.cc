// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

// Timestamps and durations as text: the time part of json_text.h.

#include <array>
#include <chrono>
#include <limits>
#include <string>

#include "serde/json_text.h"

namespace sidestream::serde {
namespace {

constexpr int64_t kSecondsPerDay = 86'400;
constexpr int64_t kFirstSecond = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr int64_t kLastSecond = 253'402'300'799;   // 9999-12-31T23:59:59Z
constexpr int32_t kNanosPerSecond = 1'000'000'000;

// Cuts a text from its front; what does not fit leaves ok() false.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool ok() const { return ok_; }
  bool empty() const { return rest_.empty(); }
  std::string_view Rest() const { return rest_; }
  char Head() const { return rest_.empty() ? '\0' : rest_[0]; }

  // Exactly `count` digits.
  int Digits(size_t count) {
    if (rest_.size() < count) return Bad();
    int value = 0;
    for (size_t i = 0; i < count; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return Bad();
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

  void Fail() { ok_ = false; }

  void Expect(char c) {
    if (!Accept(c)) ok_ = false;
  }

  bool Accept(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool Accept(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  // One to nine digits behind a point, as nanoseconds.
  int32_t Fraction() {
    int32_t nanos = 0;
    size_t count = 0;
    while (Head() >= '0' && Head() <= '9' && count < 9) {
      nanos = nanos * 10 + (Head() - '0');
      rest_.remove_prefix(1);
      ++count;
    }
    if (count == 0) return Bad();
    for (; count < 9; ++count) nanos *= 10;
    return nanos;
  }

 private:
  int Bad() {
    ok_ = false;
    return 0;
  }

  std::string_view rest_;
  bool ok_ = true;
};

void AppendPadded(int64_t value, size_t width, std::string& out) {
  const std::string digits = std::to_string(value);
  if (digits.size() < width) out.append(width - digits.size(), '0');
  out += digits;
}

// Nothing, or 3, 6 or 9 digits: protobuf's JSON mapping.
void AppendFraction(int32_t nanos, std::string& out) {
  if (nanos == 0) return;
  out += '.';
  if (nanos % 1'000'000 == 0) {
    AppendPadded(nanos / 1'000'000, 3, out);
  } else if (nanos % 1'000 == 0) {
    AppendPadded(nanos / 1'000, 6, out);
  } else {
    AppendPadded(nanos, 9, out);
  }
}

// "Z", "+01:00"; seconds east of Greenwich. RFC 3339 wants the colon.
int64_t ParseOffset(Scanner& scan) {
  if (scan.Accept('Z') || scan.Accept('z')) return 0;
  const bool negative = scan.Head() == '-';
  if (!scan.Accept('-')) scan.Expect('+');
  const int hours = scan.Digits(2);
  scan.Expect(':');
  const int minutes = scan.Digits(2);
  if (hours > 23 || minutes > 59) scan.Fail();
  const int64_t seconds = hours * 3600 + minutes * 60;
  return negative ? -seconds : seconds;
}

struct Unit {
  std::string_view name;
  int64_t nanos;
};
// Longer names first: "ms" is not "m".
constexpr std::array<Unit, 7> kUnits = {{{"ms", 1'000'000},
                                         {"us", 1'000},
                                         {"µs", 1'000},
                                         {"ns", 1},
                                         {"h", 3'600'000'000'000},
                                         {"m", 60'000'000'000},
                                         {"s", 1'000'000'000}}};

// Wide enough for any sum that is checked after each step.
__extension__ using Wide = __int128;
constexpr Wide kLongestNanos = Wide{std::numeric_limits<int64_t>::max()} * kNanosPerSecond;

// "1.5h": the number and its unit, in nanoseconds; digits below a nanosecond are dropped.
std::optional<Wide> ParseTerm(Scanner& scan) {
  Wide whole = 0;
  Wide fraction = 0;
  Wide scale = 1;
  size_t digits = 0;
  for (; scan.Head() >= '0' && scan.Head() <= '9'; ++digits) {
    whole = whole * 10 + scan.Digits(1);
    if (whole > std::numeric_limits<int64_t>::max()) return std::nullopt;
  }
  if (scan.Accept('.')) {
    for (; scan.Head() >= '0' && scan.Head() <= '9'; ++digits) {
      const int digit = scan.Digits(1);
      if (scale < 1'000'000'000'000'000) {
        fraction = fraction * 10 + digit;
        scale *= 10;
      }
    }
  }
  if (digits == 0) return std::nullopt;
  for (const Unit& unit : kUnits) {
    if (scan.Accept(unit.name)) return whole * unit.nanos + fraction * unit.nanos / scale;
  }
  return std::nullopt;
}

}  // namespace

Status AppendTimestamp(Nanos since_epoch, std::string& out) {
  if (since_epoch.seconds < kFirstSecond || since_epoch.seconds > kLastSecond) {
    return Status::BadRecord("timestamp outside of the years 1 to 9999: " +
                             std::to_string(since_epoch.seconds) + " s since 1970");
  }
  int64_t days = since_epoch.seconds / kSecondsPerDay;
  int64_t rest = since_epoch.seconds % kSecondsPerDay;
  if (rest < 0) {
    rest += kSecondsPerDay;
    --days;
  }
  const std::chrono::year_month_day date{
      std::chrono::sys_days{std::chrono::days{static_cast<int>(days)}}};
  AppendPadded(static_cast<int>(date.year()), 4, out);
  out += '-';
  AppendPadded(static_cast<unsigned>(date.month()), 2, out);
  out += '-';
  AppendPadded(static_cast<unsigned>(date.day()), 2, out);
  out += 'T';
  AppendPadded(rest / 3600, 2, out);
  out += ':';
  AppendPadded(rest / 60 % 60, 2, out);
  out += ':';
  AppendPadded(rest % 60, 2, out);
  AppendFraction(since_epoch.nanos, out);
  out += 'Z';
  return Status::Ok();
}

std::optional<Nanos> ParseTimestamp(std::string_view text) {
  Scanner scan(text);
  const int year = scan.Digits(4);
  scan.Expect('-');
  const int month = scan.Digits(2);
  scan.Expect('-');
  const int day = scan.Digits(2);
  if (!scan.Accept('T') && !scan.Accept('t')) scan.Expect(' ');
  const int hour = scan.Digits(2);
  scan.Expect(':');
  const int minute = scan.Digits(2);
  scan.Expect(':');
  const int second = scan.Digits(2);
  const int32_t nanos = scan.Accept('.') ? scan.Fraction() : 0;
  const int64_t offset = ParseOffset(scan);
  if (!scan.ok() || !scan.empty() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  const int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const int64_t seconds = days * kSecondsPerDay + hour * 3600 + minute * 60 + second - offset;
  if (seconds < kFirstSecond || seconds > kLastSecond) return std::nullopt;
  return Nanos{seconds, nanos};
}

void AppendDuration(Nanos length, std::string& out) {
  int64_t seconds = length.seconds;
  int32_t nanos = length.nanos;
  // -0.5 s is held as -1 s + 500'000'000 ns.
  const bool negative = seconds < 0;
  if (negative && nanos > 0) {
    ++seconds;
    nanos = kNanosPerSecond - nanos;
  }
  if (negative) out += '-';
  const uint64_t magnitude =
      negative ? ~static_cast<uint64_t>(seconds) + 1 : static_cast<uint64_t>(seconds);
  out += std::to_string(magnitude);
  AppendFraction(nanos, out);
  out += 's';
}

std::optional<Nanos> ParseDuration(std::string_view text) {
  Scanner scan(text);
  const bool negative = scan.Accept('-');
  if (!negative) (void)scan.Accept('+');
  if (scan.Rest() == "0") return Nanos{};
  if (scan.empty()) return std::nullopt;
  Wide total = 0;
  while (!scan.empty()) {
    const std::optional<Wide> term = ParseTerm(scan);
    if (!term.has_value()) return std::nullopt;
    total += *term;
    if (total > kLongestNanos) return std::nullopt;
  }
  if (negative) total = -total;
  Wide seconds = total / kNanosPerSecond;
  Wide nanos = total % kNanosPerSecond;
  if (nanos < 0) {
    nanos += kNanosPerSecond;
    --seconds;
  }
  return Nanos{static_cast<int64_t>(seconds), static_cast<int32_t>(nanos)};
}

}  // namespace sidestream::serde
