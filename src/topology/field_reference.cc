// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The reference page of the fields.

#include <fmt/format.h>

#include "topology/fields.h"

namespace sidestream::topology {
namespace {

std::string_view TypeName(FieldType type) {
  switch (type) {
    case FieldType::kSection:
      return "map";
    case FieldType::kNamed:
      return "map of names";
    case FieldType::kList:
    case FieldType::kSteps:
      return "list";
    case FieldType::kText:
    case FieldType::kKeepText:
      return "text";
    case FieldType::kName:
      return "name";
    case FieldType::kTopic:
      return "topic name";
    case FieldType::kInteger:
      return "integer";
    case FieldType::kBool:
      return "boolean";
    case FieldType::kDuration:
      return "duration";
    case FieldType::kSize:
      return "size";
    case FieldType::kChoice:
      return "one of";
    case FieldType::kWorkers:
      return "`auto` or integer";
    case FieldType::kNames:
      return "name or list of names";
    case FieldType::kExpression:
      return "expression";
    case FieldType::kExpressionMap:
      return "map of expressions";
    case FieldType::kExpressionOrMap:
      return "expression or map of expressions";
    case FieldType::kOtherwise:
      return "`true`";
    case FieldType::kFormat:
      return "format name or map";
    case FieldType::kFieldTypes:
      return "map of field paths to types";
    case FieldType::kTextList:
      return "list of texts";
    case FieldType::kProperties:
      return "map of texts";
    case FieldType::kConstants:
      return "map of anything";
    case FieldType::kAny:
      return "anything";
  }
  return "";
}

std::string Values(const Field& field) {
  std::string text(TypeName(field.type));
  if (!field.choices.empty()) {
    text += ":";
    for (const std::string& choice : Choices(field)) text += fmt::format(" `{}`", choice);
  } else if (field.max > 0 && field.unit.empty()) {
    text += fmt::format(", {} to {}", field.min, field.max);
  } else if (field.max > 0 && field.unit == "duration" && field.min > 0) {
    text += fmt::format(", {}ms to {}s", field.min, field.max / 1000);
  }
  if (field.secret) text += ", secret";
  return text;
}

}  // namespace

std::string FieldReferencePage() {
  std::string page =
      "# Fields of a topology file\n\n"
      "Made from the field table in `src/topology/fields.cc`; a test compares. `<name>` is any "
      "name, `[]`\neach element of a list. Keys that begin with `x-` are free. Durations: `250ms "
      "5s 1m30s 7d`; sizes: `64MiB`.\n"
      "`${env:X}`, `${env:X:-default}`, `${env:X:?message}` and `${file:/path}` work in all scalar "
      "values but\nexpressions; `$$` is a dollar sign there.\n\n"
      "| field | values | default | since | meaning |\n|---|---|---|---|---|\n";
  for (const Field& field : AllFields()) {
    std::string fallback = field.required ? "required" : "";
    if (!field.default_text.empty()) fallback = fmt::format("`{}`", field.default_text);
    page += fmt::format("| `{}` | {} | {} | {} | {} |\n", field.path, Values(field), fallback,
                        field.since, field.help);
  }
  return page;
}

}  // namespace sidestream::topology
