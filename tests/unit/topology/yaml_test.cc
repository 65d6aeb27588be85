// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include "topology/yaml_node.h"

namespace sidestream::topology {
namespace {

struct Parsed {
  SourceFiles files;
  YamlNode root;
  std::vector<Finding> findings;
};

Parsed Parse(const std::string& text, const YamlLimits& limits = {}) {
  Parsed parsed;
  const int32_t file = parsed.files.Add("a.yaml", text);
  Findings findings(parsed.files);
  parsed.root = ParseYaml(parsed.files, file, findings, limits);
  parsed.findings = findings.Take();
  return parsed;
}

std::string FirstCode(const Parsed& parsed) {
  return parsed.findings.empty() ? "" : parsed.findings.front().code;
}

TEST(YamlTest, ScalarsKeepTheirText) {
  const Parsed parsed = Parse("a: 0123\nb: yes\nc: '5'\nd: ~\ne: |\n  x\n  y\nf:\ng: Null\n");
  ASSERT_TRUE(parsed.findings.empty()) << Render(parsed.findings);
  EXPECT_EQ(parsed.root.Find("a")->text, "0123");
  EXPECT_FALSE(parsed.root.Find("a")->quoted);
  EXPECT_EQ(parsed.root.Find("b")->text, "yes");
  EXPECT_TRUE(parsed.root.Find("c")->quoted);
  EXPECT_TRUE(parsed.root.Find("d")->null());
  EXPECT_EQ(parsed.root.Find("e")->text, "x\ny\n");
  EXPECT_TRUE(parsed.root.Find("e")->quoted);
  EXPECT_TRUE(parsed.root.Find("f")->null());
  EXPECT_EQ(parsed.root.Find("g")->text, "Null");
}

TEST(YamlTest, PositionsOfKeysAndValues) {
  const Parsed parsed = Parse("a:\n  - b: c\n");
  const YamlNode& item = parsed.root.Find("a")->items.at(0);
  EXPECT_EQ(item.entries[0].key_position, (Position{0, 2, 5}));
  EXPECT_EQ(item.entries[0].value.position, (Position{0, 2, 8}));
}

TEST(YamlTest, MergeKeysFillWhatIsMissing) {
  const Parsed parsed =
      Parse("x-a: &a { p: 1, q: 2 }\nx-b: &b { q: 3, r: 4 }\nuse: { <<: [*a, *b], p: 0 }\n");
  ASSERT_TRUE(parsed.findings.empty()) << Render(parsed.findings);
  const YamlNode& use = *parsed.root.Find("use");
  ASSERT_EQ(use.entries.size(), 3U);
  EXPECT_EQ(use.Find("p")->text, "0");
  EXPECT_EQ(use.Find("q")->text, "2");
  EXPECT_EQ(use.Find("r")->text, "4");
}

TEST(YamlTest, RefusesWhatOthersSwallow) {
  EXPECT_EQ(FirstCode(Parse("a: 1\na: 2\n")), "SS1002");
  EXPECT_EQ(FirstCode(Parse("a: { b: [ }\n")), "SS1014");
  EXPECT_EQ(FirstCode(Parse("- a\n")), "SS1001");
  EXPECT_EQ(FirstCode(Parse("a: 1\n---\nb: 1\n")), "SS1004");
  EXPECT_EQ(FirstCode(Parse("[a, b]: 1\n")), "SS1006");
  EXPECT_EQ(FirstCode(Parse("a: *nope\n")), "SS1007");
  EXPECT_EQ(FirstCode(Parse("a: { <<: 5 }\n")), "SS1007");
  EXPECT_EQ(FirstCode(Parse("on: 1\n")), "SS1009");
  EXPECT_EQ(FirstCode(Parse("a: !tag { b: c }\n")), "SS1008");
}

TEST(YamlTest, BoundsOnSizeDepthAndAliases) {
  EXPECT_EQ(FirstCode(Parse(std::string(20'000, '['))), "SS1003");
  EXPECT_EQ(FirstCode(Parse("a: " + std::string(20'000, '{'))), "SS1003");
  std::string block;
  for (int i = 0; i < 200; ++i) block += std::string(static_cast<size_t>(i), ' ') + "a:\n";
  EXPECT_EQ(FirstCode(Parse(block)), "SS1003");
  std::string laughs = "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    laughs += "l" + std::to_string(i) + ": &l" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) laughs += (j > 0 ? ", *l" : "*l") + std::to_string(i - 1);
    laughs += "]\n";
  }
  EXPECT_EQ(FirstCode(Parse(laughs)), "SS1003");
  YamlLimits limits;
  limits.bytes = 10;
  EXPECT_EQ(FirstCode(Parse("a: 0123456789\n", limits)), "SS1003");
}

TEST(YamlTest, EmptyFileIsAnEmptyMap) {
  for (const char* text : {"", "# nothing\n", "---\n"}) {
    const Parsed parsed = Parse(text);
    EXPECT_TRUE(parsed.findings.empty()) << Render(parsed.findings);
    EXPECT_TRUE(parsed.root.map() && parsed.root.entries.empty());
  }
}

// The byte `needle` of the scalar under `e` is found again at its place in the file.
void ExpectFound(const std::string& text, const std::string& needle, int line, int column) {
  const Parsed parsed = Parse(text);
  ASSERT_TRUE(parsed.findings.empty()) << Render(parsed.findings);
  const YamlNode& scalar = *parsed.root.Find("e");
  const size_t offset = scalar.text.find(needle);
  ASSERT_NE(offset, std::string::npos) << scalar.text;
  EXPECT_EQ(PositionInScalar(parsed.files, scalar, offset), (Position{0, line, column})) << text;
}

TEST(YamlTest, PlacesInsideOfScalars) {
  ExpectFound("e: value.a + value.b\n", "value.b", 1, 14);
  ExpectFound("e: 'x == ''a'' && zz'\n", "zz", 1, 19);
  ExpectFound("e: \"x == \\\"a\\\" && zz\"\n", "zz", 1, 19);
  ExpectFound("e: value.a +\n   zz\n", "zz", 2, 4);
  ExpectFound("e: >-\n  value.a +\n  zz + 1\n", "zz", 3, 3);
  ExpectFound("e: |\n  value.a +\n\n    zz + 1\n", "zz", 4, 5);
  ExpectFound("e: &anchor 'zz'\n", "zz", 1, 13);
}

YamlNode Merge(SourceFiles& files, std::vector<std::string> texts, std::string& rendered) {
  Findings findings(files);
  std::vector<YamlNode> roots;
  for (std::string& text : texts) {
    const int32_t file = files.Add("f" + std::to_string(roots.size()) + ".yaml", std::move(text));
    roots.push_back(ParseYaml(files, file, findings));
  }
  YamlNode merged = MergeFiles(std::move(roots), files, findings);
  rendered = Render(findings.Take());
  return merged;
}

TEST(YamlTest, FilesMergeByTheRules) {
  SourceFiles files;
  std::string rendered;
  const YamlNode merged =
      Merge(files, {"a: { b: 1 }\ntests: [ x ]\n", "a: { c: 2 }\ntests: [ y ]\n"}, rendered);
  EXPECT_EQ(rendered, "");
  EXPECT_EQ(merged.Find("a")->entries.size(), 2U);
  EXPECT_EQ(merged.Find("tests")->items.size(), 2U);
}

TEST(YamlTest, FilesThatDisagreeAreRefused) {
  SourceFiles files;
  std::string rendered;
  Merge(files, {"a: { b: 1 }\nl: [ x ]\n", "a: { b: 1 }\nl: [ y ]\n"}, rendered);
  EXPECT_NE(rendered.find("f1.yaml:1:6: error SS1005: b is already set in f0.yaml:1"),
            std::string::npos)
      << rendered;
  EXPECT_NE(rendered.find("f1.yaml:2:1: error SS1005: l is already set in f0.yaml:2"),
            std::string::npos)
      << rendered;
}

}  // namespace
}  // namespace sidestream::topology
