// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/command_reference.h"

#include <CLI/CLI.hpp>

#include "app/command_table.h"

namespace sidestream::app {
namespace {

/// From "FORMAT:{text,json}": the description of the value and of its check.
std::vector<std::string> ChoicesIn(const std::string& description) {
  std::vector<std::string> choices;
  const size_t begin = description.find(":{");
  const size_t end = description.find('}', begin == std::string::npos ? 0 : begin);
  if (begin == std::string::npos || end == std::string::npos) return choices;
  std::string word;
  for (size_t i = begin + 2; i <= end; ++i) {
    if (description[i] == ',' || description[i] == '}') {
      choices.push_back(std::exchange(word, ""));
    } else {
      word += description[i];
    }
  }
  return choices;
}

OptionReference ReferenceOf(const CLI::Option& option) {
  OptionReference reference;
  for (const std::string& name : option.get_snames()) reference.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) reference.names.push_back("--" + name);
  if (option.get_items_expected_max() > 0) {
    const std::string description = option.get_type_name();
    reference.value = description.substr(0, description.find(':'));
    reference.choices = ChoicesIn(description);
    // "NUMBER in [1 - 16]" and the like belong to the check.
    reference.value = reference.value.substr(0, reference.value.find(' '));
  }
  reference.help = option.get_description();
  reference.required = option.get_required();
  reference.repeats = option.get_items_expected_max() > 1;
  return reference;
}

}  // namespace

CommandReference ReferenceOf(const CLI::App& tree) {
  CommandReference reference{.name = tree.get_name(),
                             .summary = tree.get_description(),
                             .footer = tree.get_footer(),
                             .options = {},
                             .commands = {}};
  for (const CLI::Option* option : tree.get_options()) {
    reference.options.push_back(ReferenceOf(*option));
  }
  // Without a filter CLI11 gives the subcommands that were parsed; with one, all that pass it.
  for (const CLI::App* command : tree.get_subcommands([](const CLI::App*) { return true; })) {
    reference.commands.push_back(ReferenceOf(*command));
  }
  return reference;
}

CommandReference ProgramReference() {
  Arguments arguments;
  return ReferenceOf(*NewCommandTree(arguments));
}

}  // namespace sidestream::app
