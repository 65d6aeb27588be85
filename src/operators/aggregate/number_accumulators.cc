// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/aggregate/number_accumulators.h"

#include <cmath>
#include <limits>
#include <optional>

#include "base/bytes.h"
#include "operators/aggregate/number_value.h"

namespace sidestream::operators {
namespace {

using serde::Decimal;
using serde::Value;
using Kind = serde::Value::Kind;

constexpr int64_t kLargestInt = std::numeric_limits<int64_t>::max();

Decimal AsDecimal(const Value& number) {
  if (number.kind() == Kind::kInt) return Decimal::Of(number.int_value());
  return number.kind() == Kind::kUint ? Decimal::Of(number.uint_value()) : number.decimal_value();
}

void AddTo(ExactSum& sum, const Value& number) {
  if (number.kind() == Kind::kInt) {
    sum.Add(number.int_value());
  } else if (number.kind() == Kind::kUint) {
    sum.Add(number.uint_value());
  } else {
    sum.Add(AsDouble(number));
  }
}

}  // namespace

Status CountAccumulator::Merge(const Accumulator& later, RunState& /*run*/) {
  count_ += static_cast<const CountAccumulator&>(later).count_;
  return Status::Ok();
}

void CountAccumulator::Encode(std::string& out) const {
  ByteWriter(out).Varint(count_);
}

bool CountAccumulator::Decode(std::string_view bytes) {
  ByteReader in(bytes);
  count_ = in.Varint();
  return in.ok() && in.empty() && count_ <= static_cast<uint64_t>(kLargestInt);
}

void SumAccumulator::Clear() {
  of_ = Of::kNothing;
  ints_ = 0;
  doubles_.Clear();
  decimals_ = Decimal();
}

// What the sum would be is computed twice, here and when it is: that is cheaper than to keep it.
Status SumAccumulator::Check(CallInput& input, RunState& /*run*/) {
  const Value& number = input.values[0];
  RETURN_IF_ERROR(RequireNumber(number));
  const bool decimal = number.kind() == Kind::kDecimal;
  if ((of_ == Of::kDecimals && number.kind() == Kind::kDouble) || (of_ == Of::kDoubles && decimal)) {
    return Status::BadRecord("it does not add a double to a decimal: a double is not exact");
  }
  if (decimal || of_ == Of::kDecimals) {
    const Decimal held = of_ == Of::kInts ? Decimal::Of(ints_) : decimals_;
    if (Decimal::Add(held, AsDecimal(number))) return Status::Ok();
    return Status::BadRecord("it overflows the 38 digits of a decimal");
  }
  if (number.kind() == Kind::kDouble || of_ == Of::kDoubles) return Status::Ok();
  const bool fits = number.kind() == Kind::kInt ||
                    number.uint_value() <= static_cast<uint64_t>(kLargestInt);
  int64_t total = 0;
  if (fits && !__builtin_add_overflow(
                  ints_,
                  number.kind() == Kind::kInt ? number.int_value()
                                              : static_cast<int64_t>(number.uint_value()),
                  &total)) {
    return Status::Ok();
  }
  return Status::BadRecord("it overflows 64 bits");
}

void SumAccumulator::Fold(const CallInput& input, RunState& /*run*/) { Add(input.values[0]); }

void SumAccumulator::BecomeDoubles() {
  if (of_ == Of::kInts) doubles_.Add(ints_);
  ints_ = 0;
  of_ = Of::kDoubles;
}

void SumAccumulator::Add(const Value& number) {
  if (number.kind() == Kind::kDecimal || of_ == Of::kDecimals) {
    const Decimal held = of_ == Of::kInts ? Decimal::Of(ints_) : decimals_;
    decimals_ = *Decimal::Add(held, AsDecimal(number));
    ints_ = 0;
    of_ = Of::kDecimals;
  } else if (number.kind() == Kind::kDouble || of_ == Of::kDoubles) {
    BecomeDoubles();
    AddTo(doubles_, number);
  } else {
    ints_ += number.kind() == Kind::kInt ? number.int_value()
                                         : static_cast<int64_t>(number.uint_value());
    of_ = Of::kInts;
  }
}

Status SumAccumulator::Merge(const Accumulator& later, RunState& run) {
  const auto& other = static_cast<const SumAccumulator&>(later);
  if (other.of_ == Of::kNothing) return Status::Ok();
  if (other.of_ == Of::kDoubles) {
    if (of_ == Of::kDecimals) {
      return Status::BadRecord("it does not add a double to a decimal: a double is not exact");
    }
    BecomeDoubles();
    doubles_.Add(other.doubles_);
    return Status::Ok();
  }
  const Value sum = other.CurrentResult(run.arena());
  CallInput input;
  input.values = std::span(&sum, 1);
  RETURN_IF_ERROR(Check(input, run));
  Add(sum);
  return Status::Ok();
}

void SumAccumulator::Encode(std::string& out) const {
  ByteWriter writer(out);
  writer.U8(static_cast<uint8_t>(of_));
  switch (of_) {
    case Of::kNothing:
      break;
    case Of::kInts:
      writer.SignedVarint(ints_);
      break;
    case Of::kDoubles:
      doubles_.Encode(writer);
      break;
    case Of::kDecimals:
      writer.U8(static_cast<uint8_t>(decimals_.scale()));
      writer.U64(static_cast<uint64_t>(decimals_.unscaled() >> 64));
      writer.U64(static_cast<uint64_t>(decimals_.unscaled()));
      break;
  }
}

bool SumAccumulator::Decode(std::string_view bytes) {
  Clear();
  ByteReader in(bytes);
  of_ = static_cast<Of>(in.U8());
  switch (of_) {
    case Of::kNothing:
      break;
    case Of::kInts:
      ints_ = in.SignedVarint();
      break;
    case Of::kDoubles:
      if (!doubles_.Decode(in)) return false;
      break;
    case Of::kDecimals: {
      const int scale = in.U8();
      const auto high = static_cast<int64_t>(in.U64());
      const uint64_t low = in.U64();
      const std::optional<Decimal> number = Decimal::Of(
          static_cast<serde::Int128>(high) * (static_cast<serde::Int128>(1) << 64) + low, scale);
      if (!number || number->scale() != scale) return false;
      decimals_ = *number;
      break;
    }
    default:
      return false;
  }
  return in.ok() && in.empty();
}

Value SumAccumulator::CurrentResult(Arena& arena) const {
  switch (of_) {
    case Of::kInts:
      return Value::Int(ints_);
    case Of::kDoubles:
      return Value::Double(doubles_.Rounded());
    case Of::kDecimals:
      return Value::DecimalOf(decimals_, arena);
    default:
      return Value::Null();
  }
}

void AverageAccumulator::Clear() {
  count_ = 0;
  sum_.Clear();
}

Status AverageAccumulator::Check(CallInput& input, RunState& /*run*/) {
  return RequireNumber(input.values[0]);
}

void AverageAccumulator::Fold(const CallInput& input, RunState& /*run*/) {
  ++count_;
  AddTo(sum_, input.values[0]);
}

Status AverageAccumulator::Merge(const Accumulator& later, RunState& /*run*/) {
  const auto& other = static_cast<const AverageAccumulator&>(later);
  count_ += other.count_;
  sum_.Add(other.sum_);
  return Status::Ok();
}

void AverageAccumulator::Encode(std::string& out) const {
  ByteWriter writer(out);
  writer.Varint(count_);
  sum_.Encode(writer);
}

bool AverageAccumulator::Decode(std::string_view bytes) {
  ByteReader in(bytes);
  count_ = in.Varint();
  return sum_.Decode(in) && in.empty();
}

Value AverageAccumulator::CurrentResult(Arena& /*arena*/) const {
  if (count_ == 0) return Value::Null();
  return Value::Double(sum_.Rounded() / static_cast<double>(count_));
}

void VarianceAccumulator::Clear() {
  count_ = 0;
  sum_.Clear();
  squares_.Clear();
}

Status VarianceAccumulator::Check(CallInput& input, RunState& /*run*/) {
  return RequireNumber(input.values[0]);
}

void VarianceAccumulator::Fold(const CallInput& input, RunState& /*run*/) {
  const double number = AsDouble(input.values[0]);
  ++count_;
  sum_.Add(number);
  squares_.AddSquare(number);
}

Status VarianceAccumulator::Merge(const Accumulator& later, RunState& /*run*/) {
  const auto& other = static_cast<const VarianceAccumulator&>(later);
  count_ += other.count_;
  sum_.Add(other.sum_);
  squares_.Add(other.squares_);
  return Status::Ok();
}

void VarianceAccumulator::Encode(std::string& out) const {
  ByteWriter writer(out);
  writer.Varint(count_);
  sum_.Encode(writer);
  squares_.Encode(writer);
}

bool VarianceAccumulator::Decode(std::string_view bytes) {
  ByteReader in(bytes);
  count_ = in.Varint();
  return sum_.Decode(in) && squares_.Decode(in) && in.empty();
}

// The squares around a mean that is rounded are exact: sum(x²) - 2·m·sum(x) + n·m². What the
// rounding of the mean adds to them is (sum(x) - n·m)² / n.
Value VarianceAccumulator::CurrentResult(Arena& /*arena*/) const {
  if (count_ < 2) return Value::Null();
  const auto count = static_cast<double>(count_);
  const double mean = sum_.Rounded() / count;
  ExactSum around = squares_;
  around.AddProduct(-2 * mean, sum_);
  around.AddProduct(count, mean * mean);
  around.AddProduct(count, std::fma(mean, mean, -(mean * mean)));
  ExactSum off = sum_;
  off.AddProduct(-count, mean);
  const double rest = off.Rounded();
  const double spread = around.Rounded() - rest * rest / count;
  // Squares beyond the range of a double leave nothing to tell.
  const double result = std::isfinite(spread) ? std::fmax(spread, 0.0) / (count - 1)
                                              : std::numeric_limits<double>::quiet_NaN();
  return Value::Double(wanted_ == Wanted::kDeviation ? std::sqrt(result) : result);
}

Status BoolAccumulator::Check(CallInput& input, RunState& /*run*/) {
  if (input.values[0].kind() == Kind::kBool) return Status::Ok();
  return Status::BadRecord("it takes bools, not " +
                           std::string(serde::KindName(input.values[0].kind())));
}

void BoolAccumulator::Fold(const CallInput& input, RunState& /*run*/) {
  seen_ |= kSeen;
  if (input.values[0].bool_value() == decides_) seen_ |= kDecided;
}

Status BoolAccumulator::Merge(const Accumulator& later, RunState& /*run*/) {
  seen_ |= static_cast<const BoolAccumulator&>(later).seen_;
  return Status::Ok();
}

void BoolAccumulator::Encode(std::string& out) const { ByteWriter(out).U8(seen_); }

bool BoolAccumulator::Decode(std::string_view bytes) {
  ByteReader in(bytes);
  seen_ = in.U8();
  return in.ok() && in.empty() && (seen_ == 0 || seen_ == kSeen || seen_ == (kSeen | kDecided));
}

Value BoolAccumulator::CurrentResult(Arena& /*arena*/) const {
  if (seen_ == 0) return Value::Null();
  return Value::Bool((seen_ & kDecided) != 0 ? decides_ : !decides_);
}

}  // namespace sidestream::operators
