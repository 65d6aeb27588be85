// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "harness/test_difference.h"

#include <fmt/format.h>

#include <algorithm>

#include "serde/json_text.h"

namespace sidestream::harness {
namespace {

using serde::Value;

std::string Below(const std::string& path, const Value& key) {
  std::string name;
  if (key.kind() == Value::Kind::kString) {
    name = key.string_value();
  } else {
    name = JsonOf(key);
  }
  return path.empty() ? name : path + "." + name;
}

/// Entry of `map` with the key `key`; kMissing: none.
Value EntryOf(const Value& map, const Value& key) {
  for (const serde::MapEntry& entry : map.map()) {
    if (Value::Equal(entry.key, key)) return entry.value;
  }
  return {};
}

void AppendMapDifferences(const std::string& path, const Value& expected, const Value& actual,
                          Fields fields, std::vector<Difference>& out) {
  for (const serde::MapEntry& entry : expected.map()) {
    const Value field = EntryOf(actual, entry.key);
    if (field.missing()) {
      out.push_back({Below(path, entry.key), JsonOf(entry.value), std::nullopt});
    } else {
      AppendDifferences(Below(path, entry.key), entry.value, field, fields, out);
    }
  }
  if (fields == Fields::kNamed) return;
  for (const serde::MapEntry& entry : actual.map()) {
    if (EntryOf(expected, entry.key).missing()) {
      out.push_back({Below(path, entry.key), std::nullopt, JsonOf(entry.value)});
    }
  }
}

void AppendListDifferences(const std::string& path, const Value& expected, const Value& actual,
                           std::vector<Difference>& out) {
  const size_t both = std::min(expected.list().size(), actual.list().size());
  for (size_t i = 0; i < both; ++i) {
    AppendDifferences(fmt::format("{}[{}]", path, i), expected.list()[i], actual.list()[i],
                      Fields::kAll, out);
  }
  for (size_t i = both; i < expected.list().size(); ++i) {
    out.push_back({fmt::format("{}[{}]", path, i), JsonOf(expected.list()[i]), std::nullopt});
  }
  for (size_t i = both; i < actual.list().size(); ++i) {
    out.push_back({fmt::format("{}[{}]", path, i), std::nullopt, JsonOf(actual.list()[i])});
  }
}

}  // namespace

std::string JsonOf(const Value& value) {
  std::string text;
  return serde::AppendJson(value, text).ok() ? text : serde::DebugString(value);
}

void AppendDifferences(const std::string& path, const Value& expected, const Value& actual,
                       Fields fields, std::vector<Difference>& out) {
  using Kind = Value::Kind;
  if (expected.kind() == Kind::kMap && actual.kind() == Kind::kMap) {
    AppendMapDifferences(path, expected, actual, fields, out);
  } else if (expected.kind() == Kind::kList && actual.kind() == Kind::kList) {
    AppendListDifferences(path, expected, actual, out);
  } else if (!Value::Equal(expected, actual)) {
    out.push_back({path, JsonOf(expected), JsonOf(actual)});
  }
}

}  // namespace sidestream::harness
