// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Runs the conformance suites of google/cel-spec (JSON form) and prints, per file and in
// total, how many tests of each tier pass:
//
//   A  the language and its libraries, without protobuf
//   B  the checker, the network library and cel.block, without protobuf
//   C  every test that needs a protobuf message or enum
//
// A skipped test counts as failed. Of the tiers A and B every test must pass but for those
// in cel_known_failures.txt, which may only shrink; of C a least count.
//
// The suites are not part of the checkout: they are looked for in $SIDESTREAM_CEL_SPEC, in
// ../shared/testdata/cel-spec beside the checkout and in an npm package @bufbuild/cel-spec at
// $SIDESTREAM_CEL_SPEC_PACKAGE.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>

#include "expression/checker.h"
#include "expression/parser.h"
#include "expression/program.h"
#include "tests/unit/expression/cel_spec_type.h"
#include "tests/unit/expression/cel_spec_value.h"
#include "tests/unit/expression/test_scope.h"

namespace sidestream::expression {
namespace {

using nlohmann::json;
using serde::Value;

// Where the tests without protobuf of a file belong; those with it are of tier C.
const std::map<std::string, char> kTiers = {
    {"basic", 'A'},        {"comparisons", 'A'},    {"conversions", 'A'}, {"fields", 'A'},
    {"fp_math", 'A'},      {"integer_math", 'A'},   {"lists", 'A'},       {"logic", 'A'},
    {"macros", 'A'},       {"macros2", 'A'},        {"namespace", 'A'},   {"parse", 'A'},
    {"plumbing", 'A'},     {"string", 'A'},         {"timestamps", 'A'},  {"bindings_ext", 'A'},
    {"encoders_ext", 'A'}, {"string_ext", 'A'},     {"math_ext", 'A'},    {"optionals", 'A'},
    {"block_ext", 'B'},    {"type_deduction", 'B'}, {"network_ext", 'B'}};

// How many tests each tier has at least (a suite that lost tests proves less), and how many
// of tier C pass at least: raised with every one that passes, never lowered.
const std::map<char, int> kLeastTests = {{'A', 1617}, {'B', 120}, {'C', 719}};
constexpr int kLeastPassesOfC = 0;

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

enum class Verdict { kPass, kFail, kSkipped };

struct Outcome {
  Verdict verdict = Verdict::kSkipped;
  std::string reason = "skipped: needs protobuf";
};

struct Count {
  int passed = 0;
  int failed = 0;
  int skipped = 0;

