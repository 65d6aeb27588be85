// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// savepoint delete: one snapshot with the files that no other needs. A dry run unless --apply is
// given.

#include <fmt/format.h>

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "app/load.h"
#include "app/savepoint_place.h"

namespace sidestream::app {
int SavepointDelete(const Arguments& arguments, CommandContext& context) {
  const topology::LoadedTopology loaded = Load(arguments, context);
  if (!loaded.ok()) return kExitConfig;
  const auto place = SavepointPlace::Open(loaded.model, arguments, context);
  if (!place.ok()) return Failed(place.status(), context);
  const auto name = (*place)->Find(arguments.savepoint.name);
  if (!name.ok()) return Failed(name.status(), context);
  if (!arguments.apply) {
    context.out << fmt::format("would delete {} from {}\n", name->text(), (*place)->location());
    context.err << "nothing was changed; add --apply to do it\n";
    return kExitOk;
  }
  const Status deleted = (*place)->CatalogOf(name->application).Delete(name->name);
  if (!deleted.ok()) return Failed(deleted, context);
  context.out << fmt::format("deleted {} from {}\n", name->text(), (*place)->location());
  return kExitOk;
}

}  // namespace sidestream::app
