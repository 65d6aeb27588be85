// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The files of config/ load, say what the program does by default, and come with data.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "command_fixture.h"
#include "topology/build_plan.h"
#include "topology/fields.h"
#include "topology/loader.h"

namespace sidestream::app {
namespace {

const std::filesystem::path kConfig = std::filesystem::path(SIDESTREAM_SOURCE_DIR) / "config";

std::string ReadText(const std::filesystem::path& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::filesystem::path> Topologies() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(kConfig / "topologies")) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  return files;
}

TEST(SidecarFileTest, LoadsBesideATopologyAndEqualsTheDefaults) {
  FakeSurroundings surroundings;
  const topology::NamedText team{"word-count.yaml",
                                 ReadText(kConfig / "topologies" / "word-count.yaml")};
  const auto alone = topology::LoadTopologyTexts({team}, surroundings);
  ASSERT_TRUE(alone.ok()) << topology::Render(alone.findings);
  const auto merged = topology::LoadTopologyTexts(
      {{"sidecar.yaml", ReadText(kConfig / "sidecar.yaml")}, team}, surroundings);
  ASSERT_TRUE(merged.ok()) << topology::Render(merged.findings);

  EXPECT_EQ(merged.model.application.workers, alone.model.application.workers);
  EXPECT_EQ(merged.model.application.parallelism, alone.model.application.parallelism);
  EXPECT_EQ(merged.model.application.format, alone.model.application.format);
  EXPECT_EQ(merged.model.application.guarantee, alone.model.application.guarantee);
  EXPECT_EQ(merged.model.application.commit_interval, alone.model.application.commit_interval);
  EXPECT_EQ(merged.model.application.state_dir, alone.model.application.state_dir);
  EXPECT_EQ(merged.model.application.state_memory, alone.model.application.state_memory);
  EXPECT_EQ(merged.model.errors.processing, alone.model.errors.processing);
  EXPECT_EQ(merged.model.http.address, alone.model.http.address);
  EXPECT_EQ(merged.model.http.port, alone.model.http.port);
  EXPECT_EQ(merged.model.kafka.common.at("bootstrap.servers"), "localhost:9092");
}

TEST(SidecarFileTest, NamesEverySettingOfThePlatform) {
  const std::string text = ReadText(kConfig / "sidecar.yaml");
  for (const topology::Field& field : topology::AllFields()) {
    const std::string path(field.path);
    const bool ours = path.starts_with("application") || path.starts_with("kafka") ||
                      path.starts_with("errors") || path.starts_with("http");
    if (!ours) continue;
    const std::string name = std::string(topology::FieldName(field)) + ":";
    EXPECT_NE(text.find(name), std::string::npos) << path << " is not in config/sidecar.yaml";
  }
}

TEST(ExampleTopologiesTest, LoadPlanAndHaveTestsAndTheDataThatTheyName) {
  FakeSurroundings surroundings;
  const auto files = Topologies();
  EXPECT_GE(files.size(), 20u);
  for (const auto& file : files) {
    SCOPED_TRACE(file.string());
    const auto loaded =
        topology::LoadTopologyTexts({{file.filename().string(), ReadText(file)}}, surroundings);
    ASSERT_TRUE(loaded.ok()) << topology::Render(loaded.findings);
    EXPECT_TRUE(loaded.findings.empty()) << topology::Render(loaded.findings);
    const auto result = topology::BuildPlan(loaded.model, loaded.files,
                                            topology::DeclaredPartitionCounts(loaded.model, 1));
    EXPECT_NE(result.plan, nullptr) << topology::Render(result.findings);
    EXPECT_FALSE(loaded.model.tests.empty());
    EXPECT_EQ(loaded.model.application.id, file.stem().string());
    const std::string data = "config/topologies/data/" + file.stem().string() + ".ndjson";
    if (ReadText(file).find("/data/") == std::string::npos) continue;
    EXPECT_NE(ReadText(file).find(data), std::string::npos);
    EXPECT_FALSE(ReadText(kConfig.parent_path() / data).empty());
  }
}

}  // namespace
}  // namespace sidestream::app
