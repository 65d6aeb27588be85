// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// savepoint create, and stop --savepoint: a savepoint of the running application.

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "app/load.h"
#include "app/savepoint_place.h"
#include "app/savepoint_request.h"
#include "topology/internal_topics.h"

namespace sidestream::app {
namespace {

/// Asked here, so that a wrong place or a name that is taken does not cost the application a pause.
Status CheckPlace(const topology::Model& model, const Arguments& arguments,
                  CommandContext& context) {
  if (!snapshot::IsSnapshotName(arguments.savepoint.name)) {
    return Status::InvalidConfig("a new savepoint has no application in its name: " +
                                 arguments.savepoint.name);
  }
  ASSIGN_OR_RETURN(const auto place, SavepointPlace::Open(model, arguments, context));
  ASSIGN_OR_RETURN(const auto names, place->List(/*all=*/false));
  const bool taken = std::any_of(names.begin(), names.end(), [&](const SnapshotName& name) {
    return name.name == arguments.savepoint.name;
  });
  if (!taken) return {};
  return Status::InvalidConfig(
      fmt::format("there is a savepoint {} already; delete it, or take another name",
                  arguments.savepoint.name));
}

uint64_t RandomId() {
  std::random_device random;
  return (uint64_t{random()} << 32U | random()) | 1U;
}

int Take(const Arguments& arguments, CommandContext& context, bool stop) {
  const topology::LoadedTopology loaded = Load(arguments, context);
  if (!loaded.ok()) return kExitConfig;
  const SavepointArguments& wanted = arguments.savepoint;
  const Status place = CheckPlace(loaded.model, arguments, context);
  if (!place.ok()) return Failed(place, context);
  const auto cluster = context.connect(loaded.model.kafka);
  if (!cluster.ok()) return Failed(cluster.status(), context);
  const std::string& id = loaded.model.application.id;
  const auto admin = (*cluster)->NewAdmin(id + "-savepoint");
  if (!admin.ok()) return Failed(admin.status(), context);
  SavepointRequest request(**cluster, **admin, context.waiting,
                           Patience{.total = arguments.connect_timeout}, id,
                           topology::ControlTopicName(id));
  const auto complete = request.Run(
      {.id = RandomId(),
       .name = wanted.name,
       .location = wanted.location,
       .stop = stop,
       .drain = wanted.drain},
      wanted.timeout, [&](const std::string& line) { context.err << fmt::format("{}\n", line); });
  if (!complete.ok()) return Failed(complete.status(), context);
  context.out << fmt::format("savepoint {}, {}\n", complete->manifest, BytesText(complete->bytes));
  if (stop) context.err << "the instances stop now, and none has gone on behind the savepoint\n";
  return kExitOk;
}

}  // namespace

int SavepointCreate(const Arguments& arguments, CommandContext& context) {
  return Take(arguments, context, /*stop=*/false);
}

int Stop(const Arguments& arguments, CommandContext& context) {
  return Take(arguments, context, /*stop=*/true);
}

}  // namespace sidestream::app
