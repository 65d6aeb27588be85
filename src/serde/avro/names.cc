// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/avro/names.h"

#include <array>
#include <utility>

namespace sidestream::serde::avro {

bool IsName(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  for (const char c : name) {
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
    if (!letter && !(c >= '0' && c <= '9')) return false;
  }
  return true;
}

bool IsFullName(std::string_view name) {
  while (true) {
    const size_t dot = name.find('.');
    if (!IsName(name.substr(0, dot))) return false;
    if (dot == name.npos) return true;
    name.remove_prefix(dot + 1);
  }
}

std::string_view NamespaceOf(std::string_view full_name) {
  const size_t dot = full_name.rfind('.');
  return dot == full_name.npos ? std::string_view() : full_name.substr(0, dot);
}

std::string Qualify(std::string_view name, std::string_view name_space) {
  if (name_space.empty() || name.find('.') != name.npos) return std::string(name);
  return std::string(name_space) + "." + std::string(name);
}

std::optional<Type> PrimitiveType(std::string_view name) {
  for (const Type type : {Type::kNull, Type::kBoolean, Type::kInt, Type::kLong, Type::kFloat,
                          Type::kDouble, Type::kBytes, Type::kString}) {
    if (TypeName(type) == name) return type;
  }
  return std::nullopt;
}

LogicalType LogicalTypeOf(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, LogicalType>, 12> kNames = {{
      {"decimal", LogicalType::kDecimal},
      {"uuid", LogicalType::kUuid},
      {"date", LogicalType::kDate},
      {"time-millis", LogicalType::kTimeMillis},
      {"time-micros", LogicalType::kTimeMicros},
      {"timestamp-millis", LogicalType::kTimestampMillis},
      {"timestamp-micros", LogicalType::kTimestampMicros},
      {"timestamp-nanos", LogicalType::kTimestampNanos},
      {"local-timestamp-millis", LogicalType::kLocalTimestampMillis},
      {"local-timestamp-micros", LogicalType::kLocalTimestampMicros},
      {"local-timestamp-nanos", LogicalType::kLocalTimestampNanos},
      {"duration", LogicalType::kDuration},
  }};
  for (const auto& [known, type] : kNames) {
    if (known == name) return type;
  }
  return LogicalType::kNone;
}

}  // namespace sidestream::serde::avro
