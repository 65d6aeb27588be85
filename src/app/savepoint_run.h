// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// run --from-savepoint: the new application is made before its first instance starts. An instance
// that starts with the same words later finds it made; of several that start at once the last one
// makes it, and the others wait for it.
//
// Threading: confined to the command's thread.

#pragma once

#include "app/command.h"
#include "base/status.h"
#include "statestore/task_state.h"
#include "tasks/sub_topology.h"
#include "topology/loader.h"
#include "topology/plan.h"

namespace sidestream::app {

/// Requires: the internal topics of `plan` exist. kInvalidConfig: the savepoint does not fit, or the
/// application is not new; the reasons are logged.
Status StartFromSavepoint(const topology::Model& model, const topology::Plan& plan,
                          const tasks::ApplicationSpec& application, kafka::Cluster& cluster,
                          statestore::TaskStateFactory& states, const Arguments& arguments,
                          CommandContext& context);

}  // namespace sidestream::app
