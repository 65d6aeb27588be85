// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/format.h"

#include <algorithm>
#include <array>
#include <optional>

namespace sidestream::serde {
namespace {

constexpr std::array<std::string_view, 12> kFormatNames = {
    "string", "bytes", "int32", "int64",    "float",       "double",
    "uuid",   "json",  "avro",  "protobuf", "json_schema", "csv"};
constexpr std::array<std::string_view, 8> kFieldTypeNames = {
    "int", "double", "string", "bool", "bytes", "timestamp", "duration", "decimal"};

std::optional<size_t> Find(std::span<const std::string_view> names, std::string_view name) {
  const auto at = std::ranges::find(names, name);
  if (at == names.end()) return std::nullopt;
  return static_cast<size_t>(at - names.begin());
}

Status Unknown(std::string_view what, std::span<const std::string_view> names,
               std::string_view name) {
  std::string message = "unknown " + std::string(what) + " '" + std::string(name) + "'; known: ";
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) message += ", ";
    message += names[i];
  }
  return Status::InvalidConfig(std::move(message));
}

}  // namespace

std::span<const std::string_view> FormatNames() { return kFormatNames; }
std::span<const std::string_view> FieldTypeNames() { return kFieldTypeNames; }

std::string_view FormatName(FormatKind kind) { return kFormatNames[static_cast<size_t>(kind)]; }
std::string_view FieldTypeName(FieldType type) {
  return kFieldTypeNames[static_cast<size_t>(type)];
}

Result<FormatKind> ParseFormatKind(std::string_view name) {
  if (const auto index = Find(kFormatNames, name)) return static_cast<FormatKind>(*index);
  return Unknown("format", kFormatNames, name);
}

Result<FieldType> ParseFieldType(std::string_view name) {
  if (const auto index = Find(kFieldTypeNames, name)) return static_cast<FieldType>(*index);
  return Unknown("field type", kFieldTypeNames, name);
}

Result<std::vector<FieldPathStep>> ParseFieldPath(std::string_view path) {
  const auto invalid = [&](std::string_view reason) {
    return Status::InvalidConfig("field path '" + std::string(path) + "': " + std::string(reason) +
                                 "; a path is like \"id\", \"address.zip\" or \"items[].price\"");
  };
  std::vector<FieldPathStep> steps;
  std::string_view rest = path;
  while (true) {
    const size_t end = std::min(rest.find_first_of(".["), rest.size());
    if (end == 0) return invalid("a name is missing");
    const std::string_view name = rest.substr(0, end);
    if (name.find(']') != name.npos) return invalid("']' without '['");
    steps.push_back({.each_element = false, .name = std::string(name)});
    rest.remove_prefix(end);
    while (rest.starts_with("[]")) {
      steps.push_back({.each_element = true, .name = {}});
      rest.remove_prefix(2);
    }
    if (rest.empty()) return steps;
    if (rest[0] == '[') return invalid("only '[]', each element, may stand in brackets");
    if (rest[0] != '.') return invalid("'[]' is followed by '.' or the end");
    rest.remove_prefix(1);
  }
}

bool FormatTakes(FormatKind format, Value::Kind kind) {
  using Kind = Value::Kind;
  switch (format) {
    case FormatKind::kString:
    case FormatKind::kUuid:
      return kind == Kind::kString;
    case FormatKind::kBytes:
      return kind == Kind::kBytes;
    case FormatKind::kInt32:
    case FormatKind::kInt64:
      return kind == Kind::kInt || kind == Kind::kUint;
    case FormatKind::kFloat:
    case FormatKind::kDouble:
      return kind == Kind::kDouble || kind == Kind::kInt || kind == Kind::kUint;
    case FormatKind::kJson:
    case FormatKind::kAvro:
    case FormatKind::kJsonSchema:
      return kind != Kind::kMissing && kind != Kind::kType;
    case FormatKind::kProtobuf:
    case FormatKind::kCsv:
      return kind == Kind::kMap;
  }
  return false;
}

}  // namespace sidestream::serde
