// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// text.format(list) of the strings extension: %s %d %f %e %b %o %x %X, a precision for
// %f and %e.

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <vector>

#include "expression/function.h"
#include "expression/number_text.h"
#include "serde/decimal.h"
#include "serde/json_text.h"

namespace sidestream::expression {
namespace {

using serde::Value;
using Kind = Value::Kind;

// What %s writes; false for what has no text.
bool AppendText(const Value& value, std::string& out) {
  switch (value.kind()) {
    case Kind::kNull:
      out += "null";
      return true;
    case Kind::kBool:
      out += value.bool_value() ? "true" : "false";
      return true;
    case Kind::kInt:
      out += std::to_string(value.int_value());
      return true;
    case Kind::kUint:
      out += std::to_string(value.uint_value());
      return true;
    case Kind::kDouble:
      out += DoubleText(value.double_value());
      return true;
    case Kind::kDecimal:
      out += value.decimal_value().ToText();
      return true;
    case Kind::kBytes:
      if (!serde::IsUtf8(value.string_value())) return false;
      [[fallthrough]];
    case Kind::kString:
    case Kind::kType:
      out += value.string_value();
      return true;
    case Kind::kTimestamp:
      out += TimestampText(value.time_value());
      return true;
    case Kind::kDuration:
      out += DurationText(value.time_value());
      return true;
    case Kind::kList: {
      out += '[';
      for (size_t i = 0; i < value.list().size(); ++i) {
        if (i > 0) out += ", ";
        if (!AppendText(value.list()[i], out)) return false;
      }
      out += ']';
      return true;
    }
    case Kind::kMap: {
      // Sorted by the text of the key: equal maps have equal texts.
      std::vector<std::pair<std::string, std::string>> entries;
      for (const serde::MapEntry& entry : value.map()) {
        auto& [key, text] = entries.emplace_back();
        if (!AppendText(entry.key, key) || !AppendText(entry.value, text)) return false;
      }
      std::sort(entries.begin(), entries.end());
      out += '{';
      for (size_t i = 0; i < entries.size(); ++i) {
        out += (i > 0 ? ", " : "") + entries[i].first + ": " + entries[i].second;
      }
      out += '}';
      return true;
    }
    default:
      return false;
  }
}

// As many places as asked for, half-even as %f has it.
void AppendPlaces(const serde::Decimal& number, int places, std::string& out) {
  const serde::Decimal rounded = number.Rounded(places, serde::Decimal::Rounding::kHalfEven);
  out += rounded.ToText();
  if (places > 0 && rounded.scale() == 0) out += '.';
  out.append(static_cast<size_t>(places - rounded.scale()), '0');
}

bool AppendReal(const Value& value, std::chars_format format, int precision, std::string& out) {
  double real = 0;
  if (value.kind() == Kind::kDouble) {
    real = value.double_value();
  } else if (value.kind() == Kind::kInt) {
    real = static_cast<double>(value.int_value());
  } else if (value.kind() == Kind::kUint) {
    real = static_cast<double>(value.uint_value());
  } else {
    return false;
  }
  if (!std::isfinite(real)) {
    out += DoubleText(real);
    return true;
  }
  // The largest double has 309 digits before the point, the precision 99 behind it.
  char buffer[512];
  out.append(buffer, std::to_chars(buffer, buffer + sizeof(buffer), real, format, precision).ptr);
  return true;
}

bool AppendInteger(const Value& value, int base, std::string& out) {
  char buffer[72];
  char* const end = buffer + sizeof(buffer);
  if (value.kind() == Kind::kInt) {
    out.append(buffer, std::to_chars(buffer, end, value.int_value(), base).ptr);
  } else if (value.kind() == Kind::kUint) {
    out.append(buffer, std::to_chars(buffer, end, value.uint_value(), base).ptr);
  } else {
    return false;
  }
  return true;
}

bool AppendHex(const Value& value, bool upper, std::string& out) {
  std::string digits;
  if (value.kind() == Kind::kString || value.kind() == Kind::kBytes) {
    for (const char c : value.string_value()) {
      digits += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
      digits += "0123456789abcdef"[c & 15];
    }
  } else if (!AppendInteger(value, 16, digits)) {
    return false;
  }
  if (upper) {
    std::transform(digits.begin(), digits.end(), digits.begin(),
                   [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
  }
  out += digits;
  return true;
}

bool AppendClause(char clause, int precision, const Value& value, std::string& out) {
  switch (clause) {
    case 's':
      return AppendText(value, out);
    case 'd':
      if (value.kind() == Kind::kDouble) {
        if (std::isfinite(value.double_value())) return false;
        return AppendText(value, out);
      }
      return AppendInteger(value, 10, out);
    case 'f':
      if (value.kind() == Kind::kDecimal) {
        AppendPlaces(value.decimal_value(), precision, out);
        return true;
      }
      return AppendReal(value, std::chars_format::fixed, precision, out);
    case 'e':
      return AppendReal(value, std::chars_format::scientific, precision, out);
    case 'b':
      if (value.kind() == Kind::kBool) {
        out += value.bool_value() ? '1' : '0';
        return true;
      }
      return AppendInteger(value, 2, out);
    case 'o':
      return AppendInteger(value, 8, out);
    default:
      return AppendHex(value, clause == 'X', out);
  }
}

Outcome Format(Evaluation& evaluation, Arguments a, Value& out) {
  if (a[0].kind() != Kind::kString || a[1].kind() != Kind::kList) return Outcome::kNoOverload;
  const std::string_view pattern = a[0].string_value();
  const Arguments items = a[1].list();
  const auto fail = [&](std::string message) {
    evaluation.Fail("format(): " + std::move(message));
    return Outcome::kFailed;
  };
  std::string text;
  size_t next = 0;
  for (size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] != '%') {
      text += pattern[at];
      continue;
    }
    ++at;
    if (at < pattern.size() && pattern[at] == '%') {
      text += '%';
      continue;
    }
    int precision = 6;
    if (at < pattern.size() && pattern[at] == '.') {
      const size_t digits = pattern.find_first_not_of("0123456789", at + 1);
      const size_t count = digits == std::string_view::npos ? 0 : digits - at - 1;
      if (count == 0 || count > 2) return fail("a precision has one or two digits, as in %.2f");
      precision = std::stoi(std::string(pattern.substr(at + 1, count)));
      at = digits;
    }
    const char clause = at < pattern.size() ? pattern[at] : '%';
    if (std::string_view("sdfeboxX").find(clause) == std::string_view::npos) {
      return fail("unknown clause; known are %s %d %f %e %b %o %x %X and %%");
    }
    if (next == items.size()) {
      return fail("more clauses than the " + std::to_string(items.size()) + " values of the list");
    }
    const Value& value = items[next++];
    if (!AppendClause(clause, precision, value, text)) {
      return fail(std::string("%") + clause + " does not take " + KindText(value));
    }
    if (text.size() > static_cast<size_t>(Evaluation::kMaxBytes)) break;
  }
  return evaluation.MakeString(text, out) ? Outcome::kOk : Outcome::kFailed;
}

constexpr Function kFunctions[] = {
    {"format", CallStyle::kMember, "string, list<A> -> string", Format},
};

}  // namespace

std::span<const Function> FormatFunctions() { return kFunctions; }

}  // namespace sidestream::expression
