// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "command_fixture.h"

namespace sidestream::app {
namespace {

using ValidateTest = CommandFixture;

TEST_F(ValidateTest, AValidFileSaysWhatItHolds) {
  File("clicks.yaml", Counting());
  EXPECT_EQ(Run(&Validate), kExitOk) << err();
  EXPECT_EQ(out(), "counting is valid: 1 pipeline, 1 store, 3 internal topics, 0 tests\n");
  EXPECT_EQ(err(), "");
}

TEST_F(ValidateTest, EveryMistakeIsReportedInOneGoAndNothingOnStandardOutput) {
  File("clicks.yaml", R"(version: 1
application: { id: counting, wrokers: 2 }
streams:
  clicks: { topic: clicks, value: jsno }
pipelines:
  count_clicks:
    from: clickz
    steps:
      - filter: value.user ==
)");
  EXPECT_EQ(Run(&Validate), kExitConfig);
  EXPECT_EQ(out(), "");
  for (const char* word : {"wrokers", "workers", "jsno", "clickz", "clicks.yaml:2"}) {
    EXPECT_NE(err().find(word), std::string::npos) << word << " is not in:\n" << err();
  }
}

TEST_F(ValidateTest, AMistakeInAnExpressionIsFoundWithoutACluster) {
  std::string text = Counting();
  text.replace(text.find("value.user"), 10, "valeu.user");
  File("clicks.yaml", text);
  EXPECT_EQ(Run(&Validate), kExitConfig);
  EXPECT_NE(err().find("valeu"), std::string::npos) << err();
}

TEST_F(ValidateTest, AMissingFileIsAConfigurationError) {
  arguments_.files = {"nowhere.yaml"};
  EXPECT_EQ(Run(&Validate), kExitConfig);
  EXPECT_NE(err().find("nowhere.yaml"), std::string::npos) << err();
}

TEST_F(ValidateTest, AnUnsetVariableIsAConfigurationError) {
  std::string text = Counting();
  text.replace(text.find("\"broker:9092\""), 13, "\"${env:BROKERS}\"");
  File("clicks.yaml", text);
  EXPECT_EQ(Run(&Validate), kExitConfig);
  EXPECT_NE(err().find("BROKERS"), std::string::npos) << err();
  surroundings_.variables["BROKERS"] = "broker:9092";
  EXPECT_EQ(Run(&Validate), kExitOk) << err();
}

TEST_F(ValidateTest, PropertiesThatTheClientRefusesAreAConfigurationError) {
  File("clicks.yaml", Counting());
  connect_error_ = Status::InvalidConfig("kafka.enable.idempotence is ours");
  EXPECT_EQ(Run(&Validate), kExitConfig);
  EXPECT_NE(err().find("kafka.enable.idempotence is ours"), std::string::npos) << err();
}

TEST_F(ValidateTest, TwoFilesMergeAndTheSameValueTwiceIsRefused) {
  File("clicks.yaml", Counting());
  File("platform.yaml", "application: { workers: 2 }\n");
  EXPECT_EQ(Run(&Validate), kExitOk) << err();
  File("again.yaml", "application: { workers: 3 }\n");
  EXPECT_EQ(Run(&Validate), kExitConfig);
  EXPECT_NE(err().find("platform.yaml"), std::string::npos) << err();
}

}  // namespace
}  // namespace sidestream::app
