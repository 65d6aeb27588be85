// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Completion scripts. Commands may have commands of their own (`dlq list`): a command is known by
// the words that lead to it.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <string_view>

#include "app/command_reference.h"

namespace sidestream::app {
namespace {

/// Calls `visit` with the words that lead to each command ("", "run", "dlq list").
void ForEachCommand(const CommandReference& command, const std::string& words,
                    const std::function<void(const CommandReference&, const std::string&)>& visit) {
  visit(command, words);
  for (const CommandReference& below : command.commands) {
    ForEachCommand(below, words.empty() ? below.name : words + " " + below.name, visit);
  }
}

bool TakesFile(const OptionReference& option) {
  return option.value == "FILE" || option.value == "STREAM=FILE";
}

std::vector<std::string> AllNames(const CommandReference& command) {
  std::vector<std::string> names;
  for (const OptionReference& option : command.options) {
    names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return names;
}

std::vector<std::string> CommandNames(const CommandReference& command) {
  std::vector<std::string> names;
  for (const CommandReference& below : command.commands) names.push_back(below.name);
  return names;
}

/// Words of the positional arguments.
std::vector<std::string> PositionalChoices(const CommandReference& command) {
  std::vector<std::string> choices;
  for (const OptionReference& option : command.options) {
    if (option.names.empty()) {
      choices.insert(choices.end(), option.choices.begin(), option.choices.end());
    }
  }
  return choices;
}

/// In single quotes; a quote within stands outside of them, which all three shells take.
std::string Quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

/// For zsh's "name:description" and "--name[description]:value:".
std::string ZshText(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

/// Of an option with a value: what may stand there, as an action of zsh's _arguments.
std::string ZshValue(const OptionReference& option) {
  if (option.value.empty()) return "";
  std::string action = " ";
  if (!option.choices.empty()) action = fmt::format("({})", fmt::join(option.choices, " "));
  if (TakesFile(option)) action = "_files";
  return fmt::format(":{}:{}", ZshText(option.value), action);
}

std::string ZshFunction(std::string_view words) {
  std::string name = words.empty() ? "_sidestream" : "_sidestream__";
  for (const char c : words) name += c == ' ' || c == '-' ? '_' : c;
  return name;
}

std::string ZshArguments(const CommandReference& command) {
  std::string text;
  for (const OptionReference& option : command.options) {
    if (option.names.empty()) {
      text += fmt::format(" \\\n    {}", Quoted(fmt::format("1{}", ZshValue(option))));
      continue;
    }
    for (const std::string& name : option.names) {
      text += fmt::format(" \\\n    {}",
                          Quoted(fmt::format("{}{}[{}]{}", option.repeats ? "*" : "", name,
                                             ZshText(option.help), ZshValue(option))));
    }
  }
  return text;
}

}  // namespace

std::string BashCompletion(const CommandReference& program) {
  std::string commands;
  std::string values;
  std::string words_of;
  ForEachCommand(program, "", [&](const CommandReference& command, const std::string& words) {
    for (const CommandReference& below : command.commands) {
      commands += fmt::format("      {}) command={} ;;\n", Quoted(words + "/" + below.name),
                              Quoted(words.empty() ? below.name : words + " " + below.name));
    }
    for (const OptionReference& option : command.options) {
      if (option.value.empty()) continue;
      for (const std::string& name : option.names) {
        const std::string answer =
            TakesFile(option)
                ? "compgen -f -- \"$current\""
                : fmt::format("compgen -W {} -- \"$current\"",
                              Quoted(fmt::format("{}", fmt::join(option.choices, " "))));
        values += fmt::format("    {}) COMPREPLY=($({})); return ;;\n", Quoted(words + "/" + name),
                              answer);
      }
    }
    std::vector<std::string> all = CommandNames(command);
    for (const auto& more : {PositionalChoices(command), AllNames(command)}) {
      all.insert(all.end(), more.begin(), more.end());
    }
    words_of += fmt::format("    {}) words={} ;;\n", Quoted(words),
                            Quoted(fmt::format("{}", fmt::join(all, " "))));
  });
  return fmt::format(
      R"(# bash completion for {0}: source it, or put it into a folder of bash-completion
_{0}() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" before="${{COMP_WORDS[COMP_CWORD-1]}}"
  local command='' words='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case "$command/${{COMP_WORDS[i]}}" in
{1}    esac
  done
  case "$command/$before" in
{2}  esac
  case "$command" in
{3}  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o filenames -F _{0} {0}
)",
      program.name, commands, values, words_of);
}

std::string ZshCompletion(const CommandReference& program) {
  std::string text = fmt::format(
      "#compdef {0}\n# zsh completion for {0}: put it into a folder of $fpath as _{0}, "
      "or source it after compinit\n",
      program.name);
  ForEachCommand(program, "", [&](const CommandReference& command, const std::string& words) {
    text += fmt::format("\n{}() {{\n", ZshFunction(words));
    if (command.commands.empty()) {
      text += fmt::format("  _arguments{}\n}}\n", ZshArguments(command));
      return;
    }
    std::string entries;
    std::string cases;
    for (const CommandReference& below : command.commands) {
      entries +=
          fmt::format("    {}\n", Quoted(fmt::format("{}:{}", below.name, ZshText(below.summary))));
      cases += fmt::format("        {}) {} ;;\n", Quoted(below.name),
                           ZshFunction(words.empty() ? below.name : words + " " + below.name));
    }
    text += fmt::format(
        "  local state line\n  local -a commands=(\n{}  )\n  _arguments -C{} \\\n"
        "    '1: :->command' '*:: :->rest'\n"
        "  case $state in\n    command) _describe command commands ;;\n    rest)\n"
        "      case $line[1] in\n{}      esac ;;\n  esac\n}}\n",
        entries, ZshArguments(command), cases);
  });
  return text + fmt::format(
                    "\nif [[ $funcstack[1] == _{0} ]]; then\n  _{0} \"$@\"\nelse\n"
                    "  compdef _{0} {0}\nfi\n",
                    program.name);
}

std::string FishCompletion(const CommandReference& program) {
  std::string text = fmt::format(
      "# fish completion for {0}: put it into ~/.config/fish/completions/{0}.fish\n"
      "complete -c {0} -f\n",
      program.name);
  ForEachCommand(program, "", [&](const CommandReference& command, const std::string& words) {
    // Behind all words that lead to the command, and in front of those that lead on.
    std::string condition;
    for (size_t begin = 0; begin < words.size();) {
      const size_t end = std::min(words.find(' ', begin), words.size());
      condition +=
          fmt::format("__fish_seen_subcommand_from {}; and ", words.substr(begin, end - begin));
      begin = end + 1;
    }
    std::string here = condition;
    if (!command.commands.empty()) {
      here += fmt::format("not __fish_seen_subcommand_from {}; and ",
                          fmt::join(CommandNames(command), " "));
    }
    if (!here.empty()) here = " -n " + Quoted(here.substr(0, here.size() - 6));
    for (const CommandReference& below : command.commands) {
      text += fmt::format("complete -c {}{} -a {} -d {}\n", program.name, here, below.name,
                          Quoted(below.summary));
    }
    const std::vector<std::string> positional = PositionalChoices(command);
    if (!positional.empty()) {
      text += fmt::format("complete -c {}{} -a {}\n", program.name, here,
                          Quoted(fmt::format("{}", fmt::join(positional, " "))));
    }
    for (const OptionReference& option : command.options) {
      if (option.names.empty()) continue;
      text += fmt::format("complete -c {}{}", program.name, here);
      for (const std::string& name : option.names) {
        const bool is_long = name.starts_with("--");
        text += fmt::format(" -{} {}", is_long ? 'l' : 's', name.substr(is_long ? 2 : 1));
      }
      if (!option.value.empty()) text += TakesFile(option) ? " -r -F" : " -x";
      if (!option.choices.empty()) {
        text += " -a " + Quoted(fmt::format("{}", fmt::join(option.choices, " ")));
      }
      text += fmt::format(" -d {}\n", Quoted(option.help));
    }
  });
  return text;
}

}  // namespace sidestream::app
