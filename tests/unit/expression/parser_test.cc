// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "expression/parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sidestream::expression {
namespace {

// The canonical text of `text`, or "line:column message" of its syntax error.
std::string Parsed(std::string_view text) {
  Arena arena;
  std::vector<CompileError> errors;
  const ExprPtr tree = Parse(text, arena, errors);
  if (tree) return ToText(*tree);
  EXPECT_EQ(errors.size(), 1u) << text;
  return std::to_string(errors[0].position.line) + ":" + std::to_string(errors[0].position.column) +
         " " + errors[0].message;
}

struct Case {
  std::string_view text;
  std::string_view canonical;
};

TEST(ParserTest, GivesEachTextItsTree) {
  const Case cases[] = {
      {"1 + 2 * 3 - 4", "((1 + (2 * 3)) - 4)"},
      {"1 - 2 - 3", "((1 - 2) - 3)"},
      {"(1 - (2 - 3))", "(1 - (2 - 3))"},
      {"a < b == c", "((a < b) == c)"},
      {"a in b && c || d", "(((a in b) && c) || d)"},
      {"a && b && c", "(a && b && c)"},
      {"a ? b : c ? d : e", "(a ? b : (c ? d : e))"},
      {"a || b ? c : d", "((a || b) ? c : d)"},
      {"!!a", "!(!(a))"},
      {"-a.b", "-(a.b)"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"1-1", "(1 - 1)"},
      {"0xFFu", "255u"},
      {"-0x10", "-16"},
      {".5 + 1e3 + 1.5E-1", "((0.5 + 1000.0) + 0.15)"},
      {"r'\\d' + '\\x41\\u00e9\\101'", "(\"\\x5cd\" + \"A\xC3\xA9\x41\")"},
      {"b'\\xff\\101'", "b\"\\xffA\""},
      {"'''a\n'b'''", "\"a\\x0a'b\""},
      {"a.b[0].c(1, x)", "a.b[0].c(1, x)"},
      {"a.?b[?c]", "a.?b[?c]"},
      {"a.`content-type`", "a.content-type"},
      {"[1, ?a, 2,]", "[1, ?a, 2]"},
      {"{'k': 1, ?'l': a,}", "{\"k\": 1, ?\"l\": a}"},
      {"[] + {}.a", "([] + {}.a)"},
      {".a.b", ".a.b"},
      {"has(a.b.c)", "has(a.b.c)"},
      {"l.all(x, x > 0)", "all(l, x, (x > 0))"},
      {"l.map(x, x > 0, x * 2)", "map(l, x, (x > 0), (x * 2))"},
      {"l.exists(i, v, i == v)", "exists(l, i, v, (i == v))"},
      {"cel.bind(x, 1, x + x)", "cel.bind(1, x, (x + x))"},
      {"l.map(x)", "l.map(x)"},
      {"a // to the end\n + b", "(a + b)"},
      {"a.if", "a.if"},
  };
  for (const Case& c : cases) EXPECT_EQ(Parsed(c.text), c.canonical) << c.text;
}

TEST(ParserTest, PointsAtTheFirstSyntaxError) {
  const Case cases[] = {
      {"", "1:1 the expression is empty"},
      {"1 +", "1:4 syntax error: expected a value, found the end"},
      {"a\n  + )", "2:5 syntax error: expected a value, found ')'"},
      {"'é' 1", "1:5 syntax error: expected an operator or the end, found '1'"},
      {"a = b", "1:3 '=' compares nothing: write '=='"},
      {"a & b", "1:3 '&' is not an operator: write '&&'"},
      {"'abc", "1:1 a string is not closed: missing '"},
      {"'a\\qb'",
       "1:3 unknown escape in a string: a backslash is written \\\\, or the string r'…'"},
      {"'\\ud800'", "1:2 escape is not a Unicode character"},
      {"9223372036854775808", "1:1 number is out of range: 9223372036854775808"},
      {"1e999", "1:1 number is out of range: 1e999"},
      {"12abc", "1:1 a number ends in a letter: 12a"},
      {"for + 1", "1:1 'for' is a reserved word of CEL and cannot be a name"},
      {"f(1,)", "1:5 syntax error: expected an argument, found ')'"},
      {"[1 2]", "1:4 syntax error: expected ']' or ',', found '2'"},
      {"{'a'}", "1:5 syntax error: expected ':' of the entry, found '}'"},
      {"a ? b", "1:6 syntax error: expected ':' of the conditional, found the end"},
      {"pkg.Msg{a: 1, ?`in`: b.`c.d`,}.a", "pkg.Msg{a: 1, ?in: b.`c.d`}.a"},
      {".Msg{}", ".Msg{}"},
      {"pkg.Msg{'a': 1}", "1:9 syntax error: expected a field name of the message, found ''a''"},
      {"pkg.Msg{a}", "1:10 syntax error: expected ':' of the field, found '}'"},
      {"has(a)", "1:1 has: has() takes a field, as in has(value.id)"},
      {"l.map(a.b, 1)", "1:3 map: a macro's variable is a plain name"},
      {"l.all(x, x, true)", "1:3 all: a macro's two variables need different names"},
      {"\xff", "1:1 the expression is not valid UTF-8"},
  };
  for (const Case& c : cases) EXPECT_EQ(Parsed(c.text), c.canonical) << c.text;
}

TEST(ParserTest, BoundsNestingAndHeight) {
  const auto repeat = [](std::string_view part, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += part;
    return text;
  };
  EXPECT_EQ(Parsed(repeat("(", 50) + "1" + repeat(")", 50)), "1");
  for (const std::string& deep :
       {repeat("(", 100'000), repeat("[", 100'000), repeat("!", 100'000) + "true",
        repeat("a?a:", 100'000), "1" + repeat("+1", 100'000), "a" + repeat(".b", 100'000),
        repeat("f(", 100'000), repeat("{1:", 100'000), repeat("M{a:", 100'000)}) {
    EXPECT_NE(Parsed(deep).find("nested too deeply"), std::string::npos) << deep.substr(0, 20);
  }
  // A chain of && is one node, however long.
  EXPECT_EQ(Parsed("a" + repeat(" && a", 10'000)).substr(0, 7), "(a && a");
}

}  // namespace
}  // namespace sidestream::expression
