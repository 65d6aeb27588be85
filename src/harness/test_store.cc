// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "harness/test_store.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <utility>
#include <variant>

#include "base/arena.h"
#include "harness/test_difference.h"
#include "operators/aggregate/aggregate_row.h"
#include "serde/json_text.h"
#include "serde/key_codec.h"
#include "serde/reader.h"
#include "serde/value_codec.h"

namespace sidestream::harness {
namespace {

using serde::Value;

/// Null when no aggregate has a store of this name.
const topology::Store* FindStore(const topology::Plan& plan, const std::string& name) {
  for (const topology::SubTopology& part : plan.sub_topologies) {
    for (const topology::Node& node : part.nodes) {
      const auto* aggregate = std::get_if<topology::AggregateNode>(&node.operation);
      if (aggregate == nullptr) continue;
      const topology::Store& store = part.stores[static_cast<size_t>(aggregate->store)];
      if (store.name == name) return &store;
    }
  }
  return nullptr;
}

class StoreReader {
 public:
  explicit StoreReader(const topology::Store& store) : store_(store) {}

  /// Results that were sent last, by key as text.
  Result<std::map<std::string, Value>> Results(const std::map<std::string, std::string>& rows) {
    std::map<std::string, Value> results;
    for (const auto& [key, row] : rows) {
      const std::optional<std::string_view> group = operators::GroupOfRowKey(key);
      if (!group) continue;
      ASSIGN_OR_RETURN(std::string text, KeyText(*group));
      ASSIGN_OR_RETURN(results[std::move(text)], LastSent(row));
    }
    return results;
  }

 private:
  /// A text key as it is, any other as JSON.
  Result<std::string> KeyText(std::string_view bytes) {
    ASSIGN_OR_RETURN(const Value key, Key(bytes));
    if (key.kind() == Value::Kind::kString) return std::string(key.string_value());
    return JsonOf(key);
  }

  Result<Value> Key(std::string_view bytes) {
    const topology::Encoding& encoding = store_.key;
    if (encoding.computed) {
      // docs/formats/aggregate-row.md: the kind stands in front.
      if (bytes.empty()) return Status::TaskCorrupted("a store has an empty key");
      ASSIGN_OR_RETURN(const serde::KeyKind kind,
                       serde::ParseKeyKind(static_cast<uint8_t>(bytes.front())));
      return serde::DecodeKey(kind, bytes.substr(1), parser_, arena_);
    }
    ASSIGN_OR_RETURN(const auto reader,
                     serde::Reader::Create(encoding.format, {{.fields = {}, .slot = 0}}));
    std::array<Value, 1> slots;
    RETURN_IF_ERROR(reader->Read(arena_.Copy(bytes), slots, arena_));
    return slots[0].CopyInto(arena_);
  }

  /// As JSON has it, so that it compares with what a file can say.
  Result<Value> LastSent(const std::string& row) {
    ASSIGN_OR_RETURN(const operators::AggregateRow decoded, operators::DecodeAggregateRow(row));
    if (!decoded.sent) return Value::Null();
    ASSIGN_OR_RETURN(const Value value, serde::DecodeValue(*decoded.sent, arena_));
    return parser_.Parse(arena_.Copy(JsonOf(value)), arena_);
  }

  const topology::Store& store_;
  serde::JsonParser parser_;
  Arena arena_;
};

}  // namespace

Result<std::vector<TestFailure>> CompareStore(const std::string& step, const Value& expected,
                                              const std::string& location,
                                              EmbeddedApplication& application) {
  std::vector<TestFailure> failures;
  const std::string subject = "store " + step;
  const topology::Store* const store = FindStore(application.plan(), step);
  if (store == nullptr) {
    failures.push_back({subject, location, "there is no such store", {}, {}});
    return failures;
  }
  if (store->kind == topology::Store::Kind::kWindows) {
    failures.push_back({subject, location,
                        "it holds windows, which go when they are over: expect what the step sends",
                        {},
                        {}});
    return failures;
  }
  ASSIGN_OR_RETURN(const auto rows, application.StoreRows(step));
  StoreReader reader(*store);
  ASSIGN_OR_RETURN(const auto results, reader.Results(rows));
  for (const serde::MapEntry& entry : expected.map()) {
    const std::string key(entry.key.string_value());
    const auto found = results.find(key);
    if (found == results.end()) {
      failures.push_back({subject, location, "there is no row of " + key, {}, {}});
      continue;
    }
    std::vector<Difference> differences;
    AppendDifferences("", entry.value, found->second, Fields::kAll, differences);
    if (differences.empty()) continue;
    failures.push_back({subject, location, "the row of " + key + " differs", {}, {}});
    failures.back().differences = std::move(differences);
  }
  return failures;
}

}  // namespace sidestream::harness
