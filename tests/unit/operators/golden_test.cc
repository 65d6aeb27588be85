// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The cases of tests/golden on operators alone: straight, with every commit lost once, and with
// other distances between commits. The harness runs the same cases on whole instances.

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/golden_case.h"
#include "tests/support/plan_driver.h"

namespace sidestream::testing {
namespace {

namespace fs = std::filesystem;

void RunCase(const fs::path& folder, const RunOptions& options) {
  const std::string yaml = ReadAll(folder / "topology.yaml");
  PlanDriver driver(yaml);
  ASSERT_EQ(driver.error(), "");
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string stream = StreamOf(entry.path(), "input", "in");
    if (stream.empty()) continue;
    for (GoldenLine& line : ReadLines(entry.path(), *driver.model().FindStream(stream))) {
      driver.Add(stream, std::move(line.record), line.partition);
    }
  }
  const Status status = InputsEnd(yaml) ? driver.End(options) : driver.Run(options);
  ASSERT_TRUE(status.ok()) << status;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string stream = StreamOf(entry.path(), "expected", "out");
    if (stream.empty()) continue;
    SCOPED_TRACE("stream " + stream);
    Compare(driver.Records(stream), ReadLines(entry.path(), *driver.model().FindStream(stream)),
            LastPerKey(yaml));
  }
}

TEST(GoldenTest, AllCasesStraightAndWithACrashAtEveryCommit) {
  const std::vector<fs::path> cases = GoldenCases();
  for (const fs::path& folder : cases) {
    for (const bool crash : {false, true}) {
      for (const int records : {1, 3, 1000}) {
        SCOPED_TRACE(folder.filename().string() + (crash ? " with crashes" : "") +
                     " records per commit " + std::to_string(records));
        RunCase(folder, {records, crash});
      }
    }
  }
  EXPECT_GE(cases.size(), 12u);
}

}  // namespace
}  // namespace sidestream::testing
