// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Runs the conformance suites of google/cel-spec (JSON form) and prints, per file and in
// total, how many tests of each tier pass:
//
//   A  the language and its libraries, without protobuf
//   B  the checker, the network library and cel.block, without protobuf
//   C  every test that needs a protobuf message or enum
//
// A skipped test counts as failed. Every test must pass but for those in cel_known_failures.txt,
// which may only shrink; of C a least count must.
//
// The suites are not part of the checkout: they are looked for in $SIDESTREAM_CEL_SPEC, in
// ../shared/testdata/cel-spec beside the checkout. Tier C needs the message types too
// (cel_spec_messages.h) and is skipped as a whole without them.

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
#include <string_view>

#include "expression/checker.h"
#include "expression/parser.h"
#include "expression/program.h"
#include "tests/unit/expression/cel_spec_messages.h"
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
constexpr int kLeastPassesOfC = 690;

std::optional<std::filesystem::path> FindSuites() {
  std::vector<std::filesystem::path> places;
  if (const char* set = std::getenv("SIDESTREAM_CEL_SPEC")) places.emplace_back(set);
  places.emplace_back(std::filesystem::path(SIDESTREAM_SOURCE_DIR) / ".." / "shared" / "testdata" /
                      "cel-spec");
  for (const auto& place : places) {
    if (std::filesystem::exists(place / "json/basic.json")) return place / "json";
  }
  return std::nullopt;
}

enum class Verdict { kPass, kFail, kSkipped };

