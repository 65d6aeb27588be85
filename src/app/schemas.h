// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The schemas that a command needs before there is a plan: from the schema registry, or, where no
// cluster is asked, from the file alone.
//
// Threading: confined to the command's thread.

#pragma once

#include <memory>
#include <vector>

#include "app/command.h"
#include "registry/client.h"
#include "topology/loader.h"

namespace sidestream::app {

/// The client of the file's registry; null when the file has none.
std::shared_ptr<registry::Client> NewRegistryClient(const topology::SchemaRegistryModel& model,
                                                    const Clock& clock);

/// Asks `client` for all that the formats of `loaded` need, and drives it meanwhile; does nothing
/// without one. `findings`: what the registry says no to. Fails with kFatal when there is no answer
/// within `timeout`, and otherwise as SchemaSource.
Status ResolveFromRegistry(topology::LoadedTopology& loaded,
                           const std::shared_ptr<registry::Client>& client, Milliseconds timeout,
                           Waiting& waiting, std::vector<topology::Finding>& findings);

/// Numbers the schemas that the file declares. Reports findings; kInvalidConfig when there are any.
Status ResolveLocally(topology::LoadedTopology& loaded, const Arguments& arguments,
                      CommandContext& context);

}  // namespace sidestream::app
