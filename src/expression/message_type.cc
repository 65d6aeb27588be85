// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "expression/message_type.h"

namespace sidestream::expression {
namespace {

using serde::FieldKind;
using serde::WellKnown;

Type TypeOfOne(const serde::MessageField& field) {
  switch (field.kind) {
    case FieldKind::kBool:
      return Type::Of(TypeKind::kBool);
    case FieldKind::kInt32:
    case FieldKind::kInt64:
      return Type::Of(TypeKind::kInt);
    case FieldKind::kUint32:
    case FieldKind::kUint64:
      return Type::Of(TypeKind::kUint);
    case FieldKind::kFloat:
    case FieldKind::kDouble:
      return Type::Of(TypeKind::kDouble);
    case FieldKind::kString:
      return Type::Of(TypeKind::kString);
    case FieldKind::kBytes:
      return Type::Of(TypeKind::kBytes);
    case FieldKind::kEnum:
      return Type::Of(field.enumeration->IsNull() ? TypeKind::kNull : TypeKind::kInt);
    case FieldKind::kMessage:
      break;
  }
  return TypeOfMessage(*field.message);
}

}  // namespace

Type TypeOfMessage(const serde::MessageType& message) {
  switch (message.well_known) {
    case WellKnown::kAny:
    case WellKnown::kValue:
      return Type();
    case WellKnown::kTimestamp:
      return Type::Of(TypeKind::kTimestamp);
    case WellKnown::kDuration:
      return Type::Of(TypeKind::kDuration);
    case WellKnown::kStruct:
      return Type::Map(Type::Of(TypeKind::kString), Type());
    case WellKnown::kListValue:
      return Type::List(Type());
    case WellKnown::kWrapper:
      return TypeOfOne(message.fields[0]);
    case WellKnown::kNone:
    case WellKnown::kFieldMask:
      break;
  }
  return Type::Named(message.name);
}

Type TypeOfField(const serde::MessageField& field) {
  if (field.map)
    return Type::Map(TypeOfOne(field.message->fields[0]), TypeOfOne(field.message->fields[1]));
  return field.repeated ? Type::List(TypeOfOne(field)) : TypeOfOne(field);
}

}  // namespace sidestream::expression
