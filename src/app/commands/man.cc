// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// man: the manual page.

#include "app/command_reference.h"
#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "app/settings.h"

namespace sidestream::app {

int Man(const Arguments&, CommandContext& context) {
  context.out << ManualPage(ProgramReference(), ProgramVersion());
  return kExitOk;
}

}  // namespace sidestream::app
