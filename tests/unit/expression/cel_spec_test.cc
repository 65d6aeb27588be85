// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Runs the conformance suites of google/cel-spec (JSON form). Tests that need protobuf
// messages, or only the checker, are skipped and counted.
//
// The named suites must pass but for cel_known_failures.txt, which may only shrink; of
// the others a least count must pass. The suites are not part of the checkout: they are
// looked for in $SIDESTREAM_CEL_SPEC, in ../shared/testdata/cel-spec beside the checkout
// and in an npm package @bufbuild/cel-spec at $SIDESTREAM_CEL_SPEC_PACKAGE.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>

#include "base/bytes.h"
#include "expression/program.h"
#include "serde/json_text.h"
#include "tests/unit/expression/test_scope.h"

namespace sidestream::expression {
namespace {

using nlohmann::json;
using serde::MapEntry;
using serde::Value;
using Kind = Value::Kind;

// The suites of which every test must pass, and of the others how many do. When a number
// can be raised the test says so; it is never lowered.
const std::set<std::string> kComplete = {"basic", "fields", "integer_math", "logic",
                                         "lists", "macros", "string"};
const std::map<std::string, int> kLeastPasses = {
    {"bindings_ext", 8}, {"comparisons", 334}, {"conversions", 109},  {"encoders_ext", 4},
    {"fp_math", 30},     {"macros2", 46},      {"math_ext", 199},     {"namespace", 12},
    {"network_ext", 9},  {"optionals", 59},    {"parse", 174},        {"plumbing", 5},
    {"string_ext", 212}, {"timestamps", 73},   {"type_deduction", 12}};

std::optional<std::filesystem::path> FindSuites() {
  std::vector<std::filesystem::path> places;
  if (const char* set = std::getenv("SIDESTREAM_CEL_SPEC")) places.emplace_back(set);
  places.emplace_back(std::filesystem::path(SIDESTREAM_SOURCE_DIR) / ".." / "shared" / "testdata" /
                      "cel-spec");
  if (const char* set = std::getenv("SIDESTREAM_CEL_SPEC_PACKAGE")) places.emplace_back(set);
  for (const auto& place : places) {
    for (const auto& folder : {place / "json", place}) {
      if (std::filesystem::exists(folder / "basic.json")) return folder;
    }
  }
  return std::nullopt;
}

double ReadDouble(const json& v) {
  if (v.is_number()) return v.get<double>();
  const std::string text = v.get<std::string>();
  return text == "NaN" ? std::nan("") : text == "Infinity" ? HUGE_VAL : -HUGE_VAL;
}

// Empty for a value that only protobuf has.
std::optional<Value> ReadValue(const json& v, Arena& arena) {
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
    const std::span<Value> items = arena.NewArray<Value>(values.size());
    for (size_t i = 0; i < values.size(); ++i) {
      const auto item = ReadValue(values[i], arena);
      if (!item) return std::nullopt;
      items[i] = *item;
    }
    return Value::List(items);
  }
  if (kind == "map_value") {
    const json entries = of.value("entries", json::array());
    const std::span<MapEntry> made = arena.NewArray<MapEntry>(entries.size());
    for (size_t i = 0; i < entries.size(); ++i) {
      const auto key = ReadValue(entries[i]["key"], arena);
      const auto value = ReadValue(entries[i]["value"], arena);
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
  }
  return std::nullopt;
}

// Stricter than CEL's ==: kinds must agree, NaN is NaN, zero has a sign; maps in any order.
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

enum class Verdict { kPass, kFail, kSkipped };

struct Outcome {
  Verdict verdict = Verdict::kSkipped;
  std::string reason;
};

Outcome Check(const json& test, const Value* result, const std::string& error, Arena& arena) {
  if (test.contains("eval_error") || test.contains("any_eval_errors")) {
    if (result == nullptr) return {Verdict::kPass, ""};
    return {Verdict::kFail, "no error but " + serde::DebugString(*result)};
  }
  if (result == nullptr) return {Verdict::kFail, error};
  std::optional<Value> expected = Value::Bool(true);
  if (test.contains("value")) expected = ReadValue(test["value"], arena);
  if (test.contains("typed_result")) expected = ReadValue(test["typed_result"]["result"], arena);
  if (!expected) return {Verdict::kSkipped, ""};
  if (Same(*expected, *result)) return {Verdict::kPass, ""};
  return {Verdict::kFail,
          "expected " + serde::DebugString(*expected) + ", got " + serde::DebugString(*result)};
}

Outcome RunCase(const json& test) {
  // What needs messages or the checker alone says nothing about evaluation.
  if (test.value("_protobuf", false) || test.value("check_only", false) || test.contains("unknown"))
    return {};
  Arena arena;
  TestScope scope;
  scope.set_container(test.value("container", ""));
  const json bindings = test.value("bindings", json::object());
  for (const auto& [name, binding] : bindings.items()) {
    if (!binding.contains("value")) return {};
    const std::optional<Value> value = ReadValue(binding["value"], arena);
    if (!value) return {};
    scope.Set(name, *value);
  }
  const CompileResult compiled = Compile(test["expr"].get<std::string>(), scope);
  if (!compiled.program)
    return Check(test, nullptr, "does not compile: " + compiled.errors[0].message, arena);
  TestEnvironment environment;
  const std::vector<Value> row = scope.Row();
  const Result<Value> result = compiled.program->Evaluate(row, environment, arena);
  return result.ok() ? Check(test, &*result, "", arena)
                     : Check(test, nullptr, result.status().message(), arena);
}

// Lines "id  # reason".
std::set<std::string> KnownFailures() {
  std::set<std::string> ids;
  std::ifstream file(std::filesystem::path(SIDESTREAM_SOURCE_DIR) /
                     "tests/unit/expression/cel_known_failures.txt");
  EXPECT_TRUE(file.good()) << "cel_known_failures.txt is not there";
  for (std::string line; std::getline(file, line);) {
    const std::string id = line.substr(0, line.find_first_of(" #"));
    if (!id.empty()) ids.insert(id);
  }
  return ids;
}

TEST(CelSpecTest, PassesTheConformanceSuites) {
  const std::optional<std::filesystem::path> suites = FindSuites();
  if (!suites) {
    std::cout
        << "CEL conformance suites are absent: set SIDESTREAM_CEL_SPEC to a checkout of them\n";
    GTEST_SKIP() << "CEL conformance suites are absent";
  }
  const std::set<std::string> known = KnownFailures();
  const bool verbose = std::getenv("SIDESTREAM_CEL_SPEC_VERBOSE") != nullptr;
  std::set<std::string> failed_known;
  for (const auto& entry : std::filesystem::directory_iterator(*suites)) {
    const std::string suite = entry.path().stem().string();
    if (entry.path().extension() != ".json" || suite == "index") continue;
    std::ifstream file(entry.path());
    const json content = json::parse(file);
    std::map<Verdict, int> counts;
    for (const json& section : content.value("section", json::array())) {
      for (const json& test : section.value("test", json::array())) {
        const Outcome outcome = RunCase(test);
        ++counts[outcome.verdict];
        if (outcome.verdict != Verdict::kFail) continue;
        const std::string id = test["_id"].get<std::string>();
        if (known.contains(id)) {
          failed_known.insert(id);
        } else if (kComplete.contains(suite)) {
          ADD_FAILURE() << id << ": " << test["expr"] << ": " << outcome.reason;
        } else if (verbose) {
          std::cout << id << ": " << test["expr"] << ": " << outcome.reason << "\n";
        }
      }
    }
    std::cout << "cel-spec " << suite << ": " << counts[Verdict::kPass] << " pass, "
              << counts[Verdict::kFail] << " fail, " << counts[Verdict::kSkipped] << " skipped\n";
    const auto least = kLeastPasses.find(suite);
    if (least == kLeastPasses.end()) continue;
    EXPECT_GE(counts[Verdict::kPass], least->second) << suite << " passes fewer tests than it did";
    if (counts[Verdict::kPass] > least->second) {
      std::cout << "cel-spec " << suite << ": raise its number in kLeastPasses\n";
    }
  }
  for (const std::string& id : known) {
    EXPECT_TRUE(failed_known.contains(id))
        << id << " passes (or is gone): take it out of cel_known_failures.txt";
  }
}

}  // namespace
}  // namespace sidestream::expression
