// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "topology/field_types.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "serde/format.h"
#include "serde/schema_type.h"

namespace sidestream::topology {
namespace {

using expression::Type;
using expression::TypeKind;
using serde::FieldPathStep;
using serde::FieldType;

Type TypeOfField(FieldType type) {
  switch (type) {
    case FieldType::kInt:
      return Type::Of(TypeKind::kInt);
    case FieldType::kDouble:
      return Type::Of(TypeKind::kDouble);
    case FieldType::kString:
      return Type::Of(TypeKind::kString);
    case FieldType::kBool:
      return Type::Of(TypeKind::kBool);
    case FieldType::kBytes:
      return Type::Of(TypeKind::kBytes);
    case FieldType::kTimestamp:
      return Type::Of(TypeKind::kTimestamp);
    case FieldType::kDuration:
      return Type::Of(TypeKind::kDuration);
    case FieldType::kDecimal:
      return Type::Of(TypeKind::kDecimal);
  }
  return Type();
}

Type& FieldOf(Type& object, const std::string& name) {
  for (size_t i = 0; i < object.fields.size(); ++i) {
    if (object.fields[i] == name) return object.parameters[i];
  }
  object.fields.push_back(name);
  return object.parameters.emplace_back();
}

// Declares what lies at `path` of `type`, and that what leads there is an object or a list.
void Put(Type& type, std::span<const FieldPathStep> path, Type leaf) {
  if (path.empty()) {
    type = std::move(leaf);
    return;
  }
  if (path[0].each_element) {
    if (!type.Is(TypeKind::kList)) type = Type::List(Type());
    Put(type.parameters[0], path.subspan(1), std::move(leaf));
    return;
  }
  if (!type.Is(TypeKind::kObject)) type = Type::Of(TypeKind::kObject);
  Put(FieldOf(type, path[0].name), path.subspan(1), std::move(leaf));
}

Type TypeOfFields(std::span<const serde::FieldSpec> fields) {
  Type type;
  for (const serde::FieldSpec& field : fields) {
    // A path that does not parse has its finding already.
    const auto path = serde::ParseFieldPath(field.path);
    if (path.ok()) Put(type, *path, TypeOfField(field.type));
  }
  return type;
}

Type TypeOfSchema(const serde::SchemaType& schema) {
  using SchemaKind = serde::SchemaType::Kind;
  switch (schema.kind) {
    case SchemaKind::kAny:
      break;
    case SchemaKind::kScalar:
      return expression::TypeOfKind(schema.scalar);
    case SchemaKind::kList:
      return Type::List(TypeOfSchema(schema.element[0]));
    case SchemaKind::kMap:
      return Type::Map(expression::TypeOfKind(schema.scalar), TypeOfSchema(schema.element[0]));
    case SchemaKind::kObject: {
      Type type = Type::Of(TypeKind::kObject);
      type.closed = schema.closed;
      for (const serde::SchemaField& field : schema.fields) {
        type.fields.push_back(field.name);
        type.parameters.push_back(TypeOfSchema(field.type));
      }
      return type;
    }
  }
  return Type();
}

}  // namespace

Type TypeOfValues(const serde::FormatSpec& format) {
  using serde::FormatKind;
  if (format.values != nullptr) return TypeOfSchema(*format.values);
  switch (format.kind) {
    case FormatKind::kString:
    case FormatKind::kUuid:
      return Type::Of(TypeKind::kString);
    case FormatKind::kBytes:
      return Type::Of(TypeKind::kBytes);
    case FormatKind::kInt32:
    case FormatKind::kInt64:
      return Type::Of(TypeKind::kInt);
    case FormatKind::kFloat:
    case FormatKind::kDouble:
      return Type::Of(TypeKind::kDouble);
    case FormatKind::kJson:
      return TypeOfFields(format.fields);
    default:
      return Type();
  }
}

Type TypeOfResults(const expression::Program* program) {
  if (program == nullptr) return Type();
  const Type& type = program->type();
  const Type& inner = type.Is(TypeKind::kOptional) ? type.parameters[0] : type;
  return inner.Is(TypeKind::kNull) ? Type() : inner;
}

Type TypeOfObject(std::span<const FieldExpression> fields) {
  Type type = Type::Of(TypeKind::kObject);
  type.closed = true;
  for (const FieldExpression& field : fields) {
    FieldOf(type, field.path.front()) = TypeOfResults(field.program.get());
  }
  return type;
}

Type TypeBehindSet(Type object, std::span<const FieldExpression> fields) {
  for (const FieldExpression& field : fields) {
    Type* at = &object;
    for (const std::string& name : field.path) {
      if (!at->Is(TypeKind::kObject)) *at = Type::Of(TypeKind::kObject);
      at = &FieldOf(*at, name);
    }
    // What is optional may leave the field as it was.
    const bool sets = field.program != nullptr && !field.program->type().Is(TypeKind::kOptional);
    *at = sets ? TypeOfResults(field.program.get()) : Type();
  }
  return object;
}

Type TypeBehindUnset(Type object, std::span<const std::vector<std::string>> paths) {
  if (!object.Is(TypeKind::kObject)) return Type::Of(TypeKind::kObject);
  for (const std::vector<std::string>& path : paths) {
    Type* at = &object;
    for (size_t i = 0; at != nullptr && i < path.size(); ++i) {
      const auto found = std::ranges::find(at->fields, path[i]);
      if (found == at->fields.end()) break;
      const auto place = found - at->fields.begin();
      if (i + 1 < path.size()) {
        at = &at->parameters[static_cast<size_t>(place)];
      } else {
        at->fields.erase(found);
        at->parameters.erase(at->parameters.begin() + place);
      }
    }
  }
  return object;
}

Type CommonType(const Type& a, const Type& b) {
  if (a == b) return a;
  const auto kind = expression::KindOfType(a);
  return kind && kind == expression::KindOfType(b) ? expression::TypeOfKind(*kind) : Type();
}

Type TypeOfConstant(const serde::Value& value) {
  if (value.kind() != serde::Value::Kind::kMap) return expression::TypeOfKind(value.kind());
  Type type = Type::Of(TypeKind::kObject);
  for (const serde::MapEntry& entry : value.map()) {
    FieldOf(type, std::string(entry.key.string_value())) = TypeOfConstant(entry.value);
  }
  return type;
}

Type TypeOfOrigin(bool changes) {
  Type type = Type::Of(TypeKind::kObject);
  FieldOf(type, "topic") = Type::Of(TypeKind::kString);
  FieldOf(type, "partition") = Type::Of(TypeKind::kInt);
  FieldOf(type, "offset") = Type::Of(TypeKind::kInt);
  FieldOf(type, "timestamp") = Type::Of(TypeKind::kTimestamp);
  if (changes) FieldOf(type, "op") = Type::Of(TypeKind::kString);
  return type;
}

Type TypeOfWindow() {
  Type type = Type::Of(TypeKind::kObject);
  FieldOf(type, "start") = Type::Of(TypeKind::kTimestamp);
  FieldOf(type, "end") = Type::Of(TypeKind::kTimestamp);
  return type;
}

Type TypeOfHeaders() { return Type::Map(Type::Of(TypeKind::kString), Type::Of(TypeKind::kBytes)); }

}  // namespace sidestream::topology
