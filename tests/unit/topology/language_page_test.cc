// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "topology/language_page.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/text_file.h"
#include "topology/fields.h"

namespace sidestream::topology {
namespace {

namespace fs = std::filesystem;
using testing::ReadText;

std::vector<ExampleTopology> CommittedExamples() {
  std::vector<ExampleTopology> examples;
  for (const auto& entry :
       fs::directory_iterator(fs::path(SIDESTREAM_SOURCE_DIR) / "config/topologies")) {
    if (entry.path().extension() != ".yaml") continue;
    examples.push_back({entry.path().filename().string(), ReadText(entry.path())});
  }
  std::sort(examples.begin(), examples.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return examples;
}

// SIDESTREAM_UPDATE_GOLDEN=1 writes the page.
TEST(LanguagePageTest, IsMadeFromTheTableAndTheExamples) {
  const fs::path path = fs::path(SIDESTREAM_SOURCE_DIR) / "docs/language.md";
  const std::string page = LanguagePage(CommittedExamples(), "../config/topologies");
  if (std::getenv("SIDESTREAM_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << page;
  }
  EXPECT_TRUE(ReadText(path) == page)
      << "docs/language.md is stale: run this test with SIDESTREAM_UPDATE_GOLDEN=1";
}

TEST(LanguagePageTest, HoldsEveryField) {
  const std::string page = LanguagePage({}, "x");
  for (const Field& field : AllFields()) {
    const std::string path(field.path);
    const std::string step = std::string(kStepPath) + ".";
    const std::string shown = path.starts_with(step) ? path.substr(step.size()) : path;
    const bool there = page.find("| `" + shown + "` |") != std::string::npos ||
                       page.find("| `" + path + "` |") != std::string::npos;
    EXPECT_TRUE(there) << path;
  }
}

TEST(LanguagePageTest, PiecesEndWhereTheyEnd) {
  const std::vector<ExampleTopology> examples{{"a.yaml", R"(# Shows a.
version: 1
http: { port: 1 }
pipelines:
  p:
    from: in
    steps:
      - branch:
          - name: b
            when: value.x
            steps:
              - name: n
                filter: >-
                  value.ok &&
                  value.y
              - map: value
    to: out
tests:
  - name: first
    input: {}
  - name: second
)"}};
  const std::string page = LanguagePage(examples, "dir");
  EXPECT_NE(page.find("- [a.yaml](dir/a.yaml): Shows a.\n"), std::string::npos) << page;
  EXPECT_NE(page.find("```yaml\nhttp: { port: 1 }\n```\n"), std::string::npos) << page;
  EXPECT_NE(page.find("```yaml\n- name: n\n  filter: >-\n    value.ok &&\n    value.y\n```\n"),
            std::string::npos)
      << page;
  EXPECT_NE(page.find("```yaml\n- map: value\n```\n"), std::string::npos) << page;
  EXPECT_NE(page.find("```yaml\ntests:\n  - name: first\n    input: {}\n```\n"), std::string::npos)
      << page;
}

}  // namespace
}  // namespace sidestream::topology
