// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Golden cases: each folder of tests/golden/topology holds topology.yaml and what comes of
// it: plan.txt (warnings first), or findings.txt where there are errors.
//
// SIDESTREAM_UPDATE_GOLDEN=1 writes what came; read the difference before you commit it.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/text_file.h"
#include "tests/unit/topology/fake_surroundings.h"
#include "topology/build_plan.h"
#include "topology/loader.h"
#include "topology/plan_text.h"

namespace sidestream::topology {
namespace {

namespace fs = std::filesystem;
using testing::ReadText;

fs::path Root() { return fs::path(SIDESTREAM_SOURCE_DIR) / "tests/golden/topology"; }

std::vector<std::string> Cases() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(Root())) {
    if (fs::exists(entry.path() / "topology.yaml")) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

struct Outcome {
  bool planned = false;
  std::string text;
};

Outcome PlanOf(const std::string& text) {
  FakeSurroundings surroundings;
  surroundings.variables["BROKERS"] = "kafka:9092";
  const LoadedTopology loaded = LoadTopologyTexts({{"topology.yaml", text}}, surroundings);
  if (!loaded.ok()) return {false, Render(loaded.findings)};
  const PlanResult result =
      BuildPlan(loaded.model, loaded.files, DeclaredPartitionCounts(loaded.model, 3));
  const std::string findings = Render(loaded.findings) + Render(result.findings);
  if (result.plan == nullptr) return {false, findings};
  return {true, findings + ToText(*result.plan)};
}

class GoldenTest : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenTest, GivesWhatIsWrittenDown) {
  const fs::path folder = Root() / GetParam();
  const std::string input = ReadText(folder / "topology.yaml");
  ASSERT_FALSE(input.empty());
  const Outcome outcome = PlanOf(input);
  EXPECT_EQ(outcome.text, PlanOf(input).text) << "the same file gave two results";
  const fs::path expected = folder / (outcome.planned ? "plan.txt" : "findings.txt");
  const fs::path other = folder / (outcome.planned ? "findings.txt" : "plan.txt");
  if (std::getenv("SIDESTREAM_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(expected, std::ios::binary) << outcome.text;
    fs::remove(other);
  }
  EXPECT_FALSE(fs::exists(other)) << outcome.text;
  EXPECT_EQ(ReadText(expected), outcome.text);
}

// The examples that users start from.
TEST(ExamplesTest, AreCleanAndPlanned) {
  int seen = 0;
  for (const auto& entry :
       fs::directory_iterator(fs::path(SIDESTREAM_SOURCE_DIR) / "config/topologies")) {
    if (entry.path().extension() != ".yaml") continue;
    ++seen;
    const Outcome outcome = PlanOf(ReadText(entry.path()));
    EXPECT_TRUE(outcome.planned) << entry.path() << "\n" << outcome.text;
    EXPECT_EQ(outcome.text.find(" warning "), std::string::npos) << outcome.text;
  }
  EXPECT_GT(seen, 0);
}

INSTANTIATE_TEST_SUITE_P(Cases, GoldenTest, ::testing::ValuesIn(Cases()),
                         [](const auto& test_case) { return test_case.param; });

}  // namespace
}  // namespace sidestream::topology
