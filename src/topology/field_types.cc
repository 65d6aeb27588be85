// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "topology/field_types.h"

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
  if (format.values != nullptr) return TypeOfSchema(*format.values);
  if (format.kind == serde::FormatKind::kJson) return TypeOfFields(format.fields);
  return Type();
}

Type TypeOfFlow(const Flow& flow) {
  if (!flow.encoding.computed) {
    Type declared = TypeOfValues(flow.encoding.format);
    if (!declared.dyn()) return declared;
  }
  return flow.kind ? expression::TypeOfKind(*flow.kind) : Type();
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
