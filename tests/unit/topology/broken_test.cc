// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The catalogue of broken topologies: each file of tests/golden/topology/broken, or folder of
// files that are given together, with exactly the findings that stand beside it.
//
// SIDESTREAM_UPDATE_GOLDEN=1 writes what came; read the difference before you commit it.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "tests/support/text_file.h"
#include "tests/unit/topology/finding_text.h"

namespace sidestream::topology {
namespace {

namespace fs = std::filesystem;
using testing::ReadText;

constexpr size_t kCasesMin = 120;

fs::path Root() { return fs::path(SIDESTREAM_SOURCE_DIR) / "tests/golden/topology/broken"; }

std::vector<fs::path> Sorted(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// The files of a case, under the names that findings show.
std::vector<NamedText> TextsOf(const fs::path& path) {
  std::vector<NamedText> texts;
  const std::vector<fs::path> files =
      fs::is_directory(path) ? Sorted(path) : std::vector<fs::path>{path};
  for (const fs::path& file : files) texts.push_back({file.filename().string(), ReadText(file)});
  return texts;
}

std::vector<fs::path> Cases() {
  std::vector<fs::path> cases = Sorted(Root());
  std::erase_if(cases, [](const fs::path& path) { return path.extension() == ".findings"; });
  return cases;
}

TEST(BrokenTest, EveryFileBringsExactlyItsFindings) {
  const std::vector<fs::path> cases = Cases();
  EXPECT_GE(cases.size(), kCasesMin);
  for (const fs::path& path : cases) {
    const std::vector<Finding> findings = FindingsOf(TextsOf(path));
    fs::path expected = path;
    expected.replace_extension(".findings");
    if (std::getenv("SIDESTREAM_UPDATE_GOLDEN") != nullptr) {
      std::ofstream(expected, std::ios::binary) << FindingLines(findings);
    }
    EXPECT_FALSE(findings.empty()) << path;
    EXPECT_EQ(ReadText(expected), FindingLines(findings)) << path << "\n" << Render(findings);
  }
}

TEST(BrokenTest, EveryCodeThatAFileCanBringHasAFileOfItsOwn) {
  std::set<std::string> alone;
  for (const fs::path& path : Cases()) {
    std::set<std::string> codes;
    for (const Finding& finding : FindingsOf(TextsOf(path))) codes.insert(finding.code);
    if (codes.size() == 1) alone.insert(*codes.begin());
  }
  for (const FindingRule& rule : FindingRules()) {
    // It needs a cluster, or a file that is not there.
    if (rule.example.starts_with("$ ")) continue;
    EXPECT_TRUE(alone.contains(std::string(rule.code))) << rule.code << ": no file brings it alone";
  }
}

TEST(BrokenTest, NoExpectationIsLeftWithoutItsFile) {
  for (const fs::path& path : Sorted(Root())) {
    if (path.extension() != ".findings") continue;
    fs::path file = path;
    file.replace_extension(".yaml");
    fs::path folder = path;
    folder.replace_extension("");
    EXPECT_TRUE(fs::exists(file) || fs::is_directory(folder)) << path;
  }
}

}  // namespace
}  // namespace sidestream::topology
