// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/decimal.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace sidestream::serde {
namespace {

__extension__ using Uint128 = unsigned __int128;

constexpr std::array<Int128, Decimal::kMaxDigits + 1> kPowers = [] {
  std::array<Int128, Decimal::kMaxDigits + 1> powers{};
  powers[0] = 1;
  for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();
constexpr Int128 kLimit = kPowers[Decimal::kMaxDigits];  // no number has this many digits

bool Fits(Int128 number) { return number < kLimit && number > -kLimit; }

// number * 10^places; false beyond the digits. Requires places >= 0.
bool Shift(Int128& number, int places) {
  if (number == 0) return true;
  if (places > Decimal::kMaxDigits) return false;
  Int128 shifted = 0;
  if (__builtin_mul_overflow(number, kPowers[static_cast<size_t>(places)], &shifted)) return false;
  number = shifted;
  return Fits(number);
}

// Gives up zeros behind the point, down to `scale` places.
void DropZeros(Int128& number, int& scale, int least) {
  while (scale > least && number % 10 == 0) {
    number /= 10;
    --scale;
  }
}

std::optional<Decimal> Sum(Int128 a, int a_scale, Int128 b, int b_scale) {
  const int scale = std::max(a_scale, b_scale);
  if (!Shift(a, scale - a_scale) || !Shift(b, scale - b_scale)) return std::nullopt;
  Int128 sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return Decimal::Of(sum, scale);
}

struct Division {
  Uint128 quotient = 0;
  Uint128 rest = 0;
};

// 2 * value modulo divisor, and whether the divisor went in. Requires value < divisor < 2^127.
bool Double(Uint128& value, Uint128 divisor) {
  value *= 2;
  if (value < divisor) return false;
  value -= divisor;
  return true;
}

// The next digit of a long division: 10 * rest, of which no 128 bits are sure to hold the product.
void NextDigit(Division& division, Uint128 divisor) {
  const Uint128 once = division.rest;
  Uint128 rest = once;
  unsigned digit = Double(rest, divisor) ? 1 : 0;
  digit = digit * 2 + (Double(rest, divisor) ? 1 : 0);
  rest += once;
  if (rest >= divisor) {
    rest -= divisor;
    ++digit;
  }
  digit = digit * 2 + (Double(rest, divisor) ? 1 : 0);
  division.quotient = division.quotient * 10 + digit;
  division.rest = rest;
}

// Half-even; `half` is how what is cut off compares with a half of the last place.
Uint128 RoundedUp(Uint128 number, std::strong_ordering half) {
  return half > 0 || (half == 0 && number % 2 == 1) ? number + 1 : number;
}

Uint128 Magnitude(Int128 number) {
  return number < 0 ? -static_cast<Uint128>(number) : static_cast<Uint128>(number);
}

}  // namespace

std::optional<Decimal> Decimal::Of(Int128 unscaled, int scale) {
  if (!Fits(unscaled) || scale > kMaxScale) DropZeros(unscaled, scale, 0);
  if (scale < 0) {
    if (!Shift(unscaled, -scale)) return std::nullopt;
    scale = 0;
  }
  if (!Fits(unscaled) || scale > kMaxScale) return std::nullopt;
  return Decimal(unscaled, scale);
}

std::optional<Decimal> Decimal::Parse(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  int exponent = 0;
  if (const size_t at = text.find_first_of("eE"); at != text.npos) {
    std::string_view digits = text.substr(at + 1);
    if (digits.starts_with('+') && !digits.starts_with("+-")) digits.remove_prefix(1);
    const auto end = digits.data() + digits.size();
    const auto result = std::from_chars(digits.data(), end, exponent);
    // Far beyond every bound, and the sums below stay small.
    if (result.ec != std::errc() || result.ptr != end || exponent > 1000 || exponent < -1000)
      return std::nullopt;
    text = text.substr(0, at);
  }
  const size_t point = std::min(text.find('.'), text.size());
  std::string_view fraction = text.substr(std::min(point + 1, text.size()));
  if (point + fraction.size() == 0) return std::nullopt;
  // More zeros behind the point than there are places say nothing.
  const size_t kept = fraction.find_last_not_of('0') + 1;
  const size_t whole = text.substr(0, point).find_first_not_of('0');
  const size_t digits = whole == text.npos ? 0 : point - whole;
  const size_t most = digits < kMaxDigits ? kMaxDigits - digits : 0;
  if (fraction.size() > most) fraction = fraction.substr(0, std::max(kept, most));
  Int128 number = 0;
  for (const std::string_view part : {text.substr(0, point), fraction}) {
    for (const char c : part) {
      if (c < '0' || c > '9') return std::nullopt;
      if (number >= kPowers[kMaxDigits - 1]) return std::nullopt;
      number = number * 10 + (c - '0');
    }
  }
  return Of(negative ? -number : number, static_cast<int>(fraction.size()) - exponent);
}

std::optional<Decimal> Decimal::Add(const Decimal& a, const Decimal& b) {
  if (auto sum = Sum(a.unscaled_, a.scale_, b.unscaled_, b.scale_)) return sum;
  // Zeros behind the point may have taken the room.
  Decimal x = a;
  Decimal y = b;
  DropZeros(x.unscaled_, x.scale_, 0);
  DropZeros(y.unscaled_, y.scale_, 0);
  return Sum(x.unscaled_, x.scale_, y.unscaled_, y.scale_);
}

std::optional<Decimal> Decimal::Subtract(const Decimal& a, const Decimal& b) {
  return Add(a, b.Negated());
}

std::optional<Decimal> Decimal::Multiply(const Decimal& a, const Decimal& b) {
  Int128 product = 0;
  if (!__builtin_mul_overflow(a.unscaled_, b.unscaled_, &product))
    return Of(product, a.scale_ + b.scale_);
  Decimal x = a;
  Decimal y = b;
  DropZeros(x.unscaled_, x.scale_, 0);
  DropZeros(y.unscaled_, y.scale_, 0);
  if (__builtin_mul_overflow(x.unscaled_, y.unscaled_, &product)) return std::nullopt;
  return Of(product, x.scale_ + y.scale_);
}

std::optional<Decimal> Decimal::Divide(const Decimal& a, const Decimal& b) {
  const Uint128 divisor = Magnitude(b.unscaled_);
  Division division{Magnitude(a.unscaled_) / divisor, Magnitude(a.unscaled_) % divisor};
  int scale = a.scale_ - b.scale_;
  const auto full = static_cast<Uint128>(kPowers[kDivisionDigits]);
  while (division.rest != 0 && division.quotient < full / 10) {
    NextDigit(division, divisor);
    ++scale;
  }
  Uint128 quotient = division.quotient;
  if (quotient < full) {
    quotient = RoundedUp(quotient, division.rest == 0 ? std::strong_ordering::less
                                                      : division.rest <=> divisor - division.rest);
  } else {
    Uint128 unit = 1;
    while (quotient / unit >= full) unit *= 10;
    const Uint128 cut = quotient % unit;
    std::strong_ordering half = cut <=> unit / 2;
    if (half == 0 && division.rest != 0) half = std::strong_ordering::greater;
    quotient = RoundedUp(quotient / unit, half) * unit;
  }
  auto signed_quotient = static_cast<Int128>(quotient);
  DropZeros(signed_quotient, scale, std::max(a.scale_ - b.scale_, 0));
  return Of((a.unscaled_ < 0) != (b.unscaled_ < 0) ? -signed_quotient : signed_quotient, scale);
}

Decimal Decimal::Rounded(int places, Rounding rounding) const {
  if (scale_ <= places) return *this;
  const int cut = scale_ - places;
  // With more places to cut than digits it is less than a tenth of the last one.
  const Int128 unit = cut <= kMaxDigits ? kPowers[static_cast<size_t>(cut)] : 0;
  const Int128 whole = unit == 0 ? 0 : unscaled_ / unit;
  const Int128 rest = unit == 0 ? unscaled_ : unscaled_ % unit;
  const bool half = unit != 0 && Magnitude(rest) == Magnitude(unit) / 2;
  const bool more = unit != 0 && Magnitude(rest) > Magnitude(unit) / 2;
  bool away = false;
  switch (rounding) {
    case Rounding::kTruncate:
      break;
    case Rounding::kFloor:
      away = rest < 0;
      break;
    case Rounding::kCeil:
      away = rest > 0;
      break;
    case Rounding::kHalfAway:
      away = more || half;
      break;
    case Rounding::kHalfEven:
      away = more || (half && whole % 2 != 0);
      break;
  }
  return Decimal(whole + (away ? sign() : 0), places);
}

std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
  if (a.sign() != b.sign()) return a.sign() <=> b.sign();
  Int128 x = a.unscaled_;
  Int128 y = b.unscaled_;
  // What does not fit with the other's places is larger than all that fits.
  if (a.scale_ < b.scale_ && !Shift(x, b.scale_ - a.scale_)) {
    return a.sign() <=> 0;
  }
  if (b.scale_ < a.scale_ && !Shift(y, a.scale_ - b.scale_)) {
    return 0 <=> b.sign();
  }
  return x < y   ? std::strong_ordering::less
         : x > y ? std::strong_ordering::greater
                 : std::strong_ordering::equal;
}

std::string Decimal::ToText() const {
  std::string text;
  Uint128 rest = Magnitude(unscaled_);
  do {
    text += static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  } while (rest != 0);
  const auto places = static_cast<size_t>(scale_);
  if (text.size() <= places) text.append(places + 1 - text.size(), '0');
  if (places > 0) text.insert(places, 1, '.');
  if (unscaled_ < 0) text += '-';
  std::reverse(text.begin(), text.end());
  return text;
}

double Decimal::ToDouble() const {
  const std::string text = ToText();
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::optional<int64_t> Decimal::ToInt() const {
  const Int128 whole = Rounded(0, Rounding::kTruncate).unscaled_;
  if (whole < INT64_MIN || whole > INT64_MAX) return std::nullopt;
  return static_cast<int64_t>(whole);
}

}  // namespace sidestream::serde
