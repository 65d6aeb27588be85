// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/avro/union_choice.h"

#include <algorithm>
#include <cstdint>

#include "serde/avro/logical_time.h"
#include "serde/uuid_text.h"

namespace sidestream::serde::avro {
namespace {

using Kind = Value::Kind;

/// How well a type takes a value; more is better.
enum Fit { kNot = 0, kLast, kConverted, kWidened, kAsItIs };

bool IsInteger(const Value& value) {
  return value.kind() == Kind::kInt || value.kind() == Kind::kUint;
}

bool FitsInt(const Value& value) {
  if (value.kind() == Kind::kUint) return value.uint_value() <= INT32_MAX;
  return value.kind() == Kind::kInt && value.int_value() == static_cast<int32_t>(value.int_value());
}

Fit FitOfTime(LogicalType logical, const Value& value) {
  switch (logical) {
    case LogicalType::kDate:
      return value.kind() == Kind::kTimestamp ? kConverted : kNot;
    case LogicalType::kTimeMillis:
    case LogicalType::kTimeMicros:
      return value.kind() == Kind::kDuration ? kAsItIs : kNot;
    default:
      if (value.kind() == Kind::kTimestamp) return kAsItIs;
      return IsInteger(value) || value.kind() == Kind::kString ? kLast : kNot;
  }
}

Fit FitOfBytes(const Node& type, const Value& value) {
  switch (type.logical) {
    case LogicalType::kDecimal:
      if (value.kind() == Kind::kDecimal) return kAsItIs;
      return IsInteger(value) || value.kind() == Kind::kString ? kLast : kNot;
    case LogicalType::kUuid:
      return value.kind() == Kind::kString && IsUuidText(value.string_value()) ? kWidened : kNot;
    case LogicalType::kDuration:
      if (value.kind() == Kind::kDuration) return kWidened;
      return value.kind() == Kind::kMap ? kLast : kNot;
    default:
      if (value.kind() != Kind::kBytes) return kNot;
      if (type.type == Type::kBytes) return kAsItIs;
      return value.string_value().size() == type.fixed_size ? kAsItIs : kLast;
  }
}

Fit FitOf(const Node& type, const Value& value);

/// Without a look into records.
bool TakesKind(const Node& type, const Value& value) {
  if (type.type == Type::kRecord) return value.kind() == Kind::kMap;
  if (type.type != Type::kUnion) return FitOf(type, value) != kNot;
  return std::ranges::any_of(type.branches,
                             [&](const Node* branch) { return TakesKind(*branch, value); });
}

bool HasFieldsOf(const Node& record, const Value& value) {
  size_t found = 0;
  for (const Field& field : record.fields) {
    const Value entry = value.Field(field.name);
    if (!entry.missing()) ++found;
    const Value inner = Unwrap(entry);
    if (inner.missing() ? !field.default_bytes.has_value() : !TakesKind(*field.type, inner)) {
      return false;
    }
  }
  return found == value.map().size();
}

Fit FitOf(const Node& type, const Value& value) {
  const Kind kind = value.kind();
  switch (type.type) {
    case Type::kNull:
      return kind == Kind::kNull ? kAsItIs : kNot;
    case Type::kBoolean:
      return kind == Kind::kBool ? kAsItIs : kNot;
    case Type::kInt:
    case Type::kLong:
      if (IsTime(type.logical)) return FitOfTime(type.logical, value);
      if (!IsInteger(value)) return kNot;
      return type.type == Type::kLong || FitsInt(value) ? kAsItIs : kLast;
    case Type::kFloat:
    case Type::kDouble:
      if (kind != Kind::kDouble && !IsInteger(value)) return kNot;
      if (type.type == Type::kFloat) return kConverted;
      return kind == Kind::kDouble ? kAsItIs : kWidened;
    case Type::kBytes:
    case Type::kFixed:
      return FitOfBytes(type, value);
    case Type::kString:
      return kind == Kind::kString ? kAsItIs : kNot;
    case Type::kEnum:
      return kind == Kind::kString &&
                     std::ranges::find(type.symbols, value.string_value()) != type.symbols.end()
                 ? kAsItIs
                 : kNot;
    case Type::kArray:
      return kind == Kind::kList ? kAsItIs : kNot;
    case Type::kMap:
      return kind == Kind::kMap ? kWidened : kNot;
    case Type::kRecord:
      if (kind != Kind::kMap) return kNot;
      return HasFieldsOf(type, value) ? kAsItIs : kLast;
    case Type::kUnion:
      return kNot;  // never directly in a union
  }
  return kNot;
}

}  // namespace

std::optional<size_t> ChooseBranch(const Node& union_type, const Value& value) {
  std::optional<size_t> best;
  Fit best_fit = kNot;
  for (size_t i = 0; i < union_type.branches.size(); ++i) {
    const Fit fit = FitOf(*union_type.branches[i], value);
    if (fit <= best_fit) continue;
    best = i;
    best_fit = fit;
  }
  return best;
}

}  // namespace sidestream::serde::avro
