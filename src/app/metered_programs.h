// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Task programs that report which step dropped records and why, and what fails.
//
// Place in the flow: app puts it around the programs of each sub-topology; tasks and operators
// do not know.
//
// Threading: as TaskProgramFactory; a program reports from its task's worker.

#pragma once

#include <memory>

#include "metrics/registry.h"
#include "operators/processor_context.h"

namespace sidestream::app {

/// `registry` is borrowed; it outlives the result and its programs.
std::shared_ptr<operators::TaskProgramFactory> NewMeteredPrograms(
    std::shared_ptr<operators::TaskProgramFactory> programs, metrics::Registry& registry);

}  // namespace sidestream::app
