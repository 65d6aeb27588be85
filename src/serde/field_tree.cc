// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/field_tree.h"

#include <algorithm>
#include <cmath>

#include "base/bytes.h"
#include "serde/decimal.h"
#include "serde/json_text.h"

namespace sidestream::serde {
namespace {

using Kind = Value::Kind;

FieldNode& ChildOf(FieldNode& parent, const std::string& name) {
  for (const std::unique_ptr<FieldNode>& child : parent.children) {
    if (child->name == name) return *child;
  }
  auto child = std::make_unique<FieldNode>();
  child->name = name;
  child->path = parent.path.empty() ? name : parent.path + "." + name;
  parent.children.push_back(std::move(child));
  return *parent.children.back();
}

FieldNode& ElementOf(FieldNode& parent) {
  if (parent.element == nullptr) {
    parent.element = std::make_unique<FieldNode>();
    parent.element->path = parent.path + "[]";
  }
  return *parent.element;
}

Status AddType(FieldNode& root, const FieldSpec& field) {
  ASSIGN_OR_RETURN(const std::vector<FieldPathStep> steps, ParseFieldPath(field.path));
  FieldNode* node = &root;
  for (const FieldPathStep& step : steps) {
    node->typed = true;
    node = step.each_element ? &ElementOf(*node) : &ChildOf(*node, step.name);
  }
  if (node->type.has_value()) {
    return Status::InvalidConfig("field path '" + field.path + "' has two types");
  }
  node->typed = true;
  node->type = field.type;
  return Status::Ok();
}

void AddWanted(FieldNode& root, const WantedPath& path) {
  FieldNode* node = &root;
  for (const std::string& name : path.fields) {
    node->slots_below.push_back(path.slot);
    node = &ChildOf(*node, name);
  }
  node->stays_text = path.may_stay_text && (node->slots.empty() || node->stays_text);
  node->slots.push_back(path.slot);
}

// Known once all paths and types are in.
void ResolveTexts(FieldNode& node) {
  node.stays_text = node.stays_text && !node.typed && node.slots_below.empty();
  for (const std::unique_ptr<FieldNode>& child : node.children) ResolveTexts(*child);
}

void SortChildren(FieldNode& node) {
  std::ranges::stable_sort(node.children, {}, [](const auto& child) { return child->name.size(); });
  for (const std::unique_ptr<FieldNode>& child : node.children) SortChildren(*child);
  if (node.element != nullptr) SortChildren(*node.element);
}

std::optional<Value> ToInt(const Value& value) {
  if (value.kind() == Kind::kInt) return value;
  if (value.kind() != Kind::kDouble) return std::nullopt;
  // JSON has one kind of number: 5.0 is an int where one is wanted.
  const double number = value.double_value();
  if (number != std::trunc(number) || number < -0x1p63 || number >= 0x1p63) return std::nullopt;
  return Value::Int(static_cast<int64_t>(number));
}

std::optional<Value> ToDouble(const Value& value) {
  switch (value.kind()) {
    case Kind::kDouble:
      return value;
    case Kind::kInt:
      return Value::Double(static_cast<double>(value.int_value()));
    case Kind::kUint:
      return Value::Double(static_cast<double>(value.uint_value()));
    default:
      return std::nullopt;
  }
}

std::optional<Value> ToTimestamp(const Value& value, Arena& arena) {
  if (value.kind() == Kind::kString) {
    const std::optional<Nanos> time = ParseTimestamp(value.string_value());
    if (!time.has_value()) return std::nullopt;
    return Value::TimestampOf(*time, arena);
  }
  const std::optional<Value> whole = ToInt(value);
  if (!whole.has_value()) return std::nullopt;
  const int64_t millis = whole->int_value();
  int64_t seconds = millis / 1000;
  int64_t rest = millis % 1000;
  if (rest < 0) {
    rest += 1000;
    --seconds;
  }
  return Value::TimestampOf({seconds, static_cast<int32_t>(rest * 1'000'000)}, arena);
}

std::optional<Value> ToDecimal(const Value& value, Arena& arena) {
  std::optional<Decimal> number;
  if (value.kind() == Kind::kString) {
    number = Decimal::Parse(value.string_value());
  } else if (value.kind() == Kind::kInt) {
    number = Decimal::Of(value.int_value());
  } else if (value.kind() == Kind::kUint) {
    number = Decimal::Of(value.uint_value());
  } else if (value.kind() == Kind::kDecimal) {
    return value;
  }
  if (!number.has_value()) return std::nullopt;
  return Value::DecimalOf(*number, arena);
}

std::optional<Value> Convert(FieldType type, const Value& value, Arena& arena) {
  switch (type) {
    case FieldType::kInt:
      return ToInt(value);
    case FieldType::kDouble:
      return ToDouble(value);
    case FieldType::kString:
      if (value.kind() == Kind::kString) return value;
      return std::nullopt;
    case FieldType::kBool:
      if (value.kind() == Kind::kBool) return value;
      return std::nullopt;
    case FieldType::kBytes: {
      if (value.kind() != Kind::kString) return std::nullopt;
      const std::optional<std::string> bytes = Base64Decode(value.string_value());
      if (!bytes.has_value()) return std::nullopt;
      return Value::Bytes(arena.Copy(*bytes));
    }
    case FieldType::kTimestamp:
      return ToTimestamp(value, arena);
    case FieldType::kDuration: {
      if (value.kind() != Kind::kString) return std::nullopt;
      const std::optional<Nanos> length = ParseDuration(value.string_value());
      if (!length.has_value()) return std::nullopt;
      return Value::DurationOf(*length, arena);
    }
    case FieldType::kDecimal:
      return ToDecimal(value, arena);
  }
  return std::nullopt;
}

}  // namespace

Result<std::unique_ptr<FieldNode>> BuildFieldTree(const std::vector<FieldSpec>& fields,
                                                  const std::vector<WantedPath>& wanted) {
  auto root = std::make_unique<FieldNode>();
  for (const FieldSpec& field : fields) RETURN_IF_ERROR(AddType(*root, field));
  for (const WantedPath& path : wanted) AddWanted(*root, path);
  SortChildren(*root);
  ResolveTexts(*root);
  return root;
}

Result<Value> ConvertField(const FieldNode& node, const Value& value, Arena& arena) {
  if (value.null()) return value;
  if (const std::optional<Value> converted = Convert(*node.type, value, arena)) return *converted;
  return Status::BadRecord("field '" + node.path + "' does not fit its type: wanted " +
                           std::string(FieldTypeName(*node.type)) + ", found " +
                           std::string(KindName(value.kind())) + " " + DebugString(value, 60));
}

}  // namespace sidestream::serde
