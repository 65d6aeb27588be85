// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/command_line.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "app/command_table.h"
#include "app/commands/commands.h"
#include "app/exit_code.h"

namespace sidestream::app {
namespace {

CommandLine Parse(const std::vector<std::string>& words, bool terminal = true) {
  return ParseCommandLine(words, terminal);
}

TEST(CommandLineTest, FilesCanBeGivenSeveralTimesAndKeepTheirOrder) {
  const CommandLine line = Parse({"validate", "-f", "platform.yaml", "--file", "team.yaml"});
  EXPECT_EQ(line.command, &Validate);
  EXPECT_EQ(line.arguments.files, (std::vector<std::string>{"platform.yaml", "team.yaml"}));
}

TEST(CommandLineTest, AFileOptionTakesOneWordOnly) {
  const CommandLine line = Parse({"topics", "-f", "a.yaml", "b.yaml"});
  EXPECT_EQ(line.command, nullptr);
  EXPECT_EQ(line.exit_code, kExitUsage);
  EXPECT_NE(line.text.find("b.yaml"), std::string::npos) << line.text;
}

TEST(CommandLineTest, ValidateTakesPathsBesideFiles) {
  const CommandLine line =
      Parse({"validate", "-f", "a.yaml", "b.yaml", "dir/...", "--format", "sarif", "--connect"});
  EXPECT_EQ(line.command, &Validate);
  EXPECT_EQ(line.arguments.files, (std::vector<std::string>{"a.yaml"}));
  EXPECT_EQ(line.arguments.paths, (std::vector<std::string>{"b.yaml", "dir/..."}));
  EXPECT_EQ(line.arguments.report_format, ReportFormat::kSarif);
  EXPECT_TRUE(line.arguments.connect);
}

TEST(CommandLineTest, WrongCommandLinesExitWithTwoAndSayWhatIsWrong) {
  const struct {
    std::vector<std::string> words;
    std::string says;
  } cases[] = {
      {{}, "subcommand"},
      {{"frobnicate"}, "frobnicate"},
      {{"topics"}, "--file"},
      {{"validate", "-f"}, "--file"},
      {{"validate", "-f", "a.yaml", "--apply"}, "--apply"},
      {{"topics", "-f", "a.yaml", "--connect-timeout", "soon"}, "duration"},
      {{"topics", "-f", "a.yaml", "--log-level", "loud"}, "loud"},
      {{"run", "-f", "a.yaml", "--input", "lines=-"}, "--embedded"},
      {{"run", "-f", "a.yaml", "--embedded", "--input", "lines"}, "stream=file"},
      {{"test", "-f", "a.yaml", "--instances", "0"}, "--instances"},
      {{"validate", "a.yaml", "--format", "xml"}, "--format"},
      {{"test", "-f", "a.yaml", "--format", "xml"}, "xml"},
      {{"test", "-f", "a.yaml", "--seed", "-1"}, "--seed"},
      // What is tested is what is in the files.
      {{"test", "-f", "a.yaml", "--set", "application.id=x"}, "--set"},
  };
  for (const auto& [words, says] : cases) {
    const CommandLine line = Parse(words);
    EXPECT_EQ(line.command, nullptr);
    EXPECT_EQ(line.exit_code, kExitUsage) << line.text;
    EXPECT_TRUE(line.text.starts_with("sidestream: ")) << line.text;
    EXPECT_NE(line.text.find(says), std::string::npos) << line.text;
  }
}

TEST(CommandLineTest, HelpIsASuccessAndNamesEveryCommand) {
  const CommandLine line = Parse({"--help"});
  EXPECT_EQ(line.command, nullptr);
  EXPECT_EQ(line.exit_code, kExitOk);
  for (const char* word : {"run", "test", "validate", "topics", "reset", "version", "78"}) {
    EXPECT_NE(line.text.find(word), std::string::npos) << word << "\n" << line.text;
  }
  const CommandLine topics = Parse({"topics", "--help"});
  EXPECT_EQ(topics.exit_code, kExitOk);
  EXPECT_NE(topics.text.find("--apply"), std::string::npos) << topics.text;
}

TEST(CommandLineTest, EveryCommandHasAnExampleInItsHelp) {
  for (const CommandRow& row : Commands()) {
    std::vector<std::string> words;
    std::istringstream name{std::string(row.name)};
    for (std::string word; name >> word;) words.push_back(word);
    words.push_back("--help");
    const CommandLine line = Parse(words);
    EXPECT_EQ(line.exit_code, kExitOk) << row.name;
    const size_t example = line.text.find("\nExample:\n");
    ASSERT_NE(example, std::string::npos) << line.text;
    const std::string call = std::string("sidestream ") + row.name;
    EXPECT_NE(line.text.find(call, example), std::string::npos) << line.text;
  }
}

TEST(CommandLineTest, ColorsAreAutomaticUnlessSaid) {
  EXPECT_EQ(Parse({"validate", "-f", "a"}).arguments.color, ColorMode::kAuto);
  EXPECT_EQ(Parse({"validate", "-f", "a", "--color", "never"}).arguments.color, ColorMode::kNever);
  EXPECT_EQ(Parse({"validate", "-f", "a", "--color", "blue"}).exit_code, kExitUsage);
}

TEST(CommandLineTest, VersionIsACommandAndAFlag) {
  EXPECT_EQ(Parse({"version"}).command, &Version);
  EXPECT_EQ(Parse({"--version"}).command, &Version);
}

TEST(CommandLineTest, InputsOfAnEmbeddedRunAreStreamsAndFiles) {
  const CommandLine line = Parse({"run", "-f", "a.yaml", "--embedded", "--input",
                                  "lines=a=b.ndjson", "--input", "more=-", "--stop-timeout", "5s"});
  EXPECT_EQ(line.command, &app::Run) << line.text;
  EXPECT_TRUE(line.arguments.embedded);
  EXPECT_EQ(line.arguments.inputs, (std::vector<std::pair<std::string, std::string>>{
                                       {"lines", "a=b.ndjson"}, {"more", "-"}}));
  EXPECT_EQ(line.arguments.stop_timeout, Milliseconds(5'000));
}

TEST(CommandLineTest, DurationsAreWrittenAsInTheTopology) {
  const CommandLine line =
      Parse({"reset", "-f", "a.yaml", "--apply", "--connect-timeout", "1m30s"});
  EXPECT_EQ(line.command, &Reset);
  EXPECT_TRUE(line.arguments.apply);
  EXPECT_EQ(line.arguments.connect_timeout, Milliseconds(90'000));
}

TEST(CommandLineTest, LogsAreTextOnATerminalAndJsonOtherwiseUnlessSaid) {
  EXPECT_EQ(Parse({"validate", "-f", "a"}, true).arguments.log_format, log::Format::kText);
  EXPECT_EQ(Parse({"validate", "-f", "a"}, false).arguments.log_format, log::Format::kJson);
  const CommandLine text = Parse({"validate", "-f", "a", "--log-format", "text"}, false);
  EXPECT_EQ(text.arguments.log_format, log::Format::kText);
  const CommandLine debug = Parse({"validate", "-f", "a", "--log-level", "debug"});
  EXPECT_EQ(debug.arguments.log_level, log::Level::kDebug);
}

TEST(CommandLineTest, ResetTakesTimesAsKafkasToolWritesThemAndAsWeDo) {
  using To = ResetArguments::To;
  const auto parse = [](const char* option, const char* text) {
    return Parse({"reset", "-f", "a.yaml", option, text});
  };
  for (const char* text : {"2026-01-31T10:00:00.000", "2026-01-31T10:00:00Z",
                           "2026-01-31T12:00:00+02:00"}) {
    const CommandLine line = parse("--to-datetime", text);
    EXPECT_EQ(line.arguments.reset.to, To::kTime) << line.text;
    EXPECT_EQ(line.arguments.reset.number, 1'769'853'600'000) << text;
  }
  for (const char* text : {"P1DT2H3M4S", "1d2h3m4s"}) {
    const CommandLine line = parse("--by-duration", text);
    EXPECT_EQ(line.arguments.reset.to, To::kAgo) << line.text;
    EXPECT_EQ(line.arguments.reset.number, 93'784'000) << text;
  }
  EXPECT_EQ(parse("--by-duration", "PT90M").arguments.reset.number, 5'400'000);
  for (const char* text : {"P", "PT", "P1H", "P1D2H", "PT1S1M", "-1d", "P-1D"}) {
    EXPECT_EQ(parse("--by-duration", text).exit_code, kExitUsage) << text;
  }
  EXPECT_EQ(parse("--to-datetime", "yesterday").exit_code, kExitUsage);
  EXPECT_EQ(Parse({"reset", "-f", "a.yaml", "--to-latest", "--by-duration", "1d"}).exit_code,
            kExitUsage);
}

}  // namespace
}  // namespace sidestream::app
