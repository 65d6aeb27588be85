// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What the command line takes, as data: read off the tree that parses it, so that completion
// scripts and the manual page know every command and option.
//
// Threading: values and free functions; the tree is confined to one thread.

#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace sidestream::app {

struct OptionReference {
  /// "-f", "--file"; empty: a positional argument.
  std::vector<std::string> names;
  /// "FILE"; empty: a flag.
  std::string value;
  std::string help;
  /// The words that the value may be; empty: anything.
  std::vector<std::string> choices;
  bool required = false;
  bool repeats = false;
};

struct CommandReference {
  std::string name;
  std::string summary;
  /// Details and examples.
  std::string footer;
  std::vector<OptionReference> options;
  std::vector<CommandReference> commands;
};

CommandReference ReferenceOf(const CLI::App& tree);

/// Reference of the whole program.
CommandReference ProgramReference();

/// Scripts for the shells: every command, option and word out of a list; files where an option
/// takes a file.
std::string BashCompletion(const CommandReference& program);
std::string ZshCompletion(const CommandReference& program);
std::string FishCompletion(const CommandReference& program);

/// sidestream(1), in roff.
std::string ManualPage(const CommandReference& program, const std::string& version);

}  // namespace sidestream::app
