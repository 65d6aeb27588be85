// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The include rules hold in src/, and the judge itself finds what it must find.

#include "tests/unit/house/include_rules.h"

#include <gtest/gtest.h>

namespace sidestream::house {
namespace {

std::vector<std::string> Judge(const std::string& path, const std::string& line) {
  return JudgeIncludes({path, line + "\n"});
}

TEST(IncludeRulesTest, HoldInTheSourceTree) {
  const std::vector<SourceFile> files = ReadTree("src");
  ASSERT_GT(files.size(), 10u);
  for (const SourceFile& file : files) {
    for (const std::string& finding : JudgeIncludes(file)) ADD_FAILURE() << finding;
  }
  for (const std::string& finding : JudgeVendorsInHeaders(files)) ADD_FAILURE() << finding;
}

TEST(IncludeRulesTest, LowerFolderMayNotIncludeHigher) {
  EXPECT_EQ(Judge("src/base/clock.cc", "#include \"kafka/consumer.h\"").size(), 1u);
  EXPECT_EQ(Judge("src/operators/sink/sink.cc", "#include \"kafka/producer.h\"").size(), 1u);
  EXPECT_EQ(Judge("src/tasks/worker.cc", "#include \"app/settings.h\"").size(), 1u);
  EXPECT_TRUE(Judge("src/kafka/consumer.h", "#include \"base/clock.h\"").empty());
}

TEST(IncludeRulesTest, TasksSeeOnlyTheProcessorContextOfTheOperators) {
  EXPECT_TRUE(Judge("src/tasks/a.h", "#include \"operators/processor_context.h\"").empty());
  EXPECT_EQ(Judge("src/tasks/a.h", "#include \"operators/sink/sink.h\"").size(), 1u);
}

TEST(IncludeRulesTest, HttpSeesOnlyViewsOfTheTasks) {
  EXPECT_TRUE(Judge("src/http/a.cc", "#include \"tasks/task_view.h\"").empty());
  EXPECT_EQ(Judge("src/http/a.cc", "#include \"tasks/worker.h\"").size(), 1u);
}

TEST(IncludeRulesTest, TheTwoKafkasDoNotKnowEachOther) {
  EXPECT_EQ(Judge("src/kafka/memory/a.cc", "#include \"kafka/rdkafka/b.h\"").size(), 1u);
  EXPECT_TRUE(Judge("src/kafka/memory/a.cc", "#include \"kafka/consumer.h\"").empty());
}

TEST(IncludeRulesTest, VendorsStayInTheirFolders) {
  EXPECT_TRUE(Judge("src/kafka/rdkafka/a.cc", "#include <librdkafka/rdkafka.h>").empty());
  EXPECT_EQ(Judge("src/kafka/a.cc", "#include <librdkafka/rdkafka.h>").size(), 1u);
  EXPECT_EQ(Judge("src/tasks/a.cc", "#  include <rocksdb/db.h>").size(), 1u);
  EXPECT_TRUE(Judge("src/tasks/a.cc", "#include <sys/stat.h>").empty());
  EXPECT_TRUE(Judge("src/tasks/a.cc", "#include <unordered_map>").empty());
}

TEST(IncludeRulesTest, WhatIsInNoTableIsAFinding) {
  EXPECT_EQ(Judge("src/utils/a.cc", "#include \"base/clock.h\"").size(), 1u);
  EXPECT_EQ(Judge("src/tasks/a.cc", "#include <absl/strings/str_cat.h>").size(), 1u);
  EXPECT_EQ(Judge("src/tasks/a.cc", "#include \"worker.h\"").size(), 1u);
}

TEST(IncludeRulesTest, AHeaderThatShowsAVendorStaysWhereTheVendorMayBe) {
  const SourceFile header{"src/statestore/rocks.h", "#include <rocksdb/db.h>\n"};
  const SourceFile inside{"src/statestore/a.cc", "#include \"statestore/rocks.h\"\n"};
  const SourceFile outside{"src/changelog/a.cc", "#include \"statestore/rocks.h\"\n"};
  EXPECT_TRUE(JudgeVendorsInHeaders({header, inside}).empty());
  EXPECT_EQ(JudgeVendorsInHeaders({header, inside, outside}).size(), 1u);
}

}  // namespace
}  // namespace sidestream::house
