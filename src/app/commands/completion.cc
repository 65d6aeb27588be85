// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// completion: scripts for shells.

#include "app/command_reference.h"
#include "app/commands/commands.h"
#include "app/exit_code.h"

namespace sidestream::app {

int Completion(const Arguments& arguments, CommandContext& context) {
  const CommandReference program = ProgramReference();
  if (arguments.shell == "zsh") {
    context.out << ZshCompletion(program);
  } else if (arguments.shell == "fish") {
    context.out << FishCompletion(program);
  } else {
    context.out << BashCompletion(program);
  }
  return kExitOk;
}

}  // namespace sidestream::app
