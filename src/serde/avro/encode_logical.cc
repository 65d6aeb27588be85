// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/avro/encode_logical.h"

#include <array>
#include <string_view>

#include "serde/avro/decimal.h"
#include "serde/avro/logical_time.h"
#include "serde/json_text.h"
#include "serde/uuid_text.h"

namespace sidestream::serde::avro {
namespace {

using Kind = Value::Kind;

Status DoesNotFit(const Node& type, const Value& value) {
  return Status::BadRecord(DescribeLogical(type) + " does not take " +
                           std::string(KindName(value.kind())) + " " + DebugString(value, 60));
}

Result<std::string> DecimalOf(const Node& type, const Value& value) {
  std::string text;
  if (value.kind() == Kind::kInt) {
    text = std::to_string(value.int_value());
  } else if (value.kind() == Kind::kUint) {
    text = std::to_string(value.uint_value());
  } else if (value.kind() == Kind::kDecimal) {
    text = value.decimal_value().ToText();
  } else if (value.kind() == Kind::kString) {
    text = value.string_value();
  } else {
    return DoesNotFit(type, value);
  }
  std::optional<std::string> bytes = DecimalBytes(text, type.precision, type.scale);
  if (!bytes.has_value()) {
    return Status::BadRecord("not a " + DescribeLogical(type) + ": " + DebugString(value, 60));
  }
  if (type.type == Type::kBytes) return *std::move(bytes);
  if (bytes->size() > type.fixed_size) {
    return Status::BadRecord("out of the range of " + DescribeLogical(type) + ": " +
                             DebugString(value, 60));
  }
  const bool negative = (static_cast<uint8_t>((*bytes)[0]) & 0x80) != 0;
  bytes->insert(0, type.fixed_size - bytes->size(), negative ? '\xff' : '\0');
  return *std::move(bytes);
}

Result<std::string> UuidOf(const Node& type, const Value& value) {
  if (value.kind() != Kind::kString) return DoesNotFit(type, value);
  if (!IsUuidText(value.string_value())) {
    return Status::BadRecord("not a uuid: " + DebugString(value, 60));
  }
  std::string bytes;
  int high = -1;
  for (const char c : value.string_value()) {
    if (c == '-') continue;
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    if (high < 0) {
      high = digit;
    } else {
      bytes.push_back(static_cast<char>(high << 4 | digit));
      high = -1;
    }
  }
  return bytes;
}

Result<std::string> DurationOf(const Node& type, const Value& value) {
  std::array<uint32_t, 3> parts{};
  if (value.kind() == Kind::kDuration) {
    // Days and months have no fixed length: all of it as milliseconds.
    const Nanos time = value.time_value();
    constexpr int64_t kMost = UINT32_MAX;
    const int64_t rest = time.nanos / 1'000'000;
    if (time.seconds < 0 || time.seconds > kMost / 1'000 || time.seconds * 1'000 + rest > kMost) {
      return Status::BadRecord("out of the range of duration: " + DebugString(value));
    }
    parts[2] = static_cast<uint32_t>(time.seconds * 1'000 + rest);
  } else if (value.kind() == Kind::kMap && value.map().size() == parts.size()) {
    static constexpr std::string_view kNames[] = {"months", "days", "millis"};
    for (size_t i = 0; i < parts.size(); ++i) {
      const Value part = value.Field(kNames[i]);
      if (part.kind() != Kind::kInt || part.int_value() < 0 || part.int_value() > UINT32_MAX) {
        return DoesNotFit(type, value);
      }
      parts[i] = static_cast<uint32_t>(part.int_value());
    }
  } else {
    return DoesNotFit(type, value);
  }
  std::string bytes;
  for (const uint32_t part : parts) {
    for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<char>(part >> shift));
  }
  return bytes;
}

}  // namespace

std::string DescribeLogical(const Node& type) {
  switch (type.logical) {
    case LogicalType::kNone:
      return Describe(type);
    case LogicalType::kDecimal:
      return "decimal(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
    case LogicalType::kUuid:
      return "uuid";
    case LogicalType::kDate:
      return "date";
    case LogicalType::kTimeMillis:
      return "time-millis";
    case LogicalType::kTimeMicros:
      return "time-micros";
    case LogicalType::kTimestampMillis:
      return "timestamp-millis";
    case LogicalType::kTimestampMicros:
      return "timestamp-micros";
    case LogicalType::kTimestampNanos:
      return "timestamp-nanos";
    case LogicalType::kLocalTimestampMillis:
      return "local-timestamp-millis";
    case LogicalType::kLocalTimestampMicros:
      return "local-timestamp-micros";
    case LogicalType::kLocalTimestampNanos:
      return "local-timestamp-nanos";
    case LogicalType::kDuration:
      return "duration";
  }
  return Describe(type);
}

bool TakesTime(LogicalType logical, const Value& value) {
  if (logical == LogicalType::kDate) return value.kind() == Kind::kTimestamp;
  if (SameClock(logical, LogicalType::kTimeMillis)) return value.kind() == Kind::kDuration;
  return value.kind() == Kind::kTimestamp || value.kind() == Kind::kInt ||
         value.kind() == Kind::kString;
}

std::optional<int64_t> RawTime(LogicalType logical, const Value& value) {
  switch (value.kind()) {
    case Kind::kInt: {
      int64_t seconds = value.int_value() / 1'000;
      int64_t millis = value.int_value() % 1'000;
      if (millis < 0) {
        millis += 1'000;
        --seconds;
      }
      return RawFromTime(logical, {seconds, static_cast<int32_t>(millis * 1'000'000)});
    }
    case Kind::kString: {
      const std::optional<Nanos> time = ParseTimestamp(value.string_value());
      if (!time.has_value()) return std::nullopt;
      return RawFromTime(logical, *time);
    }
    default:
      return RawFromTime(logical, value.time_value());
  }
}

Result<std::string> LogicalBytes(const Node& type, const Value& value) {
  switch (type.logical) {
    case LogicalType::kDecimal:
      return DecimalOf(type, value);
    case LogicalType::kUuid:
      return UuidOf(type, value);
    default:
      return DurationOf(type, value);
  }
}

}  // namespace sidestream::serde::avro
