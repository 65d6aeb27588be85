// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/protobuf/value_encoder.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <span>

#include "base/nearest_name.h"
#include "serde/message.h"
#include "serde/protobuf/wire.h"

namespace sidestream::serde::protobuf {
namespace {

using Kind = Value::Kind;

constexpr std::string_view kTypeNames[] = {
    "double", "float",   "int64", "uint64", "int32", "fixed64",  "fixed32",  "bool",   "string",
    "group",  "message", "bytes", "uint32", "enum",  "sfixed32", "sfixed64", "sint32", "sint64"};

/// An optional's value; null for none.
Value Unwrapped(Value value) {
  while (value.kind() == Kind::kOptional) {
    value = value.optional_value() == nullptr ? Value::Null() : *value.optional_value();
  }
  return value;
}

struct Range {
  int64_t least = 0;
  uint64_t most = 0;
};

Range RangeOf(FieldType type) {
  switch (type) {
    case FieldType::kInt32:
    case FieldType::kSint32:
    case FieldType::kSfixed32:
    case FieldType::kEnum:
      return {INT32_MIN, INT32_MAX};
    case FieldType::kUint32:
    case FieldType::kFixed32:
      return {0, UINT32_MAX};
    case FieldType::kUint64:
    case FieldType::kFixed64:
      return {0, UINT64_MAX};
    default:
      return {INT64_MIN, INT64_MAX};
  }
}

/// The bits of an integer that fits; empty when it does not.
std::optional<uint64_t> BitsOf(FieldType type, const Value& value) {
  const Range range = RangeOf(type);
  if (value.kind() == Kind::kUint) {
    if (value.uint_value() > range.most) return std::nullopt;
    return value.uint_value();
  }
  const int64_t number = value.int_value();
  if (number < range.least || (number > 0 && static_cast<uint64_t>(number) > range.most)) {
    return std::nullopt;
  }
  return static_cast<uint64_t>(number);
}

}  // namespace

std::string Describe(const Field& field) {
  std::string text(kTypeNames[static_cast<size_t>(field.type)]);
  if (field.message != nullptr) text += " " + field.message->name;
  if (field.enumeration != nullptr) text += " " + field.enumeration->name;
  return text;
}

Status ValueEncoder::error() const {
  std::string place;
  for (auto name = path_.rbegin(); name != path_.rend(); ++name) {
    if (!place.empty() && !name->starts_with('[')) place += '.';
    place += *name;
  }
  return Status::BadRecord("cannot be written as Protobuf: " + (place.empty() ? "" : place + ": ") +
                           reason_);
}

bool ValueEncoder::PutMessage(const Message& message, const Value& value, int depth) {
  if (depth > kMaxMessageDepth) return Fail("messages are nested deeper than 100");
  if (value.kind() == Kind::kMessage) {
    if (value.message().type->name != message.name)
      return DoesNotFit("message " + message.name, value);
    Arena arena;
    return PutMessage(message, AsMap(value.message(), arena), depth);
  }
  switch (message.shape) {
    case Shape::kPlain:
      return PutFields(message, value, depth);
    case Shape::kTimestamp:
    case Shape::kDuration:
      return PutTime(message, value);
    case Shape::kWrapper:
      return PutField(message.fields[0], value, depth);
    default:
      return PutDynamic(message, value, depth);
  }
}

bool ValueEncoder::PutFields(const Message& message, const Value& value, int depth) {
  if (value.kind() != Kind::kMap) return DoesNotFit("message " + message.name, value);
  const std::span<const MapEntry> entries = value.map();
  std::vector<const Field*> members(message.oneofs.size(), nullptr);
  size_t found = 0;
  for (const uint32_t index : message.by_number) {
    const Field& field = message.fields[index];
    // Most values have their entries in the schema's order.
    const bool in_order = index < entries.size() && entries[index].key.kind() == Kind::kString &&
                          entries[index].key.string_value() == field.name;
    const Value entry = in_order ? entries[index].value : value.Field(field.name);
    if (!entry.missing()) ++found;
    const Value set = Unwrapped(entry);
    // Elsewhere null reads the same as nothing.
    const bool null_is_set =
        field.oneof >= 0 && ((field.message != nullptr && field.message->shape == Shape::kValue) ||
                             (field.enumeration != nullptr && field.enumeration->null_value));
    if (set.missing() || (set.null() && !null_is_set)) {
      if (!field.required) continue;
      Fail("a required field has no value");
      return FailIn(field.name);
    }
    if (field.oneof >= 0) {
      const Field*& member = members[static_cast<size_t>(field.oneof)];
      if (member != nullptr) {
        return Fail(member->name + " and " + field.name + " are both set, and the oneof " +
                    message.oneofs[static_cast<size_t>(field.oneof)] + " takes one");
      }
      member = &field;
    }
    if (!PutField(field, set, depth)) return FailIn(field.name);
  }
  return found == entries.size() || FailUnknownField(message, value);
}

bool ValueEncoder::PutField(const Field& field, const Value& value, int depth) {
  if (field.type == FieldType::kGroup) return Fail("a group is not written");
  if (field.map) return PutMap(field, value, depth);
  if (field.repeated) return PutList(field, value, depth);
  const size_t start = out_.size();
  PutTag(field, WireTypeOf(field.type));
  const size_t bare = out_.size();
  if (!PutBare(field, value, depth)) return false;
  // Every default is zeros, and nothing else is.
  const bool zero = std::all_of(out_.begin() + static_cast<ptrdiff_t>(bare), out_.end(),
                                [](char byte) { return byte == '\0'; });
  if (!field.has_presence && zero) out_.resize(start);
  return true;
}

bool ValueEncoder::PutList(const Field& field, const Value& value, int depth) {
  if (value.kind() != Kind::kList) return DoesNotFit("repeated " + Describe(field), value);
  const std::span<const Value> items = value.list();
  if (items.empty()) return true;
  if (field.packed) PutTag(field, WireType::kBytes);
  const size_t start = out_.size();
  for (size_t i = 0; i < items.size(); ++i) {
    if (!field.packed) PutTag(field, WireTypeOf(field.type));
    if (!PutBare(field, Unwrapped(items[i]), depth)) return FailIn("[" + std::to_string(i) + "]");
  }
  if (field.packed) PutLength(start);
  return true;
}

bool ValueEncoder::PutMap(const Field& field, const Value& value, int depth) {
  if (value.kind() != Kind::kMap) return DoesNotFit("a map", value);
  const Field& key_field = field.message->fields[0];
  const Field& value_field = field.message->fields[1];
  for (const MapEntry& entry : value.map()) {
    PutTag(field, WireType::kBytes);
    const size_t start = out_.size();
    PutTag(key_field, WireTypeOf(key_field.type));
    if (!PutKey(key_field, entry.key)) return false;
    PutTag(value_field, WireTypeOf(value_field.type));
    if (!PutBare(value_field, Unwrapped(entry.value), depth + 1)) {
      return FailIn(DebugString(entry.key, 60));
    }
    PutLength(start);
  }
  return true;
}

bool ValueEncoder::PutKey(const Field& field, const Value& key) {
  if (field.type == FieldType::kString || key.kind() != Kind::kString) {
    return PutBare(field, key, 0) || FailIn("a key");
  }
  const std::string_view text = key.string_value();
  if (field.type == FieldType::kBool && (text == "true" || text == "false")) {
    return PutBare(field, Value::Bool(text == "true"), 0);
  }
  int64_t number = 0;
  uint64_t large = 0;
  const char* const end = text.data() + text.size();
  if (const auto [at, error] = std::from_chars(text.data(), end, number);
      error == std::errc() && at == end) {
    return PutBare(field, Value::Int(number), 0) || FailIn("a key");
  }
  if (const auto [at, error] = std::from_chars(text.data(), end, large);
      error == std::errc() && at == end) {
    return PutBare(field, Value::Uint(large), 0) || FailIn("a key");
  }
  return DoesNotFit("a key of type " + Describe(field), key);
}

bool ValueEncoder::PutBare(const Field& field, const Value& value, int depth) {
  switch (field.type) {
    case FieldType::kDouble:
    case FieldType::kFloat:
      return PutFraction(field, value);
    case FieldType::kBool:
      if (value.kind() != Kind::kBool) return DoesNotFit(Describe(field), value);
      out_.push_back(value.bool_value() ? '\1' : '\0');
      return true;
    case FieldType::kString:
    case FieldType::kBytes:
      if (value.kind() != (field.type == FieldType::kString ? Kind::kString : Kind::kBytes)) {
        return DoesNotFit(Describe(field), value);
      }
      PutVarint(value.string_value().size(), out_);
      out_ += value.string_value();
      return true;
    case FieldType::kMessage: {
      const size_t start = out_.size();
      if (!PutMessage(*field.message, value, depth + 1)) return false;
      PutLength(start);
      return true;
    }
    case FieldType::kEnum:
      return PutSymbol(field, value);
    default:
      return PutInteger(field, value);
  }
}

bool ValueEncoder::PutInteger(const Field& field, const Value& value) {
  if (value.kind() != Kind::kInt && value.kind() != Kind::kUint) {
    return DoesNotFit(Describe(field), value);
  }
  const std::optional<uint64_t> bits = BitsOf(field.type, value);
  if (!bits.has_value()) {
    return Fail("out of the range of " + Describe(field) + ": " + DebugString(value));
  }
  switch (WireTypeOf(field.type)) {
    case WireType::kFixed64:
      PutFixed(*bits, out_);
      return true;
    case WireType::kFixed32:
      PutFixed(static_cast<uint32_t>(*bits), out_);
      return true;
    default:
      break;
  }
  const bool zigzag = field.type == FieldType::kSint32 || field.type == FieldType::kSint64;
  PutVarint(zigzag ? UnZigZag(static_cast<int64_t>(*bits)) : *bits, out_);
  return true;
}

bool ValueEncoder::PutFraction(const Field& field, const Value& value) {
  double number = 0;
  if (value.kind() == Kind::kDouble) {
    number = value.double_value();
  } else if (value.kind() == Kind::kInt) {
    number = static_cast<double>(value.int_value());
  } else if (value.kind() == Kind::kUint) {
    number = static_cast<double>(value.uint_value());
  } else {
    return DoesNotFit(Describe(field), value);
  }
  if (field.type == FieldType::kDouble) {
    PutFixed(number, out_);
    return true;
  }
  // A finite number that a float cannot hold would become infinity.
  if (std::isfinite(number) && std::abs(number) > double{std::numeric_limits<float>::max()}) {
    return Fail("out of the range of float: " + DebugString(value));
  }
  PutFixed(static_cast<float>(number), out_);
  return true;
}

bool ValueEncoder::PutSymbol(const Field& field, const Value& value) {
  const Enum& enumeration = *field.enumeration;
  if (enumeration.null_value && value.null()) {
    PutVarint(0, out_);
    return true;
  }
  if (value.kind() == Kind::kInt || value.kind() == Kind::kUint) {
    const std::optional<uint64_t> bits = BitsOf(field.type, value);
    const bool fits =
        bits.has_value() && (!field.closed_enum ||
                             std::ranges::find(enumeration.symbols, static_cast<int32_t>(*bits),
                                               &Enum::Symbol::number) != enumeration.symbols.end());
    if (!fits) return Fail("no number of " + Describe(field) + ": " + DebugString(value));
    PutVarint(*bits, out_);
    return true;
  }
  if (value.kind() != Kind::kString) return DoesNotFit(Describe(field), value);
  const auto symbol =
      std::ranges::find(enumeration.symbols, value.string_value(), &Enum::Symbol::name);
  if (symbol == enumeration.symbols.end()) {
    return Fail("not a symbol of " + Describe(field) + ": " + DebugString(value, 60));
  }
  PutVarint(static_cast<uint64_t>(int64_t{symbol->number}), out_);
  return true;
}

void ValueEncoder::PutTag(const Field& field, WireType type) {
  PutVarint(static_cast<uint64_t>(field.number) << 3 | static_cast<uint64_t>(type), out_);
}

void ValueEncoder::PutLength(size_t start) {
  std::string length;
  PutVarint(out_.size() - start, length);
  out_.insert(start, length);
}

bool ValueEncoder::FailUnknownField(const Message& message, const Value& value) {
  std::vector<std::string> known;
  for (const Field& field : message.fields) known.push_back(field.name);
  for (const MapEntry& entry : value.map()) {
    const bool is_text = entry.key.kind() == Kind::kString;
    if (is_text && std::ranges::count(known, entry.key.string_value()) > 0) continue;
    const std::string nearest = is_text ? NearestName(entry.key.string_value(), known) : "";
    return Fail("message " + message.name + " has no field " + DebugString(entry.key, 60) +
                (nearest.empty() ? "; leave it out (`unset`), or add it to the schema"
                                 : "; did you mean " + nearest + "?"));
  }
  return Fail("an entry without a value, or twice");
}

bool ValueEncoder::DoesNotFit(std::string_view what, const Value& value) {
  if (value.missing()) return Fail("there is no value to write");
  return Fail(std::string(what) + " does not take " + std::string(KindName(value.kind())) + " " +
              DebugString(value, 60));
}

bool ValueEncoder::Fail(std::string reason) {
  reason_ = std::move(reason);
  return false;
}

bool ValueEncoder::FailIn(std::string name) {
  path_.push_back(std::move(name));
  return false;
}

}  // namespace sidestream::serde::protobuf
