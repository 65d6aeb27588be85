// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The options of commands, in groups that several commands share. A command's row
// (command_table.cc) names the groups that it takes.
//
// Threading: free functions.

#pragma once

#include "app/command.h"

namespace CLI {
class App;
}

namespace sidestream::app {

enum OptionGroup : unsigned {
  kFiles = 1,
  kConnect = 2,
  kApply = 4,
  kValidateOptions = 8,
  kRunOptions = 16,
  kTestOptions = 32,
  kDocsOptions = 64,
  kDlqListOptions = 128,
  kDlqReplayOptions = 256,
};

/// Declares the options of the groups in `options`; parsing then fills `arguments`, which is
/// borrowed for the life of `command`.
void AddOptions(CLI::App& command, unsigned options, Arguments& arguments);

}  // namespace sidestream::app
