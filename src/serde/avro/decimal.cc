// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/avro/decimal.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

#include "serde/avro/schema.h"

namespace sidestream::serde::avro {
namespace {

constexpr uint32_t kLimb = 1'000'000'000;

constexpr size_t BytesFor(int precision) {
  return static_cast<size_t>((precision * 3.3219280949 + 1) / 8) + 1;
}

// Nine decimal digits each, the least significant first.
using Limbs = std::array<uint32_t, kMaxDecimalPrecision / 9 + 8>;

/// `limbs` of `used` becomes limbs * factor + addend.
void MultiplyAdd(Limbs& limbs, size_t& used, uint32_t factor, uint32_t addend) {
  uint64_t carry = addend;
  for (size_t i = 0; i < used; ++i) {
    carry += uint64_t{limbs[i]} * factor;
    limbs[i] = static_cast<uint32_t>(carry % kLimb);
    carry /= kLimb;
  }
  if (carry != 0) limbs[used++] = static_cast<uint32_t>(carry);
}

std::string Digits(std::string_view bytes, bool negative) {
  Limbs limbs;
  size_t used = 0;
  // The magnitude of a negative number is its complement plus one.
  for (const char c : bytes) {
    const auto byte = static_cast<uint8_t>(c);
    MultiplyAdd(limbs, used, 256, negative ? static_cast<uint8_t>(~byte) : byte);
  }
  if (negative) MultiplyAdd(limbs, used, 1, 1);
  std::string digits;
  for (size_t i = used; i-- > 0;) {
    char part[16];
    std::snprintf(part, sizeof part, i + 1 == used ? "%u" : "%09u", limbs[i]);
    digits += part;
  }
  return digits;
}

/// `digits` as a magnitude in base 256, most significant byte first.
std::string Magnitude(std::string_view digits) {
  std::string reversed;
  for (const char digit : digits) {
    auto carry = static_cast<uint32_t>(digit - '0');
    for (char& c : reversed) {
      carry += uint32_t{static_cast<uint8_t>(c)} * 10;
      c = static_cast<char>(carry);
      carry >>= 8;
    }
    if (carry != 0) reversed.push_back(static_cast<char>(carry));
  }
  std::reverse(reversed.begin(), reversed.end());
  return reversed;
}

bool HighBit(const std::string& bytes) {
  return !bytes.empty() && (static_cast<uint8_t>(bytes[0]) & 0x80) != 0;
}

std::string TwosComplement(std::string magnitude, bool negative) {
  if (magnitude.empty()) return std::string(1, '\0');
  if (!negative) {
    if (HighBit(magnitude)) magnitude.insert(0, 1, '\0');
    return magnitude;
  }
  uint32_t carry = 1;
  for (size_t i = magnitude.size(); i-- > 0;) {
    carry += static_cast<uint8_t>(~static_cast<uint8_t>(magnitude[i]));
    magnitude[i] = static_cast<char>(carry);
    carry >>= 8;
  }
  if (!HighBit(magnitude)) magnitude.insert(0, 1, '\xff');
  return magnitude;
}

bool IsDigits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<Decimal> ReadDecimal(std::string_view bytes, int precision, int scale) {
  const bool negative = !bytes.empty() && (static_cast<uint8_t>(bytes[0]) & 0x80) != 0;
  const char sign_byte = negative ? '\xff' : '\0';
  while (!bytes.empty() && bytes[0] == sign_byte) bytes.remove_prefix(1);
  if (bytes.size() > BytesFor(precision)) return std::nullopt;
  if (bytes.size() < sizeof(Int128)) {
    Int128 number = negative ? -1 : 0;
    for (const char c : bytes) number = number * 256 + static_cast<uint8_t>(c);
    return Decimal::Of(number, scale);
  }
  // So many places may be zeros in part: 1 with 60 places has 61 digits.
  std::string digits = Digits(bytes, negative);
  while (scale > 0 && digits.ends_with('0')) {
    digits.pop_back();
    --scale;
  }
  return Decimal::Parse((negative ? "-" : "") + digits + "e-" + std::to_string(scale));
}

std::optional<std::string> DecimalBytes(std::string_view text, int precision, int scale) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const size_t point = std::min(text.find('.'), text.size());
  std::string_view whole = text.substr(0, point);
  std::string_view fraction = text.substr(std::min(point + 1, text.size()));
  if (whole.empty() && fraction.empty()) return std::nullopt;
  if (!IsDigits(whole) || !IsDigits(fraction)) return std::nullopt;
  while (whole.starts_with('0')) whole.remove_prefix(1);
  while (fraction.ends_with('0')) fraction.remove_suffix(1);
  const auto places = static_cast<size_t>(scale);
  if (fraction.size() > places || whole.size() > static_cast<size_t>(precision - scale)) {
    return std::nullopt;
  }
  std::string digits(whole);
  digits += fraction;
  digits.append(places - fraction.size(), '0');
  return TwosComplement(Magnitude(digits), negative);
}

}  // namespace sidestream::serde::avro
