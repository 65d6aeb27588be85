// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Loading the files of a command, planning, and telling what is wrong with them.
//
// Threading: confined to the command's thread.

#pragma once

#include <vector>

#include "app/command.h"
#include "topology/build_plan.h"
#include "topology/finding.h"
#include "topology/loader.h"

namespace sidestream::app {

/// Loads `arguments.files` and reports every finding. With an error in them the result's ok() is
/// false: exit with kExitConfig.
topology::LoadedTopology Load(const Arguments& arguments, CommandContext& context);

/// The plan for the partition counts that the files declare, one where they do not. Requires ok().
topology::PlanResult PlanOf(const topology::LoadedTopology& loaded);

/// For people as text with excerpts; a log line each where logs are JSON.
void ReportFindings(const std::vector<topology::Finding>& findings, const Arguments& arguments,
                    CommandContext& context);

/// " -f a.yaml -f b.yaml", for the commands that messages suggest.
std::string FileWords(const Arguments& arguments);

/// `word` as a shell takes it back: quoted when it has to be.
std::string ShellWord(const std::string& word);

}  // namespace sidestream::app
