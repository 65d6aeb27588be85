// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Completion and the manual page know what the parser knows. The script for bash is tried in bash;
// those for zsh and fish where these are installed.

#include "app/command_reference.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "app/command_table.h"
#include "app/skeletons.h"

namespace sidestream::app {
namespace {

/// Output of a shell command; fails the test when it does not end well.
std::string OutputOf(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), &pclose);
  EXPECT_NE(pipe, nullptr);
  std::string text;
  std::array<char, 4096> buffer;
  while (const size_t size = fread(buffer.data(), 1, buffer.size(), pipe.get())) {
    text.append(buffer.data(), size);
  }
  return text;
}

bool Installed(const std::string& program) {
  return std::system(("command -v " + program + " >/dev/null 2>&1").c_str()) == 0;
}

std::vector<std::string> Words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words{std::istream_iterator<std::string>(stream), {}};
  std::sort(words.begin(), words.end());
  return words;
}

std::vector<std::string> Sorted(std::vector<std::string> words) {
  std::sort(words.begin(), words.end());
  return words;
}

class ScriptFile {
 public:
  ScriptFile(const std::string& name, const std::string& text)
      : folder_(std::filesystem::temp_directory_path() /
                ("sidestream-completion-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
    path_ = (folder_ / name).string();
    std::ofstream(path_) << text;
  }
  ~ScriptFile() { std::filesystem::remove_all(folder_); }
  const std::string& path() const { return path_; }

 private:
  std::filesystem::path folder_;
  std::string path_;
};

/// First words of the commands.
std::vector<std::string> CommandNames() {
  std::set<std::string> names;
  for (const CommandRow& row : Commands()) {
    const std::string name = row.name;
    names.insert(name.substr(0, name.find(' ')));
  }
  return {names.begin(), names.end()};
}

TEST(CommandReferenceTest, KnowsCommandsOptionsAndTheirWords) {
  const CommandReference program = ProgramReference();
  ASSERT_EQ(program.commands.size(), CommandNames().size());
  const auto graph = std::find_if(program.commands.begin(), program.commands.end(),
                                  [](const auto& command) { return command.name == "graph"; });
  ASSERT_NE(graph, program.commands.end());
  bool format = false;
  for (const OptionReference& option : graph->options) {
    if (option.names == std::vector<std::string>{"--format"}) {
      format = true;
      EXPECT_EQ(Sorted(option.choices),
                (std::vector<std::string>{"ascii", "dot", "json", "mermaid", "svg"}));
      EXPECT_EQ(option.value, "FORMAT");
    }
    if (option.names == std::vector<std::string>{"-f", "--file"}) {
      EXPECT_TRUE(option.required);
      EXPECT_EQ(option.value, "FILE");
    }
  }
  EXPECT_TRUE(format);
}

class BashTest : public ::testing::Test {
 protected:
  BashTest() : script_("completion.bash", BashCompletion(ProgramReference())) {}

  /// What is offered behind `words`; the last one is being written and may be empty.
  std::vector<std::string> Offered(const std::string& words, int count) {
    return Words(OutputOf("bash -c 'source " + script_.path() + "; COMP_WORDS=(sidestream " +
                          words + "); COMP_CWORD=" + std::to_string(count) +
                          "; _sidestream; printf \"%s\\n\" \"${COMPREPLY[@]}\"'"));
  }

  ScriptFile script_;
};

TEST_F(BashTest, OffersCommandsOptionsAndWords) {
  const std::vector<std::string> all = Offered("\"\"", 1);
  for (const std::string& name : CommandNames()) {
    EXPECT_NE(std::find(all.begin(), all.end(), name), all.end()) << name;
  }
  EXPECT_EQ(Offered("val", 1), (std::vector<std::string>{"validate"}));
  EXPECT_EQ(Offered("graph --fo", 2), (std::vector<std::string>{"--format"}));
  EXPECT_EQ(Offered("graph --format \"\"", 3),
            (std::vector<std::string>{"ascii", "dot", "json", "mermaid", "svg"}));
  EXPECT_EQ(Offered("dlq re", 2), (std::vector<std::string>{"replay"}));
  EXPECT_EQ(Offered("dlq list --fo", 3), (std::vector<std::string>{"--format"}));
  EXPECT_EQ(Offered("completion f", 2), (std::vector<std::string>{"fish"}));
  EXPECT_EQ(Offered("create to", 2), (std::vector<std::string>{"totals"}));
  EXPECT_EQ(Offered("validate -f " SIDESTREAM_SOURCE_DIR "/READ", 3),
            (std::vector<std::string>{SIDESTREAM_SOURCE_DIR "/README.md"}));
}

TEST(ZshTest, TheScriptLoadsAndItsFunctionsAreThere) {
  if (!Installed("zsh")) GTEST_SKIP() << "zsh is not installed";
  const ScriptFile script("_sidestream", ZshCompletion(ProgramReference()));
  const std::string answer =
      OutputOf("zsh -f -c 'autoload -U compinit && compinit -D && source " + script.path() +
               " && print ${_comps[sidestream]} && whence -w "
               "_sidestream__graph' 2>&1");
  EXPECT_EQ(answer, "_sidestream\n_sidestream__graph: function\n");
}

TEST(FishTest, OffersCommandsOptionsAndWords) {
  if (!Installed("fish")) GTEST_SKIP() << "fish is not installed";
  const ScriptFile script("sidestream.fish", FishCompletion(ProgramReference()));
  const auto offered = [&](const std::string& line) {
    return Words(OutputOf("HOME=/nonexistent fish -N -c 'source " + script.path() +
                          "; complete -C \"" + line + "\" | string split -f1 \\t' 2>/dev/null"));
  };
  EXPECT_EQ(offered("sidestream "), Sorted(CommandNames()));
  EXPECT_EQ(offered("sidestream graph --format "),
            (std::vector<std::string>{"ascii", "dot", "json", "mermaid", "svg"}));
  EXPECT_EQ(offered("sidestream dlq "), (std::vector<std::string>{"list", "replay"}));
  EXPECT_EQ(offered("sidestream completion "), (std::vector<std::string>{"bash", "fish", "zsh"}));
}

TEST(ManualPageTest, NamesEveryCommandAndOption) {
  const std::string page = ManualPage(ProgramReference(), "1.2.3");
  EXPECT_TRUE(page.starts_with(".TH SIDESTREAM 1"));
  for (const CommandRow& row : Commands()) {
    EXPECT_NE(page.find(std::string("\n.SS ") + row.name + "\n"), std::string::npos) << row.name;
  }
  EXPECT_NE(page.find("\\fB\\-\\-crash\\-at\\-every\\-commit\\fR"), std::string::npos);
  if (!Installed("mandoc")) return;
  const ScriptFile file("sidestream.1", page);
  EXPECT_EQ(OutputOf("mandoc -T lint -W warning " + file.path() + " 2>&1"), "");
}

}  // namespace
}  // namespace sidestream::app
