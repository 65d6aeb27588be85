// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>

#include "app/command_reference.h"

namespace sidestream::app {
namespace {

/// Text of roff: backslashes, hyphens that are to be copied, and what begins a line as a request.
std::string Roff(std::string_view text) {
  std::string escaped;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && (c == '.' || c == '\'')) escaped += "\\&";
    line_start = c == '\n';
    switch (c) {
      case '\\':
        escaped += "\\e";
        break;
      case '-':
        escaped += "\\-";
        break;
      case '\'':
        escaped += "\\(aq";
        break;
      case '`':
        escaped += "\\(ga";
        break;
      case '"':
        escaped += "\\(dq";
        break;
      case '~':
        escaped += "\\(ti";
        break;
      case '^':
        escaped += "\\(ha";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string Option(const OptionReference& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.names) names.push_back("\\fB" + Roff(name) + "\\fR");
  std::string head = fmt::format("{}", fmt::join(names, ", "));
  if (!option.value.empty()) {
    head += fmt::format("{}\\fI{}\\fR", head.empty() ? "" : " ", Roff(option.value));
  }
  std::string text = fmt::format(".TP\n{}\n{}.", head, Roff(option.help));
  if (option.repeats) text += " May be given several times.";
  if (option.required) text += " Required.";
  return text + "\n";
}

/// Paragraphs as they are, line by line: they hold examples.
std::string Verbatim(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  return text.empty() ? "" : fmt::format(".PP\n.nf\n{}\n.fi\n", Roff(text));
}

std::string Command(const CommandReference& command, const std::string& words) {
  std::string text = fmt::format(".SS {}\n{}.\n", Roff(words), Roff(command.summary));
  for (const OptionReference& option : command.options) {
    // Every command has --help: it stands once, at the top.
    if (!option.names.empty() && option.names.back() == "--help") continue;
    text += Option(option);
  }
  text += Verbatim(command.footer);
  for (const CommandReference& below : command.commands) {
    text += Command(below, words + " " + below.name);
  }
  return text;
}

}  // namespace

std::string ManualPage(const CommandReference& program, const std::string& version) {
  std::string text = fmt::format(
      ".TH SIDESTREAM 1 2026-11-21 \"sidestream {}\"\n.SH NAME\nsidestream \\- Kafka\\-native stream "
      "processor\n.SH SYNOPSIS\n.B sidestream\n.I COMMAND\n.RI [ OPTION \" ...]\"\n"
      ".SH DESCRIPTION\n{}\n.SH OPTIONS\n",
      Roff(version), Roff(program.summary.substr(0, program.summary.find('\n'))));
  for (const OptionReference& option : program.options) text += Option(option);
  text += ".SH COMMANDS\n";
  for (const CommandReference& command : program.commands) text += Command(command, command.name);
  text +=
      ".SH EXIT STATUS\n.TP\n0\nDone.\n.TP\n1\nWhat was checked is wrong, or the run failed.\n"
      ".TP\n2\nThe command line is wrong.\n.TP\n78\nThe configuration is wrong: a restart does not "
      "help.\n.SH ENVIRONMENT\n.TP\n.B NO_COLOR\nNo colors, also on a terminal.\n.TP\n"
      ".B SIDESTREAM_INSTANCE\nDefault of\n.BR \"run \\-\\-instance\" .\n";
  return text;
}

}  // namespace sidestream::app
