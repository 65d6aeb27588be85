// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "expression/number_text.h"

#include <charconv>
#include <cmath>

#include "expression/time_arithmetic.h"

namespace sidestream::expression {
namespace {

void AppendPadded(int64_t number, size_t width, std::string& out) {
  const std::string digits = std::to_string(number);
  if (digits.size() < width) out.append(width - digits.size(), '0');
  out += digits;
}

void AppendFraction(int64_t nanos, std::string& out) {
  if (nanos == 0) return;
  out += '.';
  AppendPadded(nanos, 9, out);
  out.erase(out.find_last_not_of('0') + 1);
}

}  // namespace

std::string DoubleText(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  char buffer[64];
  return {buffer, std::to_chars(buffer, buffer + sizeof(buffer), value).ptr};
}

std::string TimestampText(serde::Nanos timestamp) {
  const CivilTime civil = CivilFromSeconds(timestamp.seconds);
  std::string out;
  AppendPadded(civil.year, 4, out);
  out += '-';
  AppendPadded(civil.month, 2, out);
  out += '-';
  AppendPadded(civil.day, 2, out);
  out += 'T';
  AppendPadded(civil.hour, 2, out);
  out += ':';
  AppendPadded(civil.minute, 2, out);
  out += ':';
  AppendPadded(civil.second, 2, out);
  AppendFraction(timestamp.nanos, out);
  return out + 'Z';
}

std::string DurationText(serde::Nanos duration) {
  int64_t seconds = duration.seconds;
  int64_t nanos = duration.nanos;
  std::string out;
  if (seconds < 0) {
    // -1.5 s is held as -2 s and 0.5 s.
    out += '-';
    if (nanos > 0) {
      seconds += 1;
      nanos = 1'000'000'000 - nanos;
    }
    seconds = -seconds;
  }
  out += std::to_string(seconds);
  AppendFraction(nanos, out);
  return out + 's';
}

}  // namespace sidestream::expression
