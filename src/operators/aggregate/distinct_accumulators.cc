// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/aggregate/distinct_accumulators.h"

#include <xxhash.h>

#include <cmath>
#include <cstdint>
#include <utility>

#include "base/bytes.h"
#include "serde/decimal.h"
#include "serde/key_codec.h"

namespace sidestream::operators {
namespace {

using serde::Value;
using Kind = serde::Value::Kind;

// In front of what the key codec does not take. Persistent: rows and hashes hold them.
constexpr char kDecimal = '\x7f';
constexpr char kLargeUint = '\x7e';

/// A decimal's digits without zeros that say nothing: those of "1.50" are the ones of "1.5".
std::string DigitsOf(const serde::Decimal& number) {
  std::string text = number.ToText();
  if (text.find('.') == std::string::npos) return text;
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

/// Replaces `out` by the bytes of `value`, equal for equal values. Fails with kBadRecord.
Status MakeBytes(const Value& value, std::string& out) {
  out.assign(1, '\0');
  Value number = value;
  if (value.kind() == Kind::kUint && value.uint_value() > INT64_MAX) {
    out[0] = kLargeUint;
    ByteWriter(out).U64(value.uint_value());
    return Status::Ok();
  }
  if (value.kind() == Kind::kDouble && value.double_value() >= 0x1p63 &&
      value.double_value() < 0x1p64) {
    out[0] = kLargeUint;
    ByteWriter(out).U64(static_cast<uint64_t>(value.double_value()));
    return Status::Ok();
  }
  if (value.kind() == Kind::kDecimal) {
    const std::string digits = DigitsOf(value.decimal_value());
    const auto whole = value.decimal_value().ToInt();
    if (!whole || std::to_string(*whole) != digits) {
      out[0] = kDecimal;
      out += digits;
      return Status::Ok();
    }
    number = Value::Int(*whole);
  }
  ASSIGN_OR_RETURN(const serde::KeyKind kind, serde::EncodeKey(number, out));
  out[0] = static_cast<char>(kind);
  return Status::Ok();
}

bool IsNan(const Value& value) {
  return value.kind() == Kind::kDouble && std::isnan(value.double_value());
}

}  // namespace

void DistinctAccumulator::Clear() {
  values_.clear();
  bytes_ = 0;
}

Status DistinctAccumulator::Check(CallInput& input, RunState& /*run*/) {
  input.place.reset();
  if (IsNan(input.values[0])) return Status::Ok();
  RETURN_IF_ERROR(MakeBytes(input.values[0], input.value_bytes));
  if (values_.contains(input.value_bytes)) return Status::Ok();
  if (BytesOf(input.value_bytes) > input.bytes_left) {
    return Status::BadRecord("the group would hold more than " + std::to_string(kStateBytesMax) +
                             " bytes of different values; approx_count_distinct() has no bound");
  }
  input.place = 0;
  return Status::Ok();
}

void DistinctAccumulator::Fold(const CallInput& input, RunState& /*run*/) {
  if (!input.place) return;
  values_.insert(input.value_bytes);
  bytes_ += BytesOf(input.value_bytes);
}

Status DistinctAccumulator::Merge(const Accumulator& later, RunState& /*run*/) {
  for (const std::string& value : static_cast<const DistinctAccumulator&>(later).values_) {
    if (values_.insert(value).second) bytes_ += BytesOf(value);
  }
  return Status::Ok();
}

void DistinctAccumulator::Encode(std::string& out) const {
  ByteWriter writer(out);
  writer.Varint(values_.size());
  for (const std::string& value : values_) writer.String(value);
}

bool DistinctAccumulator::Decode(std::string_view bytes) {
  Clear();
  ByteReader in(bytes);
  const uint64_t count = in.Varint();
  for (uint64_t i = 0; i < count && in.ok(); ++i) {
    const std::string_view value = in.String();
    if (!values_.empty() && value <= *values_.rbegin()) return false;
    values_.emplace_hint(values_.end(), value);
    bytes_ += BytesOf(value);
  }
  return in.ok() && in.empty();
}

Value DistinctAccumulator::CurrentResult(Arena& /*arena*/) const {
  return Value::Int(static_cast<int64_t>(values_.size()));
}

Status DistinctSketchAccumulator::Check(CallInput& input, RunState& /*run*/) {
  if (IsNan(input.values[0])) {
    input.value_bytes.clear();
    return Status::Ok();
  }
  return MakeBytes(input.values[0], input.value_bytes);
}

void DistinctSketchAccumulator::Fold(const CallInput& input, RunState& /*run*/) {
  if (input.value_bytes.empty()) return;
  sketch_.Add(XXH3_64bits(input.value_bytes.data(), input.value_bytes.size()));
}

Status DistinctSketchAccumulator::Merge(const Accumulator& later, RunState& /*run*/) {
  sketch_.Add(static_cast<const DistinctSketchAccumulator&>(later).sketch_);
  return Status::Ok();
}

void DistinctSketchAccumulator::Encode(std::string& out) const {
  ByteWriter writer(out);
  sketch_.Encode(writer);
}

bool DistinctSketchAccumulator::Decode(std::string_view bytes) {
  ByteReader in(bytes);
  return sketch_.Decode(in) && in.empty();
}

Value DistinctSketchAccumulator::CurrentResult(Arena& /*arena*/) const {
  return Value::Int(static_cast<int64_t>(sketch_.Estimate()));
}

}  // namespace sidestream::operators
