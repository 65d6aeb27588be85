// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Reports of test results. The JUnit report is parsed as XML and held against the schema that
// Jenkins publishes for it, as far as we write its elements.

#include "harness/test_report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <map>
#include <set>
#include <sstream>

#include "base/arena.h"
#include "harness/test_difference.h"
#include "serde/json_text.h"

namespace sidestream::harness {
namespace {

using boost::property_tree::ptree;

/// Attributes and children that an element may have, and the attributes that it must have.
struct ElementRule {
  std::set<std::string> required;
  std::set<std::string> optional;
  std::set<std::string> children;
};

const std::map<std::string, ElementRule> kJunit = {
    {"testsuites",
     {{}, {"name", "time", "tests", "failures", "disabled", "errors"}, {"testsuite"}}},
    {"testsuite",
     {{"name", "tests"},
      {"failures", "errors", "group", "time", "skipped", "timestamp", "hostname", "id", "package",
       "file", "log", "url", "version"},
      {"testsuite", "properties", "testcase", "system-out", "system-err"}}},
    {"testcase",
     {{"name"},
      {"assertions", "time", "timestamp", "classname", "status", "class", "file", "line", "log",
       "group", "url"},
      {"skipped", "error", "failure", "rerunFailure", "rerunError", "flakyFailure", "flakyError",
       "system-out", "system-err"}}},
    {"failure", {{}, {"type", "message"}, {}}},
};

void ExpectToFollowTheRules(const std::string& name, const ptree& element) {
  const auto rule = kJunit.find(name);
  ASSERT_NE(rule, kJunit.end()) << name;
  std::set<std::string> attributes;
  for (const auto& [child, tree] : element) {
    if (child == "<xmlattr>") {
      for (const auto& [attribute, value] : tree) attributes.insert(attribute);
    } else {
      EXPECT_TRUE(rule->second.children.contains(child)) << name << " has " << child;
      ExpectToFollowTheRules(child, tree);
    }
  }
  for (const std::string& required : rule->second.required) {
    EXPECT_TRUE(attributes.erase(required)) << name << " without " << required;
  }
  for (const std::string& attribute : attributes) {
    EXPECT_TRUE(rule->second.optional.contains(attribute)) << name << " with " << attribute;
  }
}

TestReport Report() {
  TestReport report{
      .application = "shop & co", .files = {"a.yaml", "b<c>.yaml"}, .results = {}, .coverage = {}};
  TestResult good{.name = "passes",
                  .location = "a.yaml:3",
                  .failures = {},
                  .took = std::chrono::milliseconds(1500)};
  TestResult bad{.name = "a \"quoted\" name\x01",
                 .location = "a.yaml:9",
                 .failures = {},
                 .took = std::chrono::milliseconds(250)};
  bad.failures.push_back({"totals",
                          "a.yaml:12",
                          "record 1, key \"k\" differs",
                          {{"value.n", "1", "2"}, {"value.text", "\"<&>\"", std::nullopt}},
                          {R"({"key":"k"})"}});
  bad.failures.push_back({"", "", "the instance stops\nbecause of \xff", {}, {}});
  report.results = {good, bad};
  return report;
}

TEST(TestReportTest, JunitIsXmlThatFollowsItsSchema) {
  const TestReport report = Report();
  std::istringstream xml(JunitOf({&report, 1}));
  ptree document;
  ASSERT_NO_THROW(boost::property_tree::read_xml(xml, document)) << xml.str();
  ASSERT_EQ(document.size(), 1u);
  ExpectToFollowTheRules(document.front().first, document.front().second);

  const ptree& suite = document.get_child("testsuites.testsuite");
  EXPECT_EQ(suite.get<std::string>("<xmlattr>.name"), "shop & co");
  EXPECT_EQ(suite.get<int>("<xmlattr>.tests"), 2);
  EXPECT_EQ(suite.get<int>("<xmlattr>.failures"), 1);
  EXPECT_EQ(suite.get<std::string>("<xmlattr>.time"), "1.750");
  std::vector<ptree> cases;
  for (const auto& [name, child] : suite) {
    if (name == "testcase") cases.push_back(child);
  }
  ASSERT_EQ(cases.size(), 2u);
  EXPECT_EQ(cases[0].count("failure"), 0u);
  EXPECT_EQ(cases[1].get<std::string>("<xmlattr>.name"), "a \"quoted\" name?");
  EXPECT_EQ(cases[1].count("failure"), 2u);
  EXPECT_EQ(cases[1].get<std::string>("failure.<xmlattr>.message"),
            "totals: record 1, key \"k\" differs");
  EXPECT_NE(cases[1].get<std::string>("failure").find("value.text  expected \"<&>\""),
            std::string::npos);
}

TEST(TestReportTest, TextStandsInColumnsAndIndentsWhatHasSeveralLines) {
  EXPECT_EQ(TextOf(Report(), Colors::kOff),
            "ok     passes\n"
            "FAILED a \"quoted\" name\x01 (a.yaml:9)\n"
            "  totals: record 1, key \"k\" differs (a.yaml:12)\n"
            "      value.n     expected 1      came 2\n"
            "      value.text  expected \"<&>\"  came (not there)\n"
            "    what came out:\n"
            "      {\"key\":\"k\"}\n"
            "  the instance stops\n"
            "    because of \xff\n"
            "1 passed, 1 failed\n");
}

serde::Value Parsed(std::string_view json, Arena& arena) {
  serde::JsonParser parser;
  return parser.Parse(json, arena).value();
}

std::vector<Difference> DifferencesOf(std::string_view expected, std::string_view actual,
                                      Fields fields) {
  Arena arena;
  std::vector<Difference> differences;
  AppendDifferences("value", Parsed(expected, arena), Parsed(actual, arena), fields, differences);
  return differences;
}

TEST(TestDifferenceTest, OnlyWhatDiffersIsNamed) {
  using List = std::vector<Difference>;
  EXPECT_EQ(DifferencesOf(R"({"a":1,"b":{"c":2}})", R"({"b":{"c":2.0},"a":1})", Fields::kAll),
            List{});
  EXPECT_EQ(DifferencesOf(R"({"a":1,"b":{"c":2}})", R"({"b":{"c":"2"},"d":null})", Fields::kAll),
            (List{{"value.a", "1", std::nullopt},
                  {"value.b.c", "2", "\"2\""},
                  {"value.d", std::nullopt, "null"}}));
  EXPECT_EQ(DifferencesOf("[1,2,3]", "[1,5]", Fields::kAll),
            (List{{"value[1]", "2", "5"}, {"value[2]", "3", std::nullopt}}));
  EXPECT_EQ(DifferencesOf("null", "{}", Fields::kAll), (List{{"value", "null", "{}"}}));
}

TEST(TestDifferenceTest, NamedFieldsLeaveTheOthersAlone) {
  EXPECT_TRUE(
      DifferencesOf(R"({"b":{"c":2}})", R"({"a":1,"b":{"c":2,"d":3}})", Fields::kNamed).empty());
  EXPECT_EQ(DifferencesOf(R"({"b":{"c":2}})", "null", Fields::kNamed).size(), 1u);
  // What stands in a list is compared as a whole.
  EXPECT_EQ(DifferencesOf(R"({"b":[{"c":2}]})", R"({"b":[{"c":2,"d":3}]})", Fields::kNamed).size(),
            1u);
}

}  // namespace
}  // namespace sidestream::harness
