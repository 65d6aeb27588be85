// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/avro/schema.h"

#include <array>

namespace sidestream::serde::avro {
namespace {

constexpr std::array<std::string_view, 14> kTypeNames = {
    "null",   "boolean", "int",  "long",  "float", "double", "bytes",
    "string", "record",  "enum", "array", "map",   "union",  "fixed"};

}  // namespace

std::string_view TypeName(Type type) { return kTypeNames[static_cast<size_t>(type)]; }

std::string_view UnqualifiedName(std::string_view name) {
  const size_t dot = name.rfind('.');
  return dot == name.npos ? name : name.substr(dot + 1);
}

std::string Describe(const Node& node) {
  const std::string type(TypeName(node.type));
  switch (node.type) {
    case Type::kRecord:
    case Type::kEnum:
    case Type::kFixed:
      return type + " " + node.name;
    case Type::kArray:
    case Type::kMap:
      // One level: a type may contain itself.
      return type + " of " + std::string(TypeName(node.element->type));
    default:
      return type;
  }
}

}  // namespace sidestream::serde::avro
