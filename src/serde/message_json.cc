// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Protobuf's JSON mapping, for one message at a time: the JSON writer walks what is in it.

#include <charconv>
#include <cmath>

#include "serde/message.h"

namespace sidestream::serde {
namespace {

using Kind = Value::Kind;

constexpr std::string_view kTypePrefix = "type.googleapis.com/";

template <typename Number>
Value NumberText(Number value, Arena& arena) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
  return Value::String(arena.Copy({digits, static_cast<size_t>(end - digits)}));
}

Value DoubleAsJson(double value) {
  if (std::isnan(value)) return Value::String("NaN");
  if (std::isinf(value)) return Value::String(value > 0 ? "Infinity" : "-Infinity");
  return Value::Double(value);
}

// The double with the digits that the float has: 0.1, not 0.10000000149011612.
Value FloatAsJson(double value) {
  if (!std::isfinite(value)) return DoubleAsJson(value);
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof(digits), static_cast<float>(value)).ptr;
  double shortest = value;
  std::from_chars(digits, end, shortest);
  return Value::Double(shortest);
}

Value EnumAsJson(const EnumType& enumeration, const Value& value) {
  if (value.kind() != Kind::kInt) return value;  // google.protobuf.NullValue
  const std::string_view name = enumeration.NameOf(static_cast<int32_t>(value.int_value()));
  return name.empty() ? value : Value::String(name);
}

Value ScalarAsJson(const MessageField& field, const Value& value, Arena& arena) {
  switch (field.kind) {
    case FieldKind::kInt64:
      return NumberText(value.int_value(), arena);
    case FieldKind::kUint64:
      return NumberText(value.uint_value(), arena);
    case FieldKind::kFloat:
      return FloatAsJson(value.double_value());
    case FieldKind::kDouble:
      return DoubleAsJson(value.double_value());
    case FieldKind::kEnum:
      return EnumAsJson(*field.enumeration, value);
    default:
      return value;
  }
}

// "foo_bar.baz" of a FieldMask is fooBar.baz.
void AppendCamelCase(std::string_view path, std::string& out) {
  for (size_t i = 0; i < path.size(); ++i) {
    const bool hump =
        path[i] == '_' && i + 1 < path.size() && path[i + 1] >= 'a' && path[i + 1] <= 'z';
    out += hump ? static_cast<char>(path[++i] - 'a' + 'A') : path[i];
  }
}

Value FieldMaskAsJson(const Message& mask, Arena& arena) {
  std::string joined;
  for (const MessageEntry& entry : mask.entries) {
    for (const Value& path : entry.value.list()) {
      if (!joined.empty()) joined += ',';
      AppendCamelCase(path.string_value(), joined);
    }
  }
  return Value::String(arena.Copy(joined));
}

std::string_view WrapperName(Kind kind) {
  switch (kind) {
    case Kind::kBool:
      return "google.protobuf.BoolValue";
    case Kind::kInt:
      return "google.protobuf.Int64Value";
    case Kind::kUint:
      return "google.protobuf.UInt64Value";
    case Kind::kDouble:
      return "google.protobuf.DoubleValue";
    case Kind::kString:
      return "google.protobuf.StringValue";
    case Kind::kBytes:
      return "google.protobuf.BytesValue";
    case Kind::kList:
      return "google.protobuf.ListValue";
    case Kind::kMap:
      return "google.protobuf.Struct";
    default:
      return KindName(kind);  // timestamps and durations have Protobuf's names
  }
}

Value AnyType(std::string_view name, Arena& arena) {
  return Value::String(arena.Copy(std::string(kTypePrefix) + std::string(name)));
}

Value TextOfWide(const Value& value, Arena& arena) {
  if (value.kind() == Kind::kInt) return NumberText(value.int_value(), arena);
  if (value.kind() == Kind::kUint) return NumberText(value.uint_value(), arena);
  return value.kind() == Kind::kDouble ? DoubleAsJson(value.double_value()) : value;
}

// The fields of a message stand beside the type; all else is its "value".
Result<Value> AnyAsJson(const Value& content, Arena& arena) {
  if (content.null()) return content;
  const bool message = content.kind() == Kind::kMessage;
  Value inner = TextOfWide(content, arena);
  if (message) {
    ASSIGN_OR_RETURN(inner, AsJson(content.message(), arena));
  }
  const bool beside = message && inner.kind() == Kind::kMap;
  const size_t count = beside ? inner.map().size() : 1;
  const std::span<MapEntry> entries = arena.NewArray<MapEntry>(count + 1);
  const std::string_view type =
      message ? content.message().type->name : WrapperName(content.kind());
  entries[0] = {Value::String("@type"), AnyType(type, arena)};
  if (beside) {
    std::ranges::copy(inner.map(), entries.begin() + 1);
  } else {
    entries[1] = {Value::String("value"), inner};
  }
  return Value::Map(entries);
}

Result<Value> ElementAsJson(const MessageField& field, const Value& value, Arena& arena) {
  if (field.kind != FieldKind::kMessage) return ScalarAsJson(field, value, arena);
  if (field.message->well_known == WellKnown::kAny) return AnyAsJson(value, arena);
  if (field.message->well_known == WellKnown::kWrapper)
    return ScalarAsJson(field.message->fields[0], value, arena);
  return value;
}

Result<Value> FieldAsJson(const MessageField& field, const Value& value, Arena& arena) {
  if (field.map) {
    const std::span<MapEntry> entries = arena.NewArray<MapEntry>(value.map().size());
    for (size_t i = 0; i < entries.size(); ++i) {
      const MapEntry& entry = value.map()[i];
      ASSIGN_OR_RETURN(const Value made,
                       ElementAsJson(field.message->fields[1], entry.value, arena));
      entries[i] = {entry.key, made};
    }
    return Value::Map(entries);
  }
  if (!field.repeated) return ElementAsJson(field, value, arena);
  const std::span<Value> items = arena.NewArray<Value>(value.list().size());
  for (size_t i = 0; i < items.size(); ++i) {
    ASSIGN_OR_RETURN(items[i], ElementAsJson(field, value.list()[i], arena));
  }
  return Value::List(items);
}

}  // namespace

Result<Value> AsJson(const Message& message, Arena& arena) {
  if (message.type->well_known == WellKnown::kFieldMask) return FieldMaskAsJson(message, arena);
  if (message.type->well_known == WellKnown::kAny) {
    return Status::BadRecord("JSON has no form for an Any whose type is not known: " +
                             DebugString(Value::MessageOf(message), 80));
  }
  const std::span<MapEntry> entries = arena.NewArray<MapEntry>(message.entries.size());
  for (size_t i = 0; i < entries.size(); ++i) {
    const MessageEntry& entry = message.entries[i];
    ASSIGN_OR_RETURN(const Value made, FieldAsJson(*entry.field, entry.value, arena));
    entries[i] = {Value::String(entry.field->json_name), made};
  }
  return Value::Map(entries);
}

}  // namespace sidestream::serde
