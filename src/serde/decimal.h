// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Decimal: an exact number of up to 38 digits, of which up to 127 places stand behind the
// point. It keeps the places that it was written with ("1.50"), as amounts of money want it.
//
// + - * are exact: a result that needs more digits or places than there are is an error, after
// zeros behind the point were given up. / rounds half-even at 34 digits, as IEEE 754's
// decimal128 does, and keeps no more places than an exact quotient needs.
//
// Threading: values.

#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sidestream::serde {

__extension__ using Int128 = __int128;

class Decimal {
 public:
  static constexpr int kMaxDigits = 38;
  static constexpr int kMaxScale = 127;
  static constexpr int kDivisionDigits = 34;

  enum class Rounding : uint8_t { kFloor, kCeil, kTruncate, kHalfAway, kHalfEven };

  constexpr Decimal() = default;  // 0
  static Decimal Of(int64_t value) { return Decimal(value, 0); }
  static Decimal Of(uint64_t value) { return Decimal(value, 0); }
  /// unscaled * 10^-scale; empty beyond the bounds.
  static std::optional<Decimal> Of(Int128 unscaled, int scale);
  /// A sign, digits with at most one point, an exponent: "12", "-0.50", "1.5e3". Empty when it is
  /// something else or beyond the bounds.
  static std::optional<Decimal> Parse(std::string_view text);

  Int128 unscaled() const { return unscaled_; }
  int scale() const { return scale_; }
  bool zero() const { return unscaled_ == 0; }
  int sign() const { return (unscaled_ > 0) - (unscaled_ < 0); }

  /// Empty beyond the bounds.
  static std::optional<Decimal> Add(const Decimal& a, const Decimal& b);
  static std::optional<Decimal> Subtract(const Decimal& a, const Decimal& b);
  static std::optional<Decimal> Multiply(const Decimal& a, const Decimal& b);
  /// Requires b that is not zero.
  static std::optional<Decimal> Divide(const Decimal& a, const Decimal& b);
  Decimal Negated() const { return Decimal(-unscaled_, scale_); }
  /// With at most `places` behind the point. Requires places >= 0.
  Decimal Rounded(int places, Rounding rounding) const;

  /// By value: 1.50 equals 1.5.
  friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b);
  friend bool operator==(const Decimal& a, const Decimal& b) { return (a <=> b) == 0; }

  /// "-12.50": digits and point only, never an exponent.
  std::string ToText() const;
  double ToDouble() const;
  /// The whole part; empty when it does not fit 64 bits.
  std::optional<int64_t> ToInt() const;

 private:
  constexpr Decimal(Int128 unscaled, int scale) : unscaled_(unscaled), scale_(scale) {}

  Int128 unscaled_ = 0;
  int32_t scale_ = 0;
};

}  // namespace sidestream::serde
