// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// plan: what a start of these files does to the application in the cluster.

#include <fmt/format.h>

#include "app/application_change.h"
#include "app/change_report.h"
#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "app/load.h"
#include "app/schemas.h"
#include "app/settings.h"
#include "app/startup_check.h"

namespace sidestream::app {
namespace {

/// What keeps any start of these files from being one.
bool Report(const StartReport& report, const Arguments& arguments, CommandContext& context) {
  ReportFindings(report.findings, arguments, context);
  for (const auto* problems : {&report.missing, &report.problems}) {
    for (const StartProblem& problem : *problems) {
      context.err << fmt::format("sidestream: {}\n  to mend it: {}\n", problem.what, problem.mend);
    }
  }
  return report.ok();
}

}  // namespace

int Plan(const Arguments& arguments, CommandContext& context) {
  topology::LoadedTopology loaded = Load(arguments, context);
  if (!loaded.ok()) return kExitConfig;
  const auto cluster = context.connect(loaded.model.kafka);
  if (!cluster.ok()) return Failed(cluster.status(), context);
  const auto admin = (*cluster)->NewAdmin(loaded.model.application.id + "-plan");
  if (!admin.ok()) return Failed(admin.status(), context);
  const Patience patience{.total = arguments.connect_timeout};
  const CommandHints hints{.files = FileWords(arguments),
                           .bootstrap = BootstrapServers(loaded.model.kafka)};
  // To look a schema up there would register it.
  if (!loaded.model.schema_registry.auto_register) {
    std::vector<topology::Finding> findings;
    const Status resolved = ResolveFromRegistry(
        loaded, NewRegistryClient(loaded.model.schema_registry, context.waiting.clock()),
        arguments.connect_timeout, context.waiting, findings);
    ReportFindings(findings, arguments, context);
    if (!resolved.ok()) return Failed(resolved, context);
    if (topology::HasErrors(findings)) return kExitConfig;
  }
  const auto report = CheckStart(loaded, **admin, context.waiting, patience, hints);
  if (!report.ok()) return Failed(report.status(), context);
  if (!Report(*report, arguments, context)) return kExitConfig;
  auto change = FindChange(loaded, *report, **cluster, **admin, context.waiting, patience);
  if (!change.ok()) return Failed(change.status(), context);
  const Status measured =
      MeasureRestore(*report, **cluster, **admin, context.waiting, patience, *change);
  if (!measured.ok()) return Failed(measured, context);
  context.out << (arguments.format == "json" ? ChangeAsJson(*change) : ChangeAsText(*change));
  if (!change->Losses().empty() || !change->lost_topics.empty()) return kExitConfig;
  return arguments.detailed_exitcode && change->differs() ? kExitChanges : kExitOk;
}

}  // namespace sidestream::app
