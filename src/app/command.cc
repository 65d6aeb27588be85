// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/command.h"

#include <fmt/format.h>

#include "app/exit_code.h"

namespace sidestream::app {

int Failed(const Status& status, CommandContext& context) {
  context.err << fmt::format("sidestream: {}\n", status.message());
  return ExitCodeOf(status);
}

}  // namespace sidestream::app
