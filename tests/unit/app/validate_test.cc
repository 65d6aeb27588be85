// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "app/topology_sources.h"
#include "command_fixture.h"
#include "topology/finding_codes.h"

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

/// An error and a warning, both in line 8.
constexpr const char* kBroken = R"(version: 1
application: { id: shop }
streams:
  orders: { topic: orders, key: string, value: json }
  paid: { topic: paid, key: string, value: json }
pipelines:
  pay: { from: orders, to: paid, steps: [
    { filtr: value.ok }, { set: { on: value.on } } ] }
)";

TEST_F(ValidateTest, FindingsAsJsonAreOnStandardOutput) {
  File("shop.yaml", kBroken);
  arguments_.report_format = ReportFormat::kJson;
  EXPECT_EQ(Run(&Validate), kExitConfig);
  EXPECT_EQ(err(), "");
  const auto json = nlohmann::json::parse(out());
  EXPECT_EQ(json["errors"], 1);
  EXPECT_EQ(json["warnings"], 1);
  ASSERT_EQ(json["findings"].size(), 2U);
  const auto& first = json["findings"][0];
  EXPECT_EQ(first["code"], "SS2001");
  EXPECT_EQ(first["severity"], "error");
  EXPECT_EQ(first["file"], "shop.yaml");
  EXPECT_EQ(first["line"], 8);
  EXPECT_EQ(first["column"], 7);
  EXPECT_EQ(first["suggestion"], "did you mean filter?");
}

TEST_F(ValidateTest, SarifNamesTheRuleAndTheRegion) {
  File("the shop.yaml", kBroken);
  arguments_.report_format = ReportFormat::kSarif;
  EXPECT_EQ(Run(&Validate), kExitConfig);
  const auto sarif = nlohmann::json::parse(out());
  EXPECT_EQ(sarif["version"], "2.1.0");
  const auto& run = sarif["runs"][0];
  const auto& rules = run["tool"]["driver"]["rules"];
  EXPECT_EQ(rules.size(), topology::FindingRules().size());
  ASSERT_EQ(run["results"].size(), 2U);
  const auto& result = run["results"][0];
  EXPECT_EQ(result["ruleId"], "SS2001");
  EXPECT_EQ(rules[result["ruleIndex"].get<size_t>()]["id"], "SS2001");
  EXPECT_EQ(result["level"], "error");
  EXPECT_EQ(run["results"][1]["level"], "warning");
  const auto& place = result["locations"][0]["physicalLocation"];
  EXPECT_EQ(place["artifactLocation"]["uri"], "the%20shop.yaml");
  EXPECT_EQ(place["region"]["startLine"], 8);
  EXPECT_EQ(place["region"]["startColumn"], 7);
}

TEST_F(ValidateTest, AnnotationsOfAGithubWorkflowAreEscaped) {
  File("a,b.yaml", kBroken);
  arguments_.report_format = ReportFormat::kGithub;
  EXPECT_EQ(Run(&Validate), kExitConfig);
  EXPECT_EQ(out(),
            "::error file=a%2Cb.yaml,line=8,col=7,title=SS2001::unknown key filtr in this step"
            "%0Ahint: did you mean filter?\n"
            "::warning file=a%2Cb.yaml,line=8,col=35,title=SS1009::readers of YAML 1.1 take the "
            "key on for a boolean%0Ahint: write \"on\" in quotes\n");
}

TEST_F(ValidateTest, AWarningFailsOnlyWhereItIsDenied) {
  std::string text = Counting();
  text += "  idle: { from: clicks, steps: [ { filter: value.ok } ] }\n";
  File("clicks.yaml", text);
  EXPECT_EQ(Run(&Validate), kExitOk) << err();
  arguments_.deny_warnings = true;
  EXPECT_EQ(Run(&Validate), kExitFailed);
  EXPECT_NE(err().find("SS3010"), std::string::npos) << err();
}

TEST_F(ValidateTest, WithoutFilesAndPathsTheCommandLineIsWrong) {
  EXPECT_EQ(Run(&Validate), kExitUsage);
}

TEST_F(ValidateTest, EachPathIsAnApplicationOfItsOwn) {
  surroundings_.files["a.yaml"] = Counting();
  surroundings_.files["b.yaml"] = kBroken;
  arguments_.paths = {"a.yaml", "b.yaml"};
  EXPECT_EQ(Run(&Validate), kExitConfig);
  EXPECT_NE(out().find("counting is valid"), std::string::npos) << out();
  EXPECT_NE(err().find("b.yaml:8:7: error SS2001"), std::string::npos) << err();
}

TEST_F(ValidateTest, BlocksOfMarkdownAreCheckedAtTheirPlace) {
  surroundings_.files["guide.md"] =
      "# Guide\n\n```yaml\nversion: 2\n```\n\n  ```yml\n  version: 1\n"
      "  aplication: { id: x }\n  ```\n\n```sh\nversion: 1\n```\n";
  arguments_.paths = {"guide.md"};
  EXPECT_EQ(Run(&Validate), kExitConfig);
  EXPECT_NE(err().find("guide.md:9:3: error SS2001"), std::string::npos) << err();
  EXPECT_EQ(err().find("guide.md:4"), std::string::npos) << err();
}

