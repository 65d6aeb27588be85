// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <sstream>
#include <string_view>
#include <vector>

#include "app/command_table.h"
#include "app/commands/commands.h"
#include "app/exit_code.h"

namespace sidestream::app {
namespace {

/// CLI11 would only say that a subcommand is missing.
std::optional<std::string> UnknownCommand(std::span<const std::string> words) {
  if (words.empty() || words.front().starts_with("-")) return std::nullopt;
  std::string names;
  std::string_view last;
  for (const CommandRow& row : Commands()) {
    const std::string_view name = row.name;
    const std::string_view word = name.substr(0, name.find(' '));
    if (words.front() == word) return std::nullopt;
    if (word == last) continue;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", word);
    last = word;
  }
  return fmt::format("sidestream: unknown command: {}\nThe commands are {}.\n", words.front(),
                     names);
}

}  // namespace

CommandLine ParseCommandLine(std::span<const std::string> words, bool terminal) {
  CommandLine line;
  line.arguments.log_format = terminal ? log::Format::kText : log::Format::kJson;
  if (auto unknown = UnknownCommand(words)) {
    line.exit_code = kExitUsage;
    line.text = std::move(*unknown);
    return line;
  }
  const std::unique_ptr<CLI::App> program = NewCommandTree(line.arguments);
  // CLI11 takes the words in reverse.
  std::vector<std::string> reversed(words.rbegin(), words.rend());
  try {
    program->parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    if (program->get_option("--version")->count() > 0) {
      line.command = &Version;
      return line;
    }
    std::ostringstream out;
    std::ostringstream err;
    const bool asked_for_help = program->exit(error, out, err) == 0;
    line.exit_code = asked_for_help ? kExitOk : kExitUsage;
    line.text = asked_for_help ? out.str() : "sidestream: " + err.str();
    return line;
  }
  for (const CommandRow& row : Commands()) {
    const CLI::App& command = CommandIn(*program, row);
    if (!command.parsed()) continue;
    line.command = row.function;
    // The life of an application that lasts a second is no news beside its results.
    const bool short_lived = row.function == &Test || line.arguments.embedded;
    const CLI::Option* level = command.get_option_no_throw("--log-level");
    if (short_lived && level != nullptr && level->count() == 0) {
      line.arguments.log_level = log::Level::kWarning;
    }
  }
  return line;
}

}  // namespace sidestream::app
