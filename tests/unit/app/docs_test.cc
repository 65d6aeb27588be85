// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "command_fixture.h"
#include "topology/finding_codes.h"

namespace sidestream::app {
namespace {

using DocsTest = CommandFixture;

TEST_F(DocsTest, ACodeIsExplainedWithExampleAndRemedy) {
  arguments_.code = "ss2001";
  EXPECT_EQ(Run(&Docs), kExitOk);
  EXPECT_EQ(out(), topology::FindingText(*topology::FindFindingRule("SS2001")));
  EXPECT_EQ(err(), "");
}

TEST_F(DocsTest, WithoutACodeAllAreListed) {
  EXPECT_EQ(Run(&Docs), kExitOk);
  EXPECT_TRUE(out().starts_with("SS1000  error    More findings than are shown\n")) << out();
  for (const std::string_view code : topology::kFindingCodes) {
    EXPECT_NE(out().find(std::string(code) + "  "), std::string::npos) << code;
  }
}

TEST_F(DocsTest, AnUnknownCodeNamesTheNearest) {
  arguments_.code = "SS2O01";
  EXPECT_EQ(Run(&Docs), kExitUsage);
  EXPECT_EQ(err(), "sidestream: there is no finding SS2O01; did you mean SS2001?\n");
  arguments_.code = "everything";
  EXPECT_EQ(Run(&Docs), kExitUsage);
  EXPECT_EQ(err(), "sidestream: there is no finding everything; `sidestream docs` lists all\n");
}

}  // namespace
}  // namespace sidestream::app