TEST_F(ValidateTest, APathWithoutTopologiesIsAnError) {
  surroundings_.files["guide.md"] = "nothing\n";
  arguments_.paths = {"guide.md", "nowhere.yaml"};
  EXPECT_EQ(Run(&Validate), kExitConfig);
  EXPECT_NE(err().find("there is no topology in guide.md"), std::string::npos) << err();
  EXPECT_NE(err().find("nowhere.yaml"), std::string::npos) << err();
}

TEST_F(ValidateTest, OfADirectoryTopologiesAreTaken) {
  surroundings_.files["dir/a.yaml"] = Counting();
  surroundings_.files["dir/platform.yaml"] = "application: { workers: 2 }\n";
  surroundings_.files["dir/b.md"] = "```yaml\n" + Counting() + "```\n";
  surroundings_.files["dir/notes.txt"] = "version: 1\n";
  list_files_ = [](const std::string& directory) -> Result<std::vector<std::string>> {
    EXPECT_EQ(directory, "dir");
    return std::vector<std::string>{"dir/a.yaml", "dir/b.md", "dir/notes.txt", "dir/platform.yaml"};
  };
  arguments_.paths = {"dir/..."};
  EXPECT_EQ(Run(&Validate), kExitOk) << err();
  EXPECT_EQ(out(),
            "counting is valid: 1 pipeline, 1 store, 3 internal topics, 0 tests\n"
            "counting is valid: 1 pipeline, 1 store, 3 internal topics, 0 tests\n");
}

TEST(TopologySourcesTest, HiddenFilesAreLeftOut) {
  namespace fs = std::filesystem;
  const fs::path root = fs::path(testing::TempDir()) / "sidestream_files_below";
  fs::remove_all(root);
  fs::create_directories(root / "b/.git");
  for (const char* name : {"z.yaml", "b/a.yaml", "b/.git/c.yaml", "b/.d.yaml"}) {
    std::ofstream(root / name) << "x";
  }
  const auto files = FilesBelow(root.string());
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_EQ(*files,
            (std::vector<std::string>{(root / "b/a.yaml").string(), (root / "z.yaml").string()}));
  EXPECT_FALSE(FilesBelow((root / "nowhere").string()).ok());
  fs::remove_all(root);
}

TEST(TopologySourcesTest, AVersionOfOneTellsATopology) {
  for (const char* text : {"version: 1", "# x\nversion: 1  # the first\n", "  version: 1\r\n"}) {
    EXPECT_TRUE(SaysVersion(text)) << text;
  }
  for (const char* text : {"", "version: 10", "version: 2", "# version: 1", "my version: 1"}) {
    EXPECT_FALSE(SaysVersion(text)) << text;
  }
}

TEST_F(ValidateTest, ConnectedATopicThatIsMissingIsFoundAtItsPlace) {
  File("clicks.yaml", Counting());
  arguments_.connect = true;
  CreateTopic("totals", 4);
  EXPECT_EQ(Run(&Validate), kExitConfig);
  EXPECT_NE(err().find("clicks.yaml:5:20: error SS5001"), std::string::npos) << err();
  EXPECT_EQ(out(), "");
  CreateTopic("clicks", 4);
  EXPECT_EQ(Run(&Validate), kExitOk) << err();
  EXPECT_EQ(TopicNames(), (std::set<std::string>{"clicks", "totals"}));
}

TEST_F(ValidateTest, ConnectedAnInternalTopicIsHeldAgainstWhatItMustBe) {
  File("clicks.yaml", Counting());
  arguments_.connect = true;
  CreateTopic("clicks", 4);
  CreateTopic("totals", 4);
  CreateTopic("counting-per_user-changelog", 4, {{"cleanup.policy", "delete"}});
  EXPECT_EQ(Run(&Validate), kExitConfig);
  EXPECT_NE(err().find("SS5005: an internal topic has other settings"), std::string::npos) << err();
}

TEST_F(ValidateTest, ConnectedACountThatDiffersFromAnExistingTopicIsFound) {
  std::string text = Counting();
  text.replace(text.find("      - name: per_user"), 0,
               "      - name: spread\n        repartition: { partitions: 3 }\n");
  File("clicks.yaml", text);
  arguments_.connect = true;
  CreateTopic("clicks", 4);
  CreateTopic("totals", 4);
  CreateTopic("counting-spread-repartition", 5);
  EXPECT_EQ(Run(&Validate), kExitConfig);
  EXPECT_NE(err().find("error SS5002"), std::string::npos) << err();
}

TEST_F(ValidateTest, ConnectedNeedsACluster) {
  std::string text = Counting();
  text.erase(text.find("kafka:"), text.find("streams:") - text.find("kafka:"));
  File("clicks.yaml", text);
  arguments_.connect = true;
  EXPECT_EQ(Run(&Validate), kExitConfig);
  EXPECT_NE(err().find("SS5006"), std::string::npos) << err();
}

}  // namespace
}  // namespace sidestream::app
