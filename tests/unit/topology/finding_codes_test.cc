// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "topology/finding_codes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "tests/support/text_file.h"
#include "tests/unit/topology/finding_text.h"

namespace sidestream::topology {
namespace {

namespace fs = std::filesystem;
using testing::ReadText;

/// What an example leaves out, by the first word of each section.
constexpr std::pair<std::string_view, std::string_view> kSections[] = {
    {"version:", "version: 1\n"},
    {"application:", "application: { id: shop }\n"},
    {"streams:",
     "streams:\n"
     "  orders: { topic: orders, key: string, value: json }\n"
     "  paid: { topic: paid, key: string, value: json }\n"},
    {"pipelines:", "pipelines: { pay: { from: orders, to: paid } }\n"}};

bool HasSection(const std::string& text, std::string_view word) {
  return text.starts_with(word) || text.find("\n" + std::string(word)) != std::string::npos;
}

/// The file that an example stands for.
std::string Completed(std::string_view example) {
  std::string text(example);
  if (example.starts_with("- ")) {
    text = "pipelines:\n  pay:\n    from: orders\n    to: paid\n    steps:\n";
    std::istringstream lines{std::string(example)};
    for (std::string line; std::getline(lines, line);) text += "      " + line + "\n";
  }
  if (!text.ends_with('\n')) text += '\n';
  // A second document would take what is added behind it.
  std::string before;
  for (const auto& [word, section] : kSections) {
    if (!HasSection(text, word)) before += section;
  }
  return before + text;
}

TEST(FindingCodesTest, TheTableHasTheDeclaredCodesInTheirOrder) {
  std::vector<std::string_view> codes;
  for (const FindingRule& rule : FindingRules()) codes.push_back(rule.code);
  EXPECT_EQ(codes,
            std::vector<std::string_view>(std::begin(kFindingCodes), std::end(kFindingCodes)));
  EXPECT_TRUE(std::is_sorted(codes.begin(), codes.end()));
  EXPECT_EQ(std::set<std::string_view>(codes.begin(), codes.end()).size(), codes.size());
}

TEST(FindingCodesTest, EveryRowIsWhole) {
  for (const FindingRule& rule : FindingRules()) {
    EXPECT_FALSE(rule.title.empty() || rule.title.ends_with('.')) << rule.code;
    EXPECT_TRUE(rule.explanation.ends_with('.')) << rule.code;
    EXPECT_TRUE(rule.remedy.ends_with('.')) << rule.code;
    EXPECT_FALSE(rule.example.empty() || rule.example.ends_with('\n')) << rule.code;
  }
}

TEST(FindingCodesTest, EveryExampleBringsItsFindingAndNoOther) {
  for (const FindingRule& rule : FindingRules()) {
    if (rule.example.starts_with("$ ")) continue;
    const std::vector<Finding> findings = FindingsOf({{"example.yaml", Completed(rule.example)}});
    EXPECT_FALSE(findings.empty()) << rule.code << "\n" << Completed(rule.example);
    for (const Finding& finding : findings) {
      EXPECT_EQ(finding.code, rule.code) << Completed(rule.example) << Render(findings);
      EXPECT_EQ(finding.severity, rule.severity) << rule.code;
    }
  }
}

// Code that is given nowhere explains what cannot happen.
TEST(FindingCodesTest, EveryCodeIsUsed) {
  std::string sources;
  for (const auto& entry :
       fs::recursive_directory_iterator(fs::path(SIDESTREAM_SOURCE_DIR) / "src")) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_regular_file() || name.starts_with("finding_codes")) continue;
    sources += ReadText(entry.path());
  }
  for (const std::string_view code : kFindingCodes) {
    EXPECT_NE(sources.find("\"" + std::string(code) + "\""), std::string::npos) << code;
  }
}

TEST(FindingCodesTest, CodesAreFoundWhateverTheirCase) {
  ASSERT_NE(FindFindingRule("ss2001"), nullptr);
  EXPECT_EQ(FindFindingRule("ss2001"), FindFindingRule("SS2001"));
  EXPECT_EQ(FindFindingRule("SS200"), nullptr);
  EXPECT_EQ(FindFindingRule(""), nullptr);
}

TEST(FindingCodesTest, AWarningIsSaidToBeOne) {
  const std::string text = FindingText(*FindFindingRule("SS3006"));
  EXPECT_TRUE(text.starts_with("SS3006 (warning): ")) << text;
  EXPECT_NE(text.find("\n    streams:\n      orders: "), std::string::npos) << text;
  EXPECT_NE(text.find("\nRemedy: "), std::string::npos) << text;
}

// SIDESTREAM_UPDATE_GOLDEN=1 writes the page.
TEST(FindingCodesTest, ReferencePageIsMadeFromTheTable) {
  const fs::path path = fs::path(SIDESTREAM_SOURCE_DIR) / "docs/reference/findings.md";
  if (std::getenv("SIDESTREAM_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << FindingReferencePage();
  }
  EXPECT_EQ(ReadText(path), FindingReferencePage());
}

}  // namespace
}  // namespace sidestream::topology
