// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Documents lead somewhere: relative links of every page resolve, and the index of the formats
// names every page of its folder.

#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "tests/unit/house/source_tree.h"

namespace sidestream::house {
namespace {

namespace fs = std::filesystem;

/// Targets of the relative links of a page, without their anchors.
std::vector<std::string> RelativeLinks(const std::string& text) {
  static const std::regex link(R"(\]\(([^)#\s]+)[^)]*\))");
  std::vector<std::string> targets;
  for (auto it = std::sregex_iterator(text.begin(), text.end(), link); it != std::sregex_iterator();
       ++it) {
    const std::string target = (*it)[1];
    if (target.find("://") == std::string::npos) targets.push_back(target);
  }
  return targets;
}

TEST(DocumentsTest, FindsTheTargetsOfLinks) {
  EXPECT_EQ(RelativeLinks("see [a](b/c.md) and [d](e.md#part), [f](#here), [g](http://h/i)"),
            (std::vector<std::string>{"b/c.md", "e.md"}));
}

TEST(DocumentsTest, LinksLeadToFiles) {
  int links = 0;
  for (const SourceFile& page : ReadTree("")) {
    if (!page.path.ends_with(".md")) continue;
    const fs::path folder = (fs::path(SIDESTREAM_SOURCE_DIR) / page.path).parent_path();
    for (const std::string& target : RelativeLinks(page.text)) {
      ++links;
      EXPECT_TRUE(fs::exists(folder / target)) << page.path << ": " << target;
    }
  }
  EXPECT_GT(links, 5);
}

TEST(DocumentsTest, TheIndexOfTheFormatsNamesEveryPage) {
  std::string index;
  for (const SourceFile& page : ReadTree("docs/formats")) {
    if (page.path == "docs/formats/README.md") index = page.text;
  }
  ASSERT_FALSE(index.empty());
  for (const SourceFile& page : ReadTree("docs/formats")) {
    const std::string name = fs::path(page.path).filename().string();
    if (name == "README.md") continue;
    EXPECT_NE(index.find("](" + name + ")"), std::string::npos) << page.path;
  }
}

}  // namespace
}  // namespace sidestream::house
