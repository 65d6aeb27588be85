// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/schema_type.h"

#include <optional>
#include <span>

#include "base/bytes.h"
#include "serde/avro/avro_format.h"
#include "serde/csv_format.h"
#include "serde/json_schema_format.h"
#include "serde/json_text.h"
#include "serde/protobuf/proto_format.h"

namespace sidestream::serde {
namespace {

Value ScalarFromText(Value::Kind kind, const Value& value, Arena& arena) {
  if (value.kind() != Value::Kind::kString) return value;
  if (kind == Value::Kind::kBytes) {
    const std::optional<std::string> bytes = Base64Decode(value.string_value());
    return bytes.has_value() ? Value::Bytes(arena.Copy(*bytes)) : value;
  }
  if (kind == Value::Kind::kTimestamp) {
    const std::optional<Nanos> time = ParseTimestamp(value.string_value());
    return time.has_value() ? Value::TimestampOf(*time, arena) : value;
  }
  if (kind == Value::Kind::kDuration) {
    const std::optional<Nanos> length = ParseDuration(value.string_value());
    return length.has_value() ? Value::DurationOf(*length, arena) : value;
  }
  return value;
}

/// Of the entry `key` of a map or an object.
const SchemaType* TypeOfEntry(const SchemaType& type, const Value& key) {
  if (type.kind == SchemaType::Kind::kMap) return &type.element[0];
  if (key.kind() != Value::Kind::kString) return nullptr;
  for (const SchemaField& field : type.fields) {
    if (field.name == key.string_value()) return &field.type;
  }
  return nullptr;
}

}  // namespace

SchemaType SchemaType::Scalar(Value::Kind kind) {
  SchemaType type;
  type.kind = Kind::kScalar;
  type.scalar = kind;
  return type;
}

SchemaType SchemaType::List(SchemaType element) {
  SchemaType type;
  type.kind = Kind::kList;
  type.element.push_back(std::move(element));
  return type;
}

SchemaType SchemaType::Map(Value::Kind key, SchemaType value) {
  SchemaType type;
  type.kind = Kind::kMap;
  type.scalar = key;
  type.element.push_back(std::move(value));
  return type;
}

Value FromText(const SchemaType& type, const Value& value, Arena& arena) {
  switch (type.kind) {
    case SchemaType::Kind::kAny:
      return value;
    case SchemaType::Kind::kScalar:
      return ScalarFromText(type.scalar, value, arena);
    case SchemaType::Kind::kList: {
      if (value.kind() != Value::Kind::kList) return value;
      const std::span<Value> items = arena.NewArray<Value>(value.list().size());
      for (size_t i = 0; i < items.size(); ++i) {
        items[i] = FromText(type.element[0], value.list()[i], arena);
      }
      return Value::List(items);
    }
    case SchemaType::Kind::kMap:
    case SchemaType::Kind::kObject:
      break;
  }
  if (value.kind() != Value::Kind::kMap) return value;
  const std::span<MapEntry> entries = arena.NewArray<MapEntry>(value.map().size());
  for (size_t i = 0; i < entries.size(); ++i) {
    entries[i] = value.map()[i];
    const SchemaType* const entry_type = TypeOfEntry(type, entries[i].key);
    if (entry_type != nullptr) entries[i].value = FromText(*entry_type, entries[i].value, arena);
  }
  return Value::Map(entries);
}

Result<std::shared_ptr<const SchemaType>> TypeOfFormat(const FormatSpec& format) {
  SchemaType type;
  switch (format.kind) {
    case FormatKind::kAvro: {
      ASSIGN_OR_RETURN(type, avro::TypeOfSchema(format.schema));
      break;
    }
    case FormatKind::kProtobuf: {
      ASSIGN_OR_RETURN(type, protobuf::TypeOfSchema(format.schema, format.message));
      // Each frame says which message of the file it is.
      if (format.framing != Framing::kNone && format.message.empty()) {
        return std::shared_ptr<const SchemaType>();
      }
      break;
    }
    case FormatKind::kJsonSchema: {
      ASSIGN_OR_RETURN(type, TypeOfJsonSchema(format.schema));
      break;
    }
    case FormatKind::kCsv: {
      ASSIGN_OR_RETURN(type, TypeOfCsv(format));
      break;
    }
    default:
      return std::shared_ptr<const SchemaType>();
  }
  return std::make_shared<const SchemaType>(std::move(type));
}

}  // namespace sidestream::serde
