// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "expression/program.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "serde/decimal.h"
#include "serde/json_text.h"
#include "tests/unit/expression/test_scope.h"

namespace sidestream::expression {
namespace {

using serde::Value;

class ProgramTest : public testing::Test {
 protected:
  ProgramTest() {
    Set("value",
        R"({"id": 7, "price": 2.5, "name": "Ada", "none": null, "user": {"id": "u1"}, "items": [{"n": 1}]})");
    Set("key", R"("k1")");
    Set("vars", R"({"limit": "5"})");
  }

  void Set(const std::string& name, const std::string& text) {
    Result<Value> parsed = parser_.Parse(arena_.Copy(text), arena_);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    scope_.Set(name, *parsed);
  }

  // The result as a debug text, or "error: …", or "compile: …" with all errors.
  std::string Run(const std::string& text) {
    const CompileResult compiled = Compile(text, scope_);
    if (!compiled.program) {
      std::string errors = "compile:";
      for (const CompileError& error : compiled.errors) {
        errors += " " + std::to_string(error.position.line) + ":" +
                  std::to_string(error.position.column) + " " + error.message;
        if (!error.suggestion.empty()) errors += " [" + error.suggestion + "]";
      }
      return errors;
    }
    EXPECT_TRUE(compiled.errors.empty());
    const std::vector<Value> row = scope_.Row();
    Result<Value> result = compiled.program->Evaluate(row, environment_, arena_);
    if (result.ok()) return serde::DebugString(*result);
    EXPECT_EQ(result.status().code(), StatusCode::kBadRecord);
    return "error: " + result.status().message();
  }

