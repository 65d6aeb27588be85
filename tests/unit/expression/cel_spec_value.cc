// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tests/unit/expression/cel_spec_value.h"

#include <cmath>
#include <string>

#include "base/bytes.h"
#include "serde/json_text.h"
#include "tests/unit/expression/cel_spec_messages.h"

namespace sidestream::expression {
namespace {

using nlohmann::json;
using serde::MapEntry;
using serde::Value;
using Kind = Value::Kind;

double ReadDouble(const json& v) {
  if (v.is_number()) return v.get<double>();
  const std::string text = v.get<std::string>();
  return text == "NaN" ? std::nan("") : text == "Infinity" ? HUGE_VAL : -HUGE_VAL;
}

}  // namespace

std::optional<Value> ReadValue(const json& v, const Value& message, Arena& arena) {
  const std::string kind = v.begin().key();
  const json& of = v.begin().value();
  if (kind == "null_value") return Value::Null();
  if (kind == "bool_value") return Value::Bool(of.get<bool>());
  if (kind == "int64_value") return Value::Int(std::stoll(of.get<std::string>()));
  if (kind == "uint64_value") return Value::Uint(std::stoull(of.get<std::string>()));
  if (kind == "double_value") return Value::Double(ReadDouble(of));
  if (kind == "string_value") return Value::String(arena.Copy(of.get<std::string>()));
  if (kind == "bytes_value") return Value::Bytes(arena.Copy(*Base64Decode(of.get<std::string>())));
  if (kind == "type_value") return Value::Type(arena.Copy(of.get<std::string>()));
  if (kind == "list_value") {
    const json values = of.value("values", json::array());
    const Value inner = FieldOf(FieldOf(message, "list_value"), "values");
    const std::span<Value> items = arena.NewArray<Value>(values.size());
    for (size_t i = 0; i < values.size(); ++i) {
      const auto item = ReadValue(values[i], ItemOf(inner, i), arena);
      if (!item) return std::nullopt;
      items[i] = *item;
    }
    return Value::List(items);
  }
  if (kind == "map_value") {
    const json entries = of.value("entries", json::array());
    const Value inner = FieldOf(FieldOf(message, "map_value"), "entries");
    const std::span<MapEntry> made = arena.NewArray<MapEntry>(entries.size());
    for (size_t i = 0; i < entries.size(); ++i) {
      const auto key = ReadValue(entries[i]["key"], FieldOf(ItemOf(inner, i), "key"), arena);
      const auto value = ReadValue(entries[i]["value"], FieldOf(ItemOf(inner, i), "value"), arena);
      if (!key || !value) return std::nullopt;
      made[i] = {*key, *value};
    }
    return Value::Map(made);
  }
  if (kind == "object_value") {
    const std::string type = of.value("@type", "");
    if (type.ends_with("google.protobuf.Timestamp")) {
      return Value::TimestampOf(*serde::ParseTimestamp(of["value"].get<std::string>()), arena);
    }
    if (type.ends_with("google.protobuf.Duration")) {
      return Value::DurationOf(*serde::ParseDuration(of["value"].get<std::string>()), arena);
    }
    const Value object = FieldOf(message, "object_value");
    if (!object.missing()) return object;
  }
  return std::nullopt;
}

bool Same(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::kDouble:
      if (std::isnan(a.double_value()) || std::isnan(b.double_value())) {
        return std::isnan(a.double_value()) && std::isnan(b.double_value());
      }
      return a.double_value() == b.double_value() &&
             std::signbit(a.double_value()) == std::signbit(b.double_value());
    case Kind::kList:
      if (a.list().size() != b.list().size()) return false;
      for (size_t i = 0; i < a.list().size(); ++i) {
        if (!Same(a.list()[i], b.list()[i])) return false;
      }
      return true;
    case Kind::kMap: {
      if (a.map().size() != b.map().size()) return false;
      for (const MapEntry& entry : a.map()) {
        bool found = false;
        for (const MapEntry& other : b.map()) {
          found = found || (Same(entry.key, other.key) && Same(entry.value, other.value));
        }
        if (!found) return false;
      }
      return true;
    }
    default:
      return Value::Equal(a, b);
  }
}

}  // namespace sidestream::expression
