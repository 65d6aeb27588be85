// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The savepoint commands over a directory.

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "savepoint_fixture.h"

namespace sidestream::app {
namespace {

namespace fs = std::filesystem;

class SavepointCommandsTest : public SavepointFixture {};

TEST_F(SavepointCommandsTest, ListShowsWhatIsComplete) {
  EXPECT_EQ(Run(&SavepointList), kExitOk) << err();
  EXPECT_EQ(out(), "");
  EXPECT_NE(err().find("there is no savepoint of counting at "), std::string::npos) << err();
  Made("v1");
  arguments_.savepoint.all = true;
  EXPECT_EQ(Run(&SavepointList), kExitOk) << err();
  EXPECT_EQ(out().substr(0, out().find("    TASKS")),
            "NAME             KIND        DRAINED  TAKEN             ")
      << out();
  EXPECT_NE(out().find("counting-old/v1  savepoint   no       2026-01-01T00:00:00Z      2"),
            std::string::npos)
      << out();
  arguments_.format = "json";
  EXPECT_EQ(Run(&SavepointList), kExitOk);
  EXPECT_EQ(out().substr(0, 78),
            R"({"name":"v1","application":"counting-old","kind":"savepoint","drained":false,")");
}

TEST_F(SavepointCommandsTest, WithoutAPlaceTheCommandsSayWhereToSetIt) {
  arguments_.savepoint.location.clear();
  EXPECT_EQ(Run(&SavepointList), kExitConfig);
  EXPECT_NE(err().find("checkpoint.location"), std::string::npos) << err();
}

TEST_F(SavepointCommandsTest, DescribeSaysWhatItHoldsAndWhatIsMissing) {
  Made("v1");
  arguments_.savepoint.name = "v1";
  EXPECT_EQ(Run(&SavepointDescribe), kExitOk) << err();
  EXPECT_EQ(out().find("savepoint counting-old/v1\n"), 0u) << out();
  EXPECT_NE(out().find("    counting-old-per_user-repartition-2 at 10, 2 records in flight\n"),
            std::string::npos)
      << out();
  for (const auto& file : fs::directory_iterator(place() / "files" / kOld)) {
    fs::remove(file.path());
  }
  EXPECT_EQ(Run(&SavepointDescribe), kExitFailed);
  EXPECT_NE(err().find("a file is missing"), std::string::npos) << err();
  arguments_.savepoint.name = "v2";
  EXPECT_EQ(Run(&SavepointDescribe), kExitConfig);
}

TEST_F(SavepointCommandsTest, DeleteIsADryRunUnlessToldOtherwise) {
  Made("v1");
  arguments_.savepoint.name = "counting-old/v1";
  EXPECT_EQ(Run(&SavepointDelete), kExitOk) << err();
  EXPECT_EQ(out().find("would delete counting-old/v1 from "), 0u) << out();
  arguments_.apply = true;
  EXPECT_EQ(Run(&SavepointDelete), kExitOk) << err();
  EXPECT_FALSE(fs::exists(place() / "files"));
  EXPECT_EQ(Run(&SavepointDelete), kExitConfig);
}

TEST_F(SavepointCommandsTest, CreateAsksNobodyWhereNobodyRuns) {
  CreateInternalTopics();
  arguments_.savepoint.name = "v1";
  EXPECT_EQ(Run(&SavepointCreate), kExitConfig);
  EXPECT_NE(err().find("no instance of the application runs"), std::string::npos) << err();
}

}  // namespace
}  // namespace sidestream::app
