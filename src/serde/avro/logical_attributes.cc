// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include <cmath>
#include <optional>

#include "serde/avro/names.h"
#include "serde/avro/schema_parser.h"

namespace sidestream::serde::avro {
namespace {

using Kind = Value::Kind;

/// Decimal digits that every two's complement number of `bytes` bytes can hold.
int DigitsOf(size_t bytes) {
  if (bytes == 0) return 0;
  return static_cast<int>(std::floor((8.0 * static_cast<double>(bytes) - 1) * std::log10(2.0)));
}

/// An absent attribute is `otherwise`.
std::optional<int64_t> IntOf(const Value& json, std::string_view attribute, int64_t otherwise) {
  const Value value = json.Field(attribute);
  if (value.missing()) return otherwise;
  if (value.kind() != Kind::kInt) return std::nullopt;
  return value.int_value();
}

void ParseDecimal(Node& node, const Value& json) {
  const std::optional<int64_t> precision = IntOf(json, "precision", 0);
  const std::optional<int64_t> scale = IntOf(json, "scale", 0);
  if (!precision.has_value() || *precision < 1 || *precision > kMaxDecimalPrecision) return;
  if (!scale.has_value() || *scale < 0 || *scale > *precision) return;
  if (node.type == Type::kFixed &&
      node.fixed_size<kMaxDecimalPrecision&& * precision> DigitsOf(node.fixed_size)) {
    return;
  }
  node.logical = LogicalType::kDecimal;
  node.precision = static_cast<int>(*precision);
  node.scale = static_cast<int>(*scale);
}

bool Fits(LogicalType logical, const Node& node) {
  switch (logical) {
    case LogicalType::kNone:
      return false;
    case LogicalType::kDecimal:
      return node.type == Type::kBytes || node.type == Type::kFixed;
    case LogicalType::kUuid:
      return node.type == Type::kString || (node.type == Type::kFixed && node.fixed_size == 16);
    case LogicalType::kDate:
    case LogicalType::kTimeMillis:
      return node.type == Type::kInt;
    case LogicalType::kDuration:
      return node.type == Type::kFixed && node.fixed_size == 12;
    default:
      return node.type == Type::kLong;
  }
}

}  // namespace

void ParseLogicalType(Node& node, const Value& json) {
  const Value name = json.Field("logicalType");
  if (name.kind() != Kind::kString) return;
  const LogicalType logical = LogicalTypeOf(name.string_value());
  if (!Fits(logical, node)) return;
  if (logical == LogicalType::kDecimal) return ParseDecimal(node, json);
  node.logical = logical;
}

}  // namespace sidestream::serde::avro
