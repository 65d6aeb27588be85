// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The part of the encoder for messages that stand for a value of their own.

#include <cmath>
#include <cstdint>
#include <optional>

#include "serde/json_text.h"
#include "serde/protobuf/value_encoder.h"
#include "serde/protobuf/wire.h"

namespace sidestream::serde::protobuf {
namespace {

using Kind = Value::Kind;

constexpr int32_t kNanos = 1'000'000'000;
/// Integers up to here are doubles without a loss.
constexpr int64_t kExactIntegers = int64_t{1} << 53;

std::optional<Nanos> TimestampIn(const Value& value) {
  if (value.kind() == Kind::kTimestamp) return value.time_value();
  if (value.kind() == Kind::kString) return ParseTimestamp(value.string_value());
  if (value.kind() != Kind::kInt) return std::nullopt;
  const int64_t rest = (value.int_value() % 1000 + 1000) % 1000;
  return Nanos{(value.int_value() - rest) / 1000, static_cast<int32_t>(rest * 1'000'000)};
}

std::optional<Nanos> DurationIn(const Value& value) {
  if (value.kind() == Kind::kDuration) return value.time_value();
  if (value.kind() == Kind::kString) return ParseDuration(value.string_value());
  return std::nullopt;
}

/// As the double of a Value; empty when it would not be the same number.
std::optional<double> ExactNumber(const Value& value) {
  if (value.kind() == Kind::kDouble) return value.double_value();
  if (value.kind() == Kind::kUint && value.uint_value() <= uint64_t{kExactIntegers}) {
    return static_cast<double>(value.uint_value());
  }
  if (value.kind() == Kind::kInt && value.int_value() >= -kExactIntegers &&
      value.int_value() <= kExactIntegers) {
    return static_cast<double>(value.int_value());
  }
  return std::nullopt;
}

}  // namespace

bool ValueEncoder::PutTime(const Message& message, const Value& value) {
  const bool is_timestamp = message.shape == Shape::kTimestamp;
  std::optional<Nanos> time = is_timestamp ? TimestampIn(value) : DurationIn(value);
  if (!time.has_value()) return DoesNotFit("message " + message.name, value);
  // Seconds and nanoseconds of a Duration have one sign.
  if (!is_timestamp && time->seconds < 0 && time->nanos > 0) {
    ++time->seconds;
    time->nanos -= kNanos;
  }
  const int64_t least = is_timestamp ? kFirstSecond : -kMostSeconds;
  const int64_t most = is_timestamp ? kLastSecond : kMostSeconds;
  if (time->seconds < least || time->seconds > most) {
    return Fail("out of the range of " + message.name + ": " + DebugString(value));
  }
  return PutField(message.fields[0], Value::Int(time->seconds), 0) &&
         PutField(message.fields[1], Value::Int(time->nanos), 0);
}

bool ValueEncoder::PutDynamic(const Message& message, const Value& value, int depth) {
  if (message.shape == Shape::kStruct) {
    if (value.kind() != Kind::kMap) return DoesNotFit("message " + message.name, value);
    return PutMap(message.fields[0], value, depth);
  }
  if (message.shape == Shape::kListValue) return PutList(message.fields[0], value, depth);
  // The members of a Value, in the order of Shape::kValue's schema.
  switch (value.kind()) {
    case Kind::kNull:
      return PutField(message.fields[0], value, depth);
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kDouble: {
      const std::optional<double> number = ExactNumber(value);
      if (!number.has_value()) {
        return Fail("an integer that a google.protobuf.Value cannot hold: " + DebugString(value));
      }
      if (!std::isfinite(*number)) return DoesNotFit("message " + message.name, value);
      return PutField(message.fields[1], Value::Double(*number), depth);
    }
    case Kind::kString:
      return PutField(message.fields[2], value, depth);
    case Kind::kBool:
      return PutField(message.fields[3], value, depth);
    case Kind::kMap:
      return PutField(message.fields[4], value, depth);
    case Kind::kList:
      return PutField(message.fields[5], value, depth);
    default:
      return DoesNotFit("message " + message.name, value);
  }
}

}  // namespace sidestream::serde::protobuf
