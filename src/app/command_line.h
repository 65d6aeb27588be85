// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// From argv to a command and its arguments, by the table of commands (command_table.h).
//
// Threading: confined to the main thread.

#pragma once

#include <optional>
#include <span>
#include <string>

#include "app/command.h"

namespace sidestream::app {

/// A command to run, or a text to print and the code to exit with.
struct CommandLine {
  CommandFunction command = nullptr;
  Arguments arguments;

  int exit_code = 0;
  std::string text;
};

/// `words` without the program's name. `terminal`: standard error is one, which decides the
/// default of --log-format. Never throws.
CommandLine ParseCommandLine(std::span<const std::string> words, bool terminal);

}  // namespace sidestream::app
