// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The well-known types of Protobuf as CEL sees them. Their fields are found by number: these
// numbers are Protobuf's, for ever.

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "serde/json_text.h"
#include "serde/message_builder.h"

namespace sidestream::serde {
namespace {

using Kind = Value::Kind;

constexpr int32_t kNanosPerSecond = 1'000'000'000;
constexpr int64_t kLeastTimestamp = -62'135'596'800;     // 0001-01-01
constexpr int64_t kGreatestTimestamp = 253'402'300'799;  // 9999-12-31
constexpr int64_t kGreatestDuration = 315'576'000'000;   // of both signs
constexpr int64_t kExactInDouble = (int64_t{1} << 53) - 1;

// Field `number` of `message`, set or not.
const Value& Field(const Message& message, size_t number) {
  return message.Get(message.type->fields[number - 1]);
}

Result<Value> UnpackTimestamp(const Message& message, Arena& arena) {
  const int64_t seconds = Field(message, 1).int_value();
  const int64_t nanos = Field(message, 2).int_value();
  if (seconds < kLeastTimestamp || seconds > kGreatestTimestamp || nanos < 0 ||
      nanos >= kNanosPerSecond) {
    return Status::BadRecord("a google.protobuf.Timestamp is out of range: " +
                             std::to_string(seconds) + " s and " + std::to_string(nanos) + " ns");
  }
  return Value::TimestampOf({seconds, static_cast<int32_t>(nanos)}, arena);
}

// Seconds and nanoseconds have the same sign in Protobuf; ours are added.
Result<Value> UnpackDuration(const Message& message, Arena& arena) {
  const int64_t seconds = Field(message, 1).int_value();
  const int64_t nanos = Field(message, 2).int_value();
  if (seconds < -kGreatestDuration || seconds > kGreatestDuration || nanos <= -kNanosPerSecond ||
      nanos >= kNanosPerSecond || (seconds > 0 && nanos < 0) || (seconds < 0 && nanos > 0)) {
    return Status::BadRecord("a google.protobuf.Duration is out of range: " +
                             std::to_string(seconds) + " s and " + std::to_string(nanos) + " ns");
  }
  const bool borrow = nanos < 0;
  const Nanos length{borrow ? seconds - 1 : seconds,
                     static_cast<int32_t>(borrow ? nanos + kNanosPerSecond : nanos)};
  return Value::DurationOf(length, arena);
}

Value Stays(const Message& message, Arena& arena) {
  const std::span<Message> memory = arena.NewArray<Message>(1);
  memory[0] = message;
  return Value::MessageOf(memory[0]);
}

Result<Value> UnpackAny(const MessageTypes& types, const Message& message, Arena& arena) {
  const std::string_view url = Field(message, 1).string_value();
  const MessageType* type = types.Find(url.substr(url.rfind('/') + 1));
  if (type == nullptr) return Stays(message, arena);
  Result<Value> content = types.Read(*type, Field(message, 2).string_value(), arena);
  return content.ok() ? content : Stays(message, arena);
}

Value NumberOrText(double number, bool exact, std::string text, Arena& arena) {
  return exact ? Value::Double(number) : Value::String(arena.Copy(text));
}

Result<Value> JsonMap(std::span<const MapEntry> given, Arena& arena) {
  const std::span<MapEntry> entries = arena.NewArray<MapEntry>(given.size());
  for (size_t i = 0; i < given.size(); ++i) {
    if (given[i].key.kind() != Kind::kString) {
      return Status::BadRecord("a key of a google.protobuf.Struct is a string, not " +
                               DebugString(given[i].key, 60));
    }
    ASSIGN_OR_RETURN(const Value value, ToJsonValue(given[i].value, arena));
    entries[i] = {given[i].key, value};
  }
  return Value::Map(entries);
}

Result<Value> JsonList(std::span<const Value> given, Arena& arena) {
  const std::span<Value> items = arena.NewArray<Value>(given.size());
  for (size_t i = 0; i < given.size(); ++i) {
    ASSIGN_OR_RETURN(items[i], ToJsonValue(given[i], arena));
  }
  return Value::List(items);
}

}  // namespace

Result<Value> ToJsonValue(const Value& value, Arena& arena) {
  std::string text;
  switch (value.kind()) {
    case Kind::kNull:
    case Kind::kBool:
    case Kind::kDouble:
    case Kind::kString:
      return value;
    case Kind::kInt: {
      const int64_t number = value.int_value();
      const bool exact = number >= -kExactInDouble && number <= kExactInDouble;
      return NumberOrText(static_cast<double>(number), exact, std::to_string(number), arena);
    }
    case Kind::kUint: {
      const uint64_t number = value.uint_value();
      return NumberOrText(static_cast<double>(number), number <= uint64_t{kExactInDouble},
                          std::to_string(number), arena);
    }
    case Kind::kBytes:
      return Value::String(arena.Copy(Base64Encode(value.string_value())));
    case Kind::kTimestamp:
      RETURN_IF_ERROR(AppendTimestamp(value.time_value(), text));
      return Value::String(arena.Copy(text));
    case Kind::kDuration:
      AppendDuration(value.time_value(), text);
      return Value::String(arena.Copy(text));
    case Kind::kList:
      return JsonList(value.list(), arena);
    case Kind::kMap:
      return JsonMap(value.map(), arena);
    case Kind::kMessage: {
      ASSIGN_OR_RETURN(const Value json, AsJson(value.message(), arena));
      return ToJsonValue(json, arena);
    }
    default:
      return Status::BadRecord("this has no form as a google.protobuf.Value: " +
                               DebugString(value, 60));
  }
}

Result<Value> Unpack(const MessageTypes& types, const Message& message, Arena& arena) {
  switch (message.type->well_known) {
    case WellKnown::kAny:
      return UnpackAny(types, message, arena);
    case WellKnown::kTimestamp:
      return UnpackTimestamp(message, arena);
    case WellKnown::kDuration:
      return UnpackDuration(message, arena);
    case WellKnown::kStruct:
    case WellKnown::kListValue:
    case WellKnown::kWrapper:
      return Field(message, 1);
    case WellKnown::kValue:
      // A oneof, whose parts are what CEL sees already.
      return message.entries.empty() ? Value::Null() : message.entries[0].value;
    case WellKnown::kNone:
    case WellKnown::kFieldMask:
      break;
  }
  return Stays(message, arena);
}

}  // namespace sidestream::serde
