// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "app/skeletons.h"
#include "command_fixture.h"

namespace sidestream::app {
namespace {

class SkeletonTest : public CommandFixture, public ::testing::WithParamInterface<std::string> {};

TEST_P(SkeletonTest, IsValidAndItsTestsPass) {
  arguments_.skeleton = GetParam();
  ASSERT_EQ(Run(&app::Create), kExitOk);
  const std::string text = out();
  File("created.yaml", text);
  arguments_.deny_warnings = true;
  EXPECT_EQ(Run(&app::Validate), kExitOk) << err();
  EXPECT_TRUE(out().starts_with(GetParam() + " is valid")) << out();
  EXPECT_EQ(Run(&app::Test), kExitOk) << out() << err();
  EXPECT_NE(text.find("  sidestream test -f " + GetParam() + ".yaml"), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(All, SkeletonTest, ::testing::ValuesIn(SkeletonNames()),
                         [](const auto& parameter) { return parameter.param; });

using CreateTest = CommandFixture;

TEST_F(CreateTest, TheListHasALineForEach) {
  arguments_.list = true;
  EXPECT_EQ(Run(&app::Create), kExitOk);
  for (const Skeleton& skeleton : Skeletons()) {
    EXPECT_FALSE(SummaryOf(skeleton).empty()) << skeleton.name;
    EXPECT_NE(out().find(std::string(skeleton.name) + " "), std::string::npos) << out();
    EXPECT_NE(out().find(SummaryOf(skeleton)), std::string::npos) << out();
  }
  EXPECT_GE(Skeletons().size(), 5u);
}

TEST_F(CreateTest, WithoutANameItIsAWrongCommandLine) {
  EXPECT_EQ(Run(&app::Create), kExitUsage);
  EXPECT_EQ(out(), "");
  EXPECT_NE(err().find("--list"), std::string::npos);
}

}  // namespace
}  // namespace sidestream::app