  Arena arena_;
  serde::JsonParser parser_;
  TestScope scope_;
  TestEnvironment environment_;
};

#define EXPECT_CONTAINS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

TEST_F(ProgramTest, DecimalsAreExact) {
  scope_.Set("d", Value::DecimalOf(*serde::Decimal::Parse("19.90"), arena_));
  scope_.Set("x", Value::Double(0.5));
  EXPECT_EQ(Run("string(decimal('0.908') * d)"), "\"18.06920\"");
  EXPECT_EQ(Run("d * 3 - 1"), "decimal('58.70')");
  EXPECT_EQ(Run("-d / 3"), "decimal('-6.633333333333333333333333333333333')");
  EXPECT_EQ(Run("[d == decimal('19.9'), d > 19, 20 > d, decimal(1) == 1, 2u != decimal(2)]"),
            "[true, true, true, true, false]");
  EXPECT_EQ(Run("[type(d) == decimal, int(d), double(d), bool(string(d == 19))]"),
            "[true, 19, 19.9, false]");
  EXPECT_EQ(Run("math.sum([d, 1]) == math.greatest(d, decimal('20.9'))"), "true");
  EXPECT_EQ(Run("[math.avg([d, d * 2]), math.round(d), math.abs(-d)]"),
            "[decimal('29.85'), decimal('20'), decimal('19.90')]");
  EXPECT_EQ(Run("'%s %.1f %.3f'.format([d, decimal('0.25'), d])"), "\"19.90 0.2 19.900\"");
  EXPECT_EQ(Run("optional.ofNonZeroValue(d - d).hasValue()"), "false");
  EXPECT_EQ(Run("json.encode({'a': d})"), R"("{\"a\":19.90}")");
  EXPECT_EQ(Run("[decimal('2'), decimal('1.5')].sort()"), "[decimal('1.5'), decimal('2')]");
}

TEST_F(ProgramTest, DecimalsRefuseDoublesAndWhatIsNoNumber) {
  scope_.Set("d", Value::DecimalOf(*serde::Decimal::Parse("19.90"), arena_));
  scope_.Set("x", Value::Double(0.5));
  for (const std::string op : {"+", "-", "*", "/", "<", ">=", "==", "!="}) {
    EXPECT_CONTAINS(Run("d " + op + " x"), "a double is not exact; write decimal(\"...\")");
    EXPECT_CONTAINS(Run("decimal('1') " + op + " 1.5"), "compile: 1:14 cannot comp");
  }
  EXPECT_CONTAINS(Run("math.greatest([d, x])"), "a double is not exact");
  EXPECT_CONTAINS(Run("decimal(1.5)"), "no such function: decimal(double)");
  EXPECT_CONTAINS(Run("decimal(x)"), "no such function: decimal(double)");
  EXPECT_CONTAINS(Run("decimal('1.5.0')"), "cannot convert to decimal: \"1.5.0\"");
  EXPECT_EQ(Run("d / 0"), "error: division by zero");
  EXPECT_CONTAINS(Run("d * decimal('1e37')"), "decimal overflow in '*'");
  EXPECT_CONTAINS(Run("{d: 1}"), "a key of a map is");
  EXPECT_CONTAINS(Run("d % 2"), "cannot compute decimal % int");
}

TEST_F(ProgramTest, AsksForOneSlotPerSelectChain) {
  EXPECT_EQ(Run("value.user.id + key + value.user.id"), "\"u1k1u1\"");
  using Slots = std::vector<std::pair<std::string, TestScope::Path>>;
  EXPECT_EQ(scope_.slots(), (Slots{{"value", {"user", "id"}}, {"key", {}}}));
}

TEST_F(ProgramTest, StopsASlotWhereTheChainIsNotPlain) {
  EXPECT_EQ(
      Run("has(value.user.id) && value.items[0].n == 1 && value.?user.id == optional.of('u1')"),
      "true");
  using Slots = std::vector<std::pair<std::string, TestScope::Path>>;
  EXPECT_EQ(scope_.slots(), (Slots{{"value", {"user"}}, {"value", {"items"}}, {"value", {}}}));
}

TEST_F(ProgramTest, LetsAMacroVariableHideARecordVariable) {
  EXPECT_EQ(Run("[{'id': 1}].map(value, value.id + 1)"), "[2]");
  EXPECT_TRUE(scope_.slots().empty());
  EXPECT_EQ(Run("[1].map(value, .value.id)"), "[7]");
}

TEST_F(ProgramTest, MakesAMissingFieldAnErrorThatSaysWhatToDo) {
  for (const char* text :
       {"value.nope", "value.user.nope", "value.nope.deeper", "value.items[0].nope"}) {
    const std::string message = Run(text);
    EXPECT_CONTAINS(message, "error: field is missing: value.");
    for (const char* part : {"has()", ".?", "on_error"}) EXPECT_CONTAINS(message, part);
  }
  EXPECT_CONTAINS(Run("value.none.x"), "error: field is missing: value.none.x");
  EXPECT_CONTAINS(Run("value.items[0].n.m"), "error: cannot select value.items[0].n.m from int");
}

TEST_F(ProgramTest, TellsMissingFromNull) {
  EXPECT_EQ(Run("has(value.none)"), "true");
  EXPECT_EQ(Run("has(value.nope)"), "false");
  EXPECT_EQ(Run("has(value.none.x)"), "false");
  EXPECT_EQ(Run("value.none == null"), "true");
  EXPECT_EQ(Run("value.?none.hasValue()"), "true");
  EXPECT_EQ(Run("value.none.?x.hasValue()"), "false");
  EXPECT_EQ(Run("value.none[?0].hasValue()"), "false");
  EXPECT_EQ(Run("value.?nope.orValue('x')"), "\"x\"");
  EXPECT_EQ(Run("value.?user.?id.orValue(1/0)"), "\"u1\"");
  EXPECT_EQ(Run("value.?nope.or(value.?id).value()"), "7");
  EXPECT_EQ(Run("[?value.?nope, ?value.?id]"), "[7]");
  EXPECT_EQ(Run("value.id == 7 ? null : value.id"), "null");
}

TEST_F(ProgramTest, PromotesIntToDoubleInArithmetic) {
  EXPECT_EQ(Run("value.id * value.price"), "17.5");
  EXPECT_EQ(Run("value.price - 1"), "1.5");
  EXPECT_EQ(Run("7 / 2"), "3");
  EXPECT_EQ(Run("7 / 2.0"), "3.5");
  EXPECT_CONTAINS(Run("value.id + 1u"), "cannot compute int + uint: convert the uint");
  EXPECT_CONTAINS(Run("value.price % 2"), "cannot compute double % int");
  EXPECT_CONTAINS(Run("value.none + 1"), "cannot compute null_type + int");
}

TEST_F(ProgramTest, AbsorbsErrorsInEitherOrder) {
  EXPECT_EQ(Run("value.nope == 1 || value.id == 7"), "true");
  EXPECT_EQ(Run("value.id == 8 && value.nope == 1"), "false");
  EXPECT_EQ(Run("value.nope && false"), "false");
  EXPECT_CONTAINS(Run("value.nope == 1 || value.id / 0 == 1 || value.id == 8"),
                  "field is missing: value.nope");
  EXPECT_EQ(Run("[0, 1].exists(x, 1 / x == 1)"), "true");
  EXPECT_CONTAINS(Run("value.id && true"), "'&&' needs bools, not int");
}

TEST_F(ProgramTest, ReportsEveryUnknownNameWithTheNearestOne) {
  EXPECT_EQ(Run("valeu.id + kye +\n value.name.startWith('A')"),
            "compile: 1:1 unknown variable: valeu (known are key, value, vars) [value]"
            " 1:12 unknown variable: kye (known are key, value, vars) [key]"
            " 2:13 unknown function: startWith() [startsWith]");
  EXPECT_EQ(Run("math.flor(1.0)"), "compile: 1:6 unknown function: math.flor() [math.floor]");
  EXPECT_EQ(Run("trim(key)"), "compile: 1:1 trim() is called on a value: write x.trim()");
  EXPECT_EQ(Run("key.int()"), "compile: 1:5 int() is not called on a value: write int(x)");
  EXPECT_EQ(Run("size(key, 1)"), "compile: 1:1 size() does not take 2 arguments");
  EXPECT_EQ(Run("size + 1"), "compile: 1:1 'size' is a function, not a variable: write size(…)");
}

TEST_F(ProgramTest, RefusesConstantsThatCanOnlyFail) {
  EXPECT_EQ(Run("value.id + 1 / 0"), "compile: 1:14 division by zero");
  EXPECT_CONTAINS(Run("key.matches('a(')"), "compile: 1:13 not a regular expression: missing )");
  EXPECT_CONTAINS(Run("false && key.matches('a(')"), "compile: 1:22 not a regular expression");
  EXPECT_CONTAINS(Run("value.at > timestamp('yesterday')"), "cannot convert to timestamp");
  EXPECT_EQ(Run("false && 1 / 0 > 0"), "false");
  EXPECT_EQ(Run("value.id == 7 ? 1 : 1 / 0"), "1");
  EXPECT_EQ(Run("[].map(x, 1 / 0)"), "[]");
}

TEST_F(ProgramTest, KnowsItsConstants) {
  const auto constant = [&](const std::string& text) {
    const CompileResult compiled = Compile(text, scope_);
    EXPECT_TRUE(compiled.program) << text;
    const std::optional<Value> value = compiled.program->constant();
    return value ? serde::DebugString(*value) : std::string("none");
  };
  EXPECT_EQ(constant("[1, 2].map(x, [x].map(y, x * y))"), "[[1], [4]]");
  EXPECT_EQ(constant("'a' + 'b'"), "\"ab\"");
  EXPECT_EQ(constant("[value.id, 1]"), "none");
  EXPECT_EQ(constant("now()"), "none");
  EXPECT_EQ(constant("uuid() + 'x'"), "none");
}

TEST_F(ProgramTest, SplitsByPatternAsJavaDoes) {
  const std::pair<const char*, const char*> cases[] = {
      {R"(regex.split('all streams lead', r'\W+'))", R"(["all", "streams", "lead"])"},
      {R"(regex.split('hello, kafka!', r'\W+'))", R"(["hello", "kafka"])"},
      {R"(regex.split(' lead', r'\W+'))", R"(["", "lead"])"},
      {R"(regex.split('', r'\W+'))", R"([""])"},
      {R"(regex.split(',,', ','))", "[]"},
      {R"(regex.split('a,,b,', ','))", R"(["a", "", "b"])"},
      {R"(regex.split('abc', ''))", R"(["a", "b", "c"])"},
      {R"(regex.split('aé', ''))", "[\"a\", \"é\"]"},
      {R"(regex.split(value.name, 'd'))", R"(["A", "a"])"},
      {R"(regex.extract('id=42;', 'id=([0-9]+)').value())", R"("42")"},
      {R"(regex.extractAll('a1b22', '[0-9]+'))", R"(["1", "22"])"},
      {R"(regex.replace('a1b22', '([0-9])', r'<\1>', 2))", R"("a<1>b<2>2")"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(Run(text), expected) << text;
}

TEST_F(ProgramTest, ReadsZonesOfTheSystem) {
  const std::pair<const char*, const char*> cases[] = {
      {"timestamp('2026-07-01T12:00:00Z').getHours('Europe/Berlin')", "14"},
      {"timestamp('2026-01-01T12:00:00Z').getHours('Europe/Berlin')", "13"},
      {"timestamp('2026-03-29T00:59:59Z').getHours('Europe/Berlin')", "1"},
      {"timestamp('2026-03-29T01:00:00Z').getHours('Europe/Berlin')", "3"},
      // Behind the last transition of the file its rule holds, north and south.
      {"timestamp('2090-07-01T12:00:00Z').getHours('Europe/Berlin')", "14"},
      {"timestamp('2090-01-01T12:00:00Z').getHours('Australia/Sydney')", "23"},
      {"timestamp('2090-07-01T12:00:00Z').getHours('Australia/Sydney')", "22"},
      {"timestamp('2090-07-01T12:00:00Z').getHours('Asia/Tokyo')", "21"},
      {"timestamp('2026-07-01T12:00:00Z').getMinutes('-03:30')", "30"},
      {"timestamp('1969-12-31T23:59:59.5Z').getSeconds()", "59"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(Run(text), expected) << text;
  EXPECT_CONTAINS(Run("now().getHours('Mars/Olympus')"), "time zone is not known here");
  EXPECT_CONTAINS(Run("now().getHours('../etc/passwd')"), "time zone is not known here");
}

TEST_F(ProgramTest, HasItsOwnFunctions) {
  const std::pair<const char*, const char*> cases[] = {
      {"string(now())", "\"2026-01-01T00:00:00Z\""},
      {"uuid().matches('^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$')",
       "true"},
      {"uuid() == uuid()", "false"},
      {"math.sum([1, 2, 3])", "6"},
      {"math.sum([1, 0.5])", "1.5"},
      {"math.sum([])", "0"},
      {"math.avg([1, 2])", "1.5"},
      {"hash.xxh64('')", "-1205034819632174695"},
      {"base64.encode(hash.sha256('abc'))", "\"ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=\""},
      {"hash.sha256('abc') == hash.sha256(b'abc')", "true"},
      {"string(time.parse('2026-07-01', '%Y-%m-%d'))", "\"2026-07-01T00:00:00Z\""},
      {"string(time.parse('1.7.2026', '%d.%m.%Y', 'Europe/Berlin'))", "\"2026-06-30T22:00:00Z\""},
      {"time.format(now(), '%d.%m.%Y %H Uhr', 'Europe/Berlin')", "\"01.01.2026 01 Uhr\""},
      {"optional.unwrap([optional.of(1), optional.none()])", "[1]"},
      {"[optional.of('a'), optional.none()].unwrapOpt()", "[\"a\"]"},
      {"json.encode({'a': [1, null, 'x']})", R"("{\"a\":[1,null,\"x\"]}")"},
      {"json.parse('{\"a\": [1, 2.5]}').a[1]", "2.5"},
      {"time.to_ms(time.from_ms(-1))", "-1"},
      {"string(duration('-1500ms'))", "\"-1.5s\""},
      {"'%s has %d at %.2f%%'.format([key, value.id, value.price])", "\"k1 has 7 at 2.50%\""},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(Run(text), expected) << text;
  EXPECT_CONTAINS(Run("math.sum(value.items)"), "math.sum() needs a list of numbers, found map");
  EXPECT_CONTAINS(Run("json.parse(key)"), "json.parse()");
  EXPECT_CONTAINS(Run("key.contains(value.id)"), "no such function: contains(string, int)");
}

TEST_F(ProgramTest, HasListsAndSets) {
  const std::pair<const char*, const char*> cases[] = {
      {"[1, 2, 3, 4].slice(1, 3)", "[2, 3]"},
      {"[1, [2, [3]]].flatten()", "[1, 2, [3]]"},
      {"[1, [2, [3]]].flatten(2)", "[1, 2, 3]"},
      {"[2, 1, 2.0, 1u].distinct()", "[2, 1]"},
      {"['b', 'a', 'c'].sort()", "[\"a\", \"b\", \"c\"]"},
      {"[].sort()", "[]"},
      {"['ccc', 'a', 'bb', 'd'].sortBy(t, size(t))", "[\"a\", \"d\", \"bb\", \"ccc\"]"},
      {"[{'n': 2}, {'n': 1}].sortBy(i, i.n).map(i, i.n)", "[1, 2]"},
      {"[3, 1, 2].sortBy(x, -x)", "[3, 2, 1]"},
      {"[].sortBy(x, x)", "[]"},
      {"[3, 1].reverse()", "[1, 3]"},
      {"lists.range(3)", "[0, 1, 2]"},
      {"[5, 6].first().value() + [5, 6].last().value()", "11"},
      {"[].first().hasValue()", "false"},
      {"sets.contains([1, 2], [2.0])", "true"},
      {"sets.equivalent([1, 2, 2], [2, 1])", "true"},
      {"sets.equivalent([1], [1, 2])", "false"},
      {"sets.intersects([1, 2], [3, 2])", "true"},
      {"sets.intersects([], [3])", "false"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(Run(text), expected) << text;
  EXPECT_CONTAINS(Run("[value.id, key].sort()"), "sort() needs one kind");
  EXPECT_CONTAINS(Run("[0.0 / 0.0].sort()"), "sort() needs one kind");
  EXPECT_CONTAINS(Run("value.items.sortBy(i, {})"), "sortBy() needs one kind that has an order");
  EXPECT_CONTAINS(Run("[1].sortBy(x, x.y)"), "there is no field y");
  EXPECT_CONTAINS(Run("{'a': 1}.sortBy(k, k)"), "sortBy() needs a list, not map<string, int>");
  EXPECT_CONTAINS(Run("value.sortBy(k, k)"), "sortBy() needs a list, not map");
  EXPECT_CONTAINS(Run("time.parse(key, '%Y')"), "time.parse(\"k1\", \"%Y\"): a year expected");
  EXPECT_CONTAINS(Run("value.items.slice(0, 2)"), "slice() is out of range");
  EXPECT_CONTAINS(Run("lists.range(value.id * 1000000000)"), "too many elements");
}

TEST_F(ProgramTest, EndsAnExpressionThatGrowsWithoutBound) {
  std::string doubling = "a0";
  for (int i = 40; i > 0; --i) {
    const std::string from = "a" + std::to_string(i - 1);
    doubling = "cel.bind(a" + std::to_string(i) + ", " + from + " + " + from + ", " +
               (i == 40 ? "a40" : doubling) + ")";
  }
  EXPECT_CONTAINS(Run("cel.bind(a0, key, " + doubling + ")"), "makes more than 64 MiB");
  const std::string ten = "[0,1,2,3,4,5,6,7,8,9]";
  std::string loops = "value.id == x";
  for (int i = 0; i < 9; ++i) loops = ten + ".all(x, !(" + loops + ") || true)";
  EXPECT_CONTAINS(Run(loops), "visits too many elements");
}

TEST_F(ProgramTest, KeepsNothingOfAnEvaluation) {
  const CompileResult compiled =
      Compile("[1, 2, 3].filter(x, x > 1).map(x, key + string(x))", scope_);
  ASSERT_TRUE(compiled.program);
  const std::vector<Value> row = scope_.Row();
  Arena first;
  Arena second;
  const Result<Value> a = compiled.program->Evaluate(row, environment_, first);
  const Result<Value> b = compiled.program->Evaluate(row, environment_, second);
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(serde::DebugString(*a), "[\"k12\", \"k13\"]");
  EXPECT_EQ(serde::DebugString(*b), "[\"k12\", \"k13\"]");
}

}  // namespace
}  // namespace sidestream::expression
