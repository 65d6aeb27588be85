// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// run --embedded: lines of JSON in, lines of JSON out, on the real tasks.

#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "command_fixture.h"
#include "tests/support/temp_dir.h"

namespace sidestream::app {
namespace {

class RunEmbeddedTest : public CommandFixture {
 protected:
  RunEmbeddedTest() { arguments_.embedded = true; }

  void Input(const std::string& text) {
    in_ = text;
    arguments_.inputs = {{"clicks", "-"}};
  }

  std::multiset<std::string> Lines() const {
    std::multiset<std::string> lines;
    std::istringstream text(out());
    for (std::string line; std::getline(text, line);) lines.insert(line);
    return lines;
  }
};

TEST_F(RunEmbeddedTest, PrintsWhatTheOutputStreamsHoldAndEnds) {
  File("clicks.yaml", Counting());
  Input(R"({"key":"c1","value":{"user":"ann"}}
{"key":"c2","value":{"user":"bob"}}

{"key":"c3","value":{"user":"ann"}}
)");
  EXPECT_EQ(Run(&sidestream::app::Run), kExitOk) << err();
  EXPECT_EQ(Lines(), (std::multiset<std::string>{R"({"stream":"totals","key":"ann","value":2})",
                                                 R"({"stream":"totals","key":"bob","value":1})"}));
}

TEST_F(RunEmbeddedTest, AnEmptyInputIsNoError) {
  File("clicks.yaml", Counting());
  Input("");
  EXPECT_EQ(Run(&sidestream::app::Run), kExitOk) << err();
  EXPECT_EQ(out(), "");
}

TEST_F(RunEmbeddedTest, ABrokenLineIsNamedWithItsNumber) {
  File("clicks.yaml", Counting());
  Input("{\"key\":\"c1\",\"value\":{\"user\":\"ann\"}}\nnonsense\n");
  EXPECT_EQ(Run(&sidestream::app::Run), kExitFailed);
  EXPECT_NE(err().find("<stdin>:2"), std::string::npos) << err();
}

TEST_F(RunEmbeddedTest, ARecordThatAStepCannotProcessFailsTheRunWithItsPlace) {
  File("clicks.yaml", Counting());
  Input(R"({"key":"c1","value":{"name":"no user"}})");
  EXPECT_EQ(Run(&sidestream::app::Run), kExitFailed);
  EXPECT_EQ(out(), "");
  EXPECT_NE(err().find("clicks"), std::string::npos) << err();
}

TEST_F(RunEmbeddedTest, AnInputThatNobodyReadsIsAWrongCommandLine) {
  File("clicks.yaml", Counting());
  Input("");
  arguments_.inputs = {{"totals", "-"}};
  EXPECT_EQ(Run(&sidestream::app::Run), kExitUsage);
  EXPECT_NE(err().find("totals"), std::string::npos) << err();
}

TEST_F(RunEmbeddedTest, AMissingInputFileIsNamed) {
  File("clicks.yaml", Counting());
  const testing::TempDir dir;
  arguments_.inputs = {{"clicks", (dir.path() / "none.ndjson").string()}};
  EXPECT_EQ(Run(&sidestream::app::Run), kExitFailed);
  EXPECT_NE(err().find("none.ndjson"), std::string::npos) << err();
}

}  // namespace
}  // namespace sidestream::app
