// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// run --from-savepoint: the new application is made before its first instance starts; an instance
// that starts with the same words later finds it made.
//
// Threading: confined to the command's thread.

#pragma once

#include "app/command.h"
#include "base/status.h"
#include "statestore/task_state.h"
#include "tasks/sub_topology.h"
#include "topology/loader.h"

namespace sidestream::app {

/// Requires: the internal topics exist. kInvalidConfig: the savepoint does not fit, or the
/// application is not new; the reasons are logged.
Status StartFromSavepoint(const topology::Model& model, const tasks::ApplicationSpec& application,
                          kafka::Cluster& cluster, statestore::TaskStateFactory& states,
                          const Arguments& arguments, CommandContext& context);

}  // namespace sidestream::app
