// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The topologies that the language was designed with: what fits this version runs its tests, what
// does not fit yet has exactly one finding, which says so.
//
// They are not part of the checkout: they are looked for in $SIDESTREAM_TOPOLOGIES and in
// ../shared/testdata/topologies beside the checkout. Cases for those that have none, and the worked
// examples of the design, lie in tests/topologies (README.md there).

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "command_fixture.h"

namespace sidestream::app {
namespace {

namespace fs = std::filesystem;

const fs::path kCases = fs::path(SIDESTREAM_SOURCE_DIR) / "tests" / "topologies";

struct Row {
  const char* name;
  /// The place and the word of its finding; empty: it runs.
  const char* not_yet = "";
  /// Processing time: how long a crash takes decides which window a record is in.
  bool clock_decides = false;
};

// A row changes when a later version can do more.
constexpr Row kShared[] = {
    {"a1-sessions"},
    {"a10-upper-case"},
    {"a2-word-count"},
    {"a4-rolling-counts"},
    {"a5-dedup"},
    {"a7-tumbling-clicks"},
    {"a8b-revenue-hourly"},
    {"a9b-fraud-fold"},
    {"d7-change-detection"},
    {"q00-pass-through"},
    {"q02-selection"},
    {"q10-day-and-minute"},
    {"q11-bidder-sessions"},
    {"q12-processing-time", "", /*clock_decides=*/true},
    {"q17-auction-statistics"},
    {"q22-url-directories"},
};

constexpr Row kWorked[] = {
    {"worked-2-order-router"},
    {"worked-3-sessions"},
    {"worked-4-paid-orders", "10:1: error SS2010: tables"},
    {"worked-5-dedup"},
};

std::optional<fs::path> SharedTopologies() {
  std::vector<fs::path> places;
  if (const char* set = std::getenv("SIDESTREAM_TOPOLOGIES")) places.emplace_back(set);
  places.push_back(fs::path(SIDESTREAM_SOURCE_DIR) / ".." / "shared" / "testdata" / "topologies");
  for (const fs::path& place : places) {
    if (fs::is_directory(place)) return place;
  }
  return std::nullopt;
}

class LanguageTopologiesTest : public CommandFixture {
 protected:
  void Add(const fs::path& path) {
    std::ifstream file(path);
    ASSERT_TRUE(file) << path;
    File(path.filename().string(), {std::istreambuf_iterator<char>(file), {}});
  }

  void Check(const fs::path& folder, const Row& row) {
    SCOPED_TRACE(row.name);
    surroundings_.files.clear();
    arguments_.files.clear();
    const std::string file = std::string(row.name) + ".yaml";
    Add(folder / file);
    if (*row.not_yet != '\0') {
      ExpectOneFinding(row.not_yet);
      return;
    }
    const bool cases_apart = folder != kCases && fs::exists(kCases / file);
    if (cases_apart) {
      std::ifstream cases(kCases / file);
      File("cases.yaml", {std::istreambuf_iterator<char>(cases), {}});
    }
    EXPECT_EQ(Run(&Validate), kExitOk) << err();
    EXPECT_EQ(Run(&app::Test), kExitOk) << out() << err();
    EXPECT_NE(out().find("every step and branch was reached"), std::string::npos) << out();
    if (row.clock_decides) return;
    arguments_.crash_at_every_commit = true;
    arguments_.instances = 2;
    EXPECT_EQ(Run(&app::Test), kExitOk) << out() << err();
    arguments_.crash_at_every_commit = false;
    arguments_.instances = 1;
  }

  void ExpectOneFinding(const std::string& finding) {
    EXPECT_EQ(Run(&Validate), kExitConfig) << out();
    EXPECT_NE(err().find(finding), std::string::npos) << err();
    size_t findings = 0;
    for (size_t at = err().find(" SS"); at != std::string::npos; at = err().find(" SS", at + 1)) {
      ++findings;
    }
    EXPECT_EQ(findings, 1u) << err();
  }
};

TEST_F(LanguageTopologiesTest, SharedOnesRunOrSayWhatIsNotThereYet) {
  const std::optional<fs::path> folder = SharedTopologies();
  if (!folder) {
    std::cerr << "\n*** NOT TESTED: the shared topologies are absent: set SIDESTREAM_TOPOLOGIES to "
                 "their folder\n\n";
    GTEST_SKIP() << "the shared topologies are absent";
  }
  std::set<std::string> listed;
  for (const Row& row : kShared) {
    listed.insert(std::string(row.name) + ".yaml");
    Check(*folder, row);
  }
  for (const auto& entry : fs::directory_iterator(*folder)) {
    if (entry.path().extension() != ".yaml") continue;
    EXPECT_TRUE(listed.contains(entry.path().filename().string())) << entry.path();
  }
}

TEST_F(LanguageTopologiesTest, WorkedExamplesRunOrSayWhatIsNotThereYet) {
  for (const Row& row : kWorked) Check(kCases, row);
}

}  // namespace
}  // namespace sidestream::app