  int total() const { return passed + failed + skipped; }
  void Add(Verdict verdict) {
    ++(verdict == Verdict::kPass ? passed : verdict == Verdict::kFail ? failed : skipped);
  }
  void Add(const Count& other) {
    passed += other.passed;
    failed += other.failed;
    skipped += other.skipped;
  }
};

void Print(char tier, const std::string& name, const Count& count) {
  std::cout << "cel-spec tier " << tier << " " << name << ": " << count.passed << " of "
            << count.total() << " passed, " << count.failed << " failed, " << count.skipped
            << " skipped\n";
}

Outcome Check(const json& test, const Value* result, const std::string& error, Arena& arena) {
  if (test.contains("eval_error") || test.contains("any_eval_errors")) {
    if (result == nullptr) return {Verdict::kPass, ""};
    return {Verdict::kFail, "no error but " + serde::DebugString(*result)};
  }
  if (result == nullptr) return {Verdict::kFail, error};
  std::optional<Value> expected = Value::Bool(true);
  if (test.contains("value")) expected = ReadValue(test["value"], arena);
  if (test.contains("typed_result")) expected = ReadValue(test["typed_result"]["result"], arena);
  if (!expected) return {};
  if (Same(*expected, *result)) return {Verdict::kPass, ""};
  return {Verdict::kFail,
          "expected " + serde::DebugString(*expected) + ", got " + serde::DebugString(*result)};
}

// The type that the checker finds, against the one that the test names.
Outcome CheckType(const json& test, const TestScope& scope, const FunctionTable& functions) {
  Arena arena;
  std::vector<CompileError> errors;
  const ExprPtr tree = Parse(test["expr"].get<std::string>(), arena, errors);
  const Type type = tree ? CheckTree(*tree, scope, functions, errors) : Type();
  if (!errors.empty()) return {Verdict::kFail, "does not check: " + errors[0].message};
  const Type expected = ReadType(test["typed_result"]["deduced_type"]);
  if (type == expected) return {Verdict::kPass, ""};
  return {Verdict::kFail, "expected type " + TypeText(expected) + ", got " + TypeText(type)};
}

Outcome Evaluate(const json& test, TestScope& scope, Arena& arena) {
  const Checking checking = test.value("disable_check", false) ? Checking::kOff : Checking::kOn;
  const CompileResult compiled = Compile(test["expr"].get<std::string>(), scope, checking);
  if (!compiled.program)
    return Check(test, nullptr, "does not compile: " + compiled.errors[0].message, arena);
  TestEnvironment environment;
  const std::vector<Value> row = scope.Row();
  const Result<Value> result = compiled.program->Evaluate(row, environment, arena);
  return result.ok() ? Check(test, &*result, "", arena)
                     : Check(test, nullptr, result.status().message(), arena);
}

Outcome RunCase(const json& test) {
  if (test.value("_protobuf", false) || test.contains("unknown")) return {};
  Arena arena;
  TestScope scope;
  scope.set_container(test.value("container", ""));
  FunctionTable functions = FunctionTable::Standard();
  Declare(test.value("type_env", json::array()), scope, functions);
  const json bindings = test.value("bindings", json::object());
  for (const auto& [name, binding] : bindings.items()) {
    if (!binding.contains("value")) return {};
    const std::optional<Value> value = ReadValue(binding["value"], arena);
    if (!value) return {};
    scope.Set(name, *value);
  }
  if (test.contains("typed_result")) {
    const Outcome outcome = CheckType(test, scope, functions);
    if (outcome.verdict != Verdict::kPass || test.value("check_only", false)) return outcome;
  }
  return Evaluate(test, scope, arena);
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

// Runs one file into the counts of its tiers; takes what fails as known out of `known`.
void RunSuite(const std::filesystem::path& path, std::set<std::string>& known,
              std::map<char, Count>& totals) {
  const std::string suite = path.stem().string();
  std::ifstream file(path);
  const json content = json::parse(file);
  std::map<char, Count> counts;
  for (const json& section : content.value("section", json::array())) {
    for (const json& test : section.value("test", json::array())) {
      const auto found = kTiers.find(suite);
      const char tier =
          test.value("_protobuf", false) || found == kTiers.end() ? 'C' : found->second;
      const Outcome outcome = RunCase(test);
      counts[tier].Add(outcome.verdict);
      if (outcome.verdict == Verdict::kPass || tier == 'C') continue;
      const std::string id = test["_id"].get<std::string>();
      if (known.erase(id) == 0)
        ADD_FAILURE() << id << ": " << test["expr"] << ": " << outcome.reason;
    }
  }
  for (const auto& [tier, count] : counts) {
    Print(tier, suite, count);
    totals[tier].Add(count);
  }
}

TEST(CelSpecTest, PassesTheConformanceSuites) {
  const std::optional<std::filesystem::path> suites = FindSuites();
  if (!suites) {
    std::cout
        << "CEL conformance suites are absent: set SIDESTREAM_CEL_SPEC to a checkout of them\n";
    GTEST_SKIP() << "CEL conformance suites are absent";
  }
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(*suites)) {
    if (entry.path().extension() == ".json" && entry.path().stem() != "index")
      files.insert(entry.path());
  }
  std::set<std::string> known = KnownFailures();
  std::map<char, Count> totals;
  for (const auto& file : files) RunSuite(file, known, totals);
  for (const auto& [tier, least] : kLeastTests) {
    Print(tier, "in total", totals[tier]);
    EXPECT_GE(totals[tier].total(), least) << "tests of tier " << tier << " are gone";
  }
  EXPECT_GE(totals['C'].passed, kLeastPassesOfC) << "fewer tests of tier C pass than did";
  for (const std::string& id : known) {
    ADD_FAILURE() << id << " passes (or is gone): take it out of cel_known_failures.txt";
  }
}

}  // namespace
}  // namespace sidestream::expression
