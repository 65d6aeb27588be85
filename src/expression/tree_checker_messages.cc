// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Messages: literals and their fields.

#include <set>

#include "expression/message_type.h"
#include "expression/names.h"
#include "expression/text.h"
#include "expression/tree_checker.h"

namespace sidestream::expression {

const serde::MessageType* TreeChecker::MessageOf(const Type& type) const {
  const serde::MessageTypes* types = scope_.message_types();
  return type.Is(TypeKind::kNamed) && types != nullptr ? types->Find(type.name) : nullptr;
}

Type TreeChecker::MessageField(const serde::MessageType& message, const std::string& field,
                               SourcePosition position) {
  if (const serde::MessageField* known = message.Find(field)) return TypeOfField(*known);
  return Error(position, "message " + message.name + " has no field " + field,
               NearestName(field, message.FieldNames()));
}

Type TreeChecker::Visit(const MessageLiteral& n, const Expr& expr) {
  const serde::MessageType* message = ResolveMessage(scope_, n.type, n.absolute);
  if (message == nullptr) {
    for (const MessageLiteral::Field& field : n.fields) Check(*field.value);
    return UnknownMessage(n.type, expr.position);
  }
  std::set<std::string> seen;
  for (const MessageLiteral::Field& field : n.fields) {
    const Type given = field.optional ? Unwrapped(*field.value) : Check(*field.value);
    const size_t before = errors_.size();
    const Type wanted = MessageField(*message, field.name, field.position);
    if (errors_.size() > before) continue;
    if (!seen.insert(field.name).second)
      Error(field.position, "field " + field.name + " is set twice");
    if (types_.Assign(wanted, given) != TypeInference::Fit::kNo) continue;
    Error(StartOf(*field.value), "field " + field.name + " of " + message->name + " is " +
                                     Text(wanted) + ", not " + Text(given));
  }
  return TypeOfMessage(*message);
}

Type TreeChecker::UnknownMessage(const std::string& name, SourcePosition position) {
  const serde::MessageTypes* types = scope_.message_types();
  return Error(position,
               "unknown message type: " + name + "{…}; a map is written {\"field\": value}",
               types == nullptr ? "" : NearestName(name, types->Names()));
}

}  // namespace sidestream::expression
