// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tests/unit/expression/cel_spec_type.h"

#include <map>
#include <string>

#include "expression/message_type.h"

namespace sidestream::expression {
namespace {

using nlohmann::json;

Type ReadAbstract(const json& of, const serde::MessageTypes* types) {
  Type type = Type::Named(of.value("name", ""));
  if (type.name == "optional_type") type = Type::Of(TypeKind::kOptional);
  for (const json& parameter : of.value("parameter_types", json::array())) {
    type.parameters.push_back(ReadType(parameter, types));
  }
  return type;
}

}  // namespace

Type ReadType(const json& type, const serde::MessageTypes* types) {
  static const std::map<std::string, TypeKind> kPrimitives = {
      {"BOOL", TypeKind::kBool},     {"INT64", TypeKind::kInt},     {"UINT64", TypeKind::kUint},
      {"DOUBLE", TypeKind::kDouble}, {"STRING", TypeKind::kString}, {"BYTES", TypeKind::kBytes}};
  const std::string kind = type.begin().key();
  const json& of = type.begin().value();
  if (kind == "null") return Type::Of(TypeKind::kNull);
  if (kind == "primitive" || kind == "wrapper")
    return Type::Of(kPrimitives.at(of.get<std::string>()));
  if (kind == "list_type") return Type::List(ReadType(of["elem_type"], types));
  if (kind == "map_type")
    return Type::Map(ReadType(of["key_type"], types), ReadType(of["value_type"], types));
  if (kind == "abstract_type") return ReadAbstract(of, types);
  if (kind == "message_type" && types != nullptr) {
    const serde::MessageType* message = types->Find(of.get<std::string>());
    return message == nullptr ? Type() : TypeOfMessage(*message);
  }
  if (kind == "type_param") {
    Type variable = Type::Of(TypeKind::kVariable);
    variable.variable = of.get<std::string>()[0] - 'A';
    return variable;
  }
  if (kind == "well_known" && of == "TIMESTAMP") return Type::Of(TypeKind::kTimestamp);
  if (kind == "well_known" && of == "DURATION") return Type::Of(TypeKind::kDuration);
  return Type();
}

void Declare(const json& declarations, TestScope& scope, FunctionTable& functions) {
  for (const json& declaration : declarations) {
    const std::string name = declaration["name"].get<std::string>();
    if (declaration.contains("ident")) {
      scope.Declare(name, ReadType(declaration["ident"]["type"], scope.message_types()));
      continue;
    }
    FunctionTable::Entry entry;
    entry.name = name;
    for (const json& each : declaration["function"]["overloads"]) {
      Overload overload;
      for (const json& parameter : each.value("params", json::array())) {
        overload.parameters.push_back(ReadType(parameter, scope.message_types()));
      }
      overload.result = ReadType(each["result_type"], scope.message_types());
      if (each.value("is_instance_function", false)) entry.style = CallStyle::kMember;
      entry.overloads.push_back(std::move(overload));
    }
    functions.Declare(std::move(entry));
  }
}

}  // namespace sidestream::expression
