// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/json_scalar.h"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string>

#include "serde/utf8.h"

namespace sidestream::serde {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

const char* SkipDigits(const char* at, const char* end) {
  while (at != end && IsDigit(*at)) ++at;
  return at;
}

struct NumberShape {
  bool valid = false;
  bool integer = false;
};

NumberShape ShapeOf(std::string_view token) {
  const char* at = token.data();
  const char* const end = at + token.size();
  if (at != end && *at == '-') ++at;
  const char* const digits = at;
  at = SkipDigits(at, end);
  if (at == digits || (*digits == '0' && at - digits > 1)) return {};
  if (at == end) return {.valid = true, .integer = true};
  if (*at == '.') {
    const char* const fraction = ++at;
    at = SkipDigits(at, end);
    if (at == fraction) return {};
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at != end && (*at == '+' || *at == '-')) ++at;
    const char* const exponent = at;
    at = SkipDigits(at, end);
    if (at == exponent) return {};
  }
  return {.valid = at == end};
}

Value ParseDouble(std::string_view token) {
  double value = 0;
  const auto result = std::from_chars(token.data(), token.data() + token.size(), value);
  if (result.ec == std::errc()) return Value::Double(value);
  // from_chars does not say whether the number is too large or too small; strtod does.
  const std::string terminated(token);
  value = std::strtod(terminated.c_str(), nullptr);
  if (value > 1 || value < -1) return Value::Null();
  return Value::Double(value);
}

template <typename T>
std::optional<T> ParseInteger(std::string_view token) {
  T value = 0;
  const auto result = std::from_chars(token.data(), token.data() + token.size(), value);
  if (result.ec != std::errc()) return std::nullopt;
  return value;
}

std::optional<uint32_t> ParseHex4(std::string_view digits) {
  if (digits.size() < 4) return std::nullopt;
  uint32_t value = 0;
  for (const char c : digits.substr(0, 4)) {
    uint32_t digit = 0;
    if (IsDigit(c)) {
      digit = static_cast<uint32_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<uint32_t>(c - 'a' + 10);
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<uint32_t>(c - 'A' + 10);
    } else {
      return std::nullopt;
    }
    value = value << 4 | digit;
  }
  return value;
}

// The code point of "uXXXX" or "uXXXX\uXXXX" at the start of `rest`, and how many bytes that took.
std::optional<uint32_t> ParseUnicodeEscape(std::string_view rest, size_t& taken) {
  const std::optional<uint32_t> unit = ParseHex4(rest.substr(1));
  if (!unit.has_value()) return std::nullopt;
  taken = 5;
  if (*unit < 0xd800 || *unit > 0xdfff) return unit;
  // Half of a pair alone would not be UTF-8.
  if (*unit > 0xdbff || !rest.substr(5).starts_with("\\u")) return std::nullopt;
  const std::optional<uint32_t> low = ParseHex4(rest.substr(7));
  if (!low.has_value() || *low < 0xdc00 || *low > 0xdfff) return std::nullopt;
  taken = 11;
  return 0x10000 + ((*unit - 0xd800) << 10) + (*low - 0xdc00);
}

char SimpleEscape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

}  // namespace

Value ParseJsonNumber(std::string_view token) {
  // Most numbers are short integers.
  if (!token.empty() && token.size() <= 18) {
    const bool negative = token[0] == '-';
    const std::string_view digits = token.substr(negative ? 1 : 0);
    int64_t value = 0;
    size_t i = 0;
    while (i < digits.size() && IsDigit(digits[i])) value = value * 10 + (digits[i++] - '0');
    if (i == digits.size() && i > 0 && (digits[0] != '0' || i == 1)) {
      return Value::Int(negative ? -value : value);
    }
  }
  const NumberShape shape = ShapeOf(token);
  if (!shape.valid) return {};
  if (shape.integer) {
    if (const auto value = ParseInteger<int64_t>(token)) return Value::Int(*value);
    if (token[0] != '-') {
      if (const auto value = ParseInteger<uint64_t>(token)) return Value::Uint(*value);
    }
  }
  return ParseDouble(token);
}

bool IsJsonNumber(std::string_view token) { return ShapeOf(token).valid; }

Value ParseJsonLiteral(std::string_view token) {
  if (token == "true") return Value::Bool(true);
  if (token == "false") return Value::Bool(false);
  if (token == "null") return Value::Null();
  return {};
}

std::optional<std::string_view> UnescapeJsonString(std::string_view raw, Arena& arena,
                                                   size_t& bad_position) {
  if (raw.empty()) return std::string_view("", 0);
  const char* const begin = raw.data();
  const char* const end = begin + raw.size();
  const char* at = static_cast<const char*>(std::memchr(begin, '\\', raw.size()));
  if (at == nullptr) return raw;
  // No escape is shorter than what it stands for.
  char* const text = static_cast<char*>(arena.Allocate(raw.size(), 1));
  char* out = text;
  const char* copied = begin;
  while (at != nullptr) {
    std::memcpy(out, copied, static_cast<size_t>(at - copied));
    out += at - copied;
    const std::string_view rest(at + 1, static_cast<size_t>(end - at - 1));
    bad_position = static_cast<size_t>(at - begin);
    if (rest.empty()) return std::nullopt;
    size_t taken = 1;
    if (rest[0] == 'u') {
      const std::optional<uint32_t> code_point = ParseUnicodeEscape(rest, taken);
      if (!code_point.has_value()) return std::nullopt;
      out = PutUtf8(*code_point, out);
    } else {
      const char c = SimpleEscape(rest[0]);
      if (c == 0) return std::nullopt;
      *out++ = c;
    }
    copied = at + 1 + taken;
    at = static_cast<const char*>(std::memchr(copied, '\\', static_cast<size_t>(end - copied)));
  }
  std::memcpy(out, copied, static_cast<size_t>(end - copied));
  out += end - copied;
  return std::string_view(text, static_cast<size_t>(out - text));
}

}  // namespace sidestream::serde