struct Outcome {
  Verdict verdict = Verdict::kSkipped;
  std::string reason = "skipped: the message types are absent";
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

// One test in both forms; `message` is missing without the message types.
struct Case {
  const json& test;
  Value message;
  const serde::MessageTypes* types;
};

Outcome Check(const Case& each, const Value* result, const std::string& error, Arena& arena) {
  const json& test = each.test;
  if (test.contains("eval_error") || test.contains("any_eval_errors")) {
    if (result == nullptr) return {Verdict::kPass, ""};
    return {Verdict::kFail, "no error but " + serde::DebugString(*result)};
  }
  if (result == nullptr) return {Verdict::kFail, error};
  std::optional<Value> expected = Value::Bool(true);
  if (test.contains("value"))
    expected = ReadValue(test["value"], FieldOf(each.message, "value"), arena);
  if (test.contains("typed_result")) {
    expected = ReadValue(test["typed_result"]["result"],
                         FieldOf(FieldOf(each.message, "typed_result"), "result"), arena);
  }
  if (!expected) return {Verdict::kFail, "expected an enum that is a type of its own"};
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
  const Type expected = ReadType(test["typed_result"]["deduced_type"], scope.message_types());
  if (type == expected) return {Verdict::kPass, ""};
  return {Verdict::kFail, "expected type " + TypeText(expected) + ", got " + TypeText(type)};
}

Outcome Evaluate(const Case& each, TestScope& scope, Arena& arena) {
  const json& test = each.test;
  const Checking checking = test.value("disable_check", false) ? Checking::kOff : Checking::kOn;
  const CompileResult compiled = Compile(test["expr"].get<std::string>(), scope, checking);
  if (!compiled.program)
    return Check(each, nullptr, "does not compile: " + compiled.errors[0].message, arena);
  TestEnvironment environment;
  const std::vector<Value> row = scope.Row();
  const Result<Value> result = compiled.program->Evaluate(row, environment, arena);
  return result.ok() ? Check(each, &*result, "", arena)
                     : Check(each, nullptr, result.status().message(), arena);
}

std::optional<Value> ReadBinding(const json& binding, const Value& message, Arena& arena) {
  // To us an enum is an int.
  if (binding.contains("enum_value")) return Value::Int(binding["enum_value"].value("value", 0));
  return ReadValue(binding, message, arena);
}

Outcome RunCase(const Case& each) {
  const json& test = each.test;
  if ((test.value("_protobuf", false) && each.types == nullptr) || test.contains("unknown"))
    return {};
  Arena arena;
  TestScope scope;
  scope.set_message_types(each.types);
  scope.set_container(test.value("container", ""));
  FunctionTable functions = FunctionTable::Standard();
  Declare(test.value("type_env", json::array()), scope, functions);
  const json bindings = test.value("bindings", json::object());
  for (const auto& [name, binding] : bindings.items()) {
    if (!binding.contains("value")) return {};
    const Value bound = FieldOf(each.message, "bindings");
    const std::optional<Value> value = ReadBinding(
        binding["value"], bound.missing() ? bound : FieldOf(bound.Field(name), "value"), arena);
    if (!value) return {Verdict::kFail, "the binding of " + name + " is not read"};
    scope.Set(name, *value);
  }
  if (test.contains("typed_result")) {
    const Outcome outcome = CheckType(test, scope, functions);
    if (outcome.verdict != Verdict::kPass || test.value("check_only", false)) return outcome;
  }
  return Evaluate(each, scope, arena);
}

// Where the JSON form of the suites says something else than the text form, which rules: there
// `\?` is a plain question mark, which the converter took for two characters.
constexpr std::string_view kMisreadBytes = "IFw/ICIgJyBgIA==";  //  \? " ' `
constexpr std::string_view kBytesAsWritten = "ID8gIiAnIGAg";    //  ? " ' `
const std::set<std::string> kMisread = {
    "parse/bytes_literals/triple_single_quoted_unescaped_punctuation",
    "parse/bytes_literals/triple_double_quoted_unescaped_punctuation"};

void Correct(json& test) {
  if (!kMisread.contains(test["_id"].get<std::string>())) return;
  json& bytes = test["value"]["bytes_value"];
  if (bytes == kMisreadBytes) bytes = kBytesAsWritten;
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
void RunSuite(const std::filesystem::path& path, const CelSpecMessages* messages,
              std::set<std::string>& known, std::map<char, Count>& totals) {
  const std::string suite = path.stem().string();
  std::ifstream file(path);
  json content = json::parse(file);
  std::map<char, Count> counts;
  Arena arena;
  Value sections;
  if (messages != nullptr) {
    const auto text = path.parent_path().parent_path() / "textproto" / (suite + ".textproto");
    sections = FieldOf(messages->ReadSuite(text, arena), "section");
  }
  size_t section_at = 0;
  for (json& section : content["section"]) {
    const Value tests = FieldOf(ItemOf(sections, section_at++), "test");
    size_t test_at = 0;
    for (json& test : section["test"]) {
      Correct(test);
      const Case each{test, ItemOf(tests, test_at++),
                      messages == nullptr ? nullptr : &messages->types()};
      const auto found = kTiers.find(suite);
      const char tier =
          test.value("_protobuf", false) || found == kTiers.end() ? 'C' : found->second;
      const Outcome outcome = RunCase(each);
      counts[tier].Add(outcome.verdict);
      if (outcome.verdict == Verdict::kPass) continue;
      const std::string id = test["_id"].get<std::string>();
      const bool is_known = known.erase(id) > 0;
      if (!is_known && (tier != 'C' || messages != nullptr))
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
  const std::unique_ptr<CelSpecMessages> messages = CelSpecMessages::Load();
  if (messages == nullptr) {
    std::cout << "message types of the CEL conformance suites are absent, tier C is not run: "
                 "scripts/setup.sh --with-cel fetches them\n";
  }
  std::set<std::string> known = KnownFailures();
  std::map<char, Count> totals;
  for (const auto& file : files) RunSuite(file, messages.get(), known, totals);
  for (const auto& [tier, least] : kLeastTests) {
    Print(tier, "in total", totals[tier]);
    EXPECT_GE(totals[tier].total(), least) << "tests of tier " << tier << " are gone";
  }
  if (messages != nullptr) {
    EXPECT_GE(totals['C'].passed, kLeastPassesOfC) << "fewer tests of tier C pass than did";
  }
  for (const std::string& id : known) {
    ADD_FAILURE() << id << " passes (or is gone): take it out of cel_known_failures.txt";
  }
}

}  // namespace
}  // namespace sidestream::expression
