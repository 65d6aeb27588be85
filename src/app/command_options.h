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
  kFiles = 1U << 0U,
  kConnect = 1U << 1U,
  kApply = 1U << 2U,
  kValidateOptions = 1U << 3U,
  kRunOptions = 1U << 4U,
  kTestOptions = 1U << 5U,
  kDocsOptions = 1U << 6U,
  kSchemaOptions = 1U << 7U,
  kGraphOptions = 1U << 8U,
  kTextOrJson = 1U << 9U,
  kEvalOptions = 1U << 10U,
  kShell = 1U << 11U,
  kCreateOptions = 1U << 12U,
  kDlqListOptions = 1U << 13U,
  kDlqReplayOptions = 1U << 14U,
  kExplainOptions = 1U << 15U,
  kPlanOptions = 1U << 16U,
  kResetOptions = 1U << 22U,
  kLocation = 1U << 17U,
  kSavepointName = 1U << 18U,
  kSavepointListOptions = 1U << 19U,
  kSavepointTake = 1U << 20U,
  kStopOptions = 1U << 21U,
};

/// Declares the options of the groups in `options`; parsing then fills `arguments`, which is
/// borrowed for the life of `command`.
void AddOptions(CLI::App& command, unsigned options, Arguments& arguments);

}  // namespace sidestream::app
