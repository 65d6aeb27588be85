// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// validate: everything that can be said about the files without a cluster.

#include <fmt/format.h>

#include <algorithm>

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "app/load.h"
#include "app/settings.h"
#include "topology/build_plan.h"

namespace sidestream::app {
namespace {

bool HasWarnings(const std::vector<topology::Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(), [](const topology::Finding& finding) {
    return finding.severity == topology::Severity::kWarning;
  });
}

std::string Counted(size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string Summary(const topology::Model& model, const topology::Plan& plan) {
  size_t stores = 0;
  for (const topology::SubTopology& part : plan.sub_topologies) stores += part.stores.size();
  return fmt::format("{} is valid: {}, {}, {}, {}\n", model.application.id,
                     Counted(model.pipelines.size(), "pipeline", "pipelines"),
                     Counted(stores, "store", "stores"),
                     Counted(plan.internal_topics.size(), "internal topic", "internal topics"),
                     Counted(model.tests.size(), "test", "tests"));
}

}  // namespace

int Validate(const Arguments& arguments, CommandContext& context) {
  const topology::LoadedTopology loaded = Load(arguments, context);
  if (!loaded.ok()) return kExitConfig;
  const topology::PlanResult result = topology::BuildPlan(
      loaded.model, loaded.files, topology::DeclaredPartitionCounts(loaded.model, 1));
  ReportFindings(result.findings, arguments, context);
  bool failed = result.plan == nullptr;
  // A file without `kafka:` is the team's part, or meant for --embedded: nothing to check then.
  if (!BootstrapServers(loaded.model.kafka).empty()) {
    const auto cluster = context.connect(loaded.model.kafka);
    if (!cluster.ok()) {
      context.err << "sidestream: " << cluster.status().message() << "\n";
      failed = true;
    }
  }
  if (failed) return kExitConfig;
  context.out << Summary(loaded.model, *result.plan);
  const bool warned = HasWarnings(loaded.findings) || HasWarnings(result.findings);
  return warned && arguments.deny_warnings ? kExitFailed : kExitOk;
}

}  // namespace sidestream::app
