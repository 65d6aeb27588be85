// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// validate: everything that can be said about topologies before they run; with --connect also
// what the cluster says.

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "app/commands/commands.h"
#include "app/connected_check.h"
#include "app/exit_code.h"
#include "app/finding_report.h"
#include "app/load.h"
#include "app/schemas.h"
#include "app/settings.h"
#include "app/topology_sources.h"
#include "topology/build_plan.h"

namespace sidestream::app {
namespace {

using topology::Finding;
using topology::Findings;
using topology::LoadedTopology;

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

/// What became of all applications of one call.
struct Outcome {
  std::vector<Finding> findings;
  /// A line for each valid application.
  std::string summaries;
  /// A cluster did not answer: nothing is known of it.
  bool unreachable = false;

  void Take(std::vector<Finding> more) {
    findings.insert(findings.end(), std::make_move_iterator(more.begin()),
                    std::make_move_iterator(more.end()));
  }
  bool Has(topology::Severity severity) const {
    return std::any_of(findings.begin(), findings.end(),
                       [&](const Finding& finding) { return finding.severity == severity; });
  }
};

/// The plan for the declared partition counts, or for those of the cluster.
std::shared_ptr<const topology::Plan> CheckPlan(const LoadedTopology& loaded,
                                                kafka::Cluster* cluster, const Arguments& arguments,
                                                CommandContext& context, Outcome& outcome) {
  if (cluster != nullptr && arguments.connect) {
    ConnectedCheck check = CheckConnected(loaded, *cluster, context.waiting,
                                          arguments.connect_timeout, FileWords(arguments));
    outcome.Take(std::move(check.findings));
    outcome.unreachable = outcome.unreachable || check.unreachable;
    return check.plan;
  }
  topology::PlanResult result = PlanOf(loaded);
  outcome.Take(std::move(result.findings));
  return result.plan;
}

void Check(LoadedTopology loaded, const Arguments& arguments, CommandContext& context,
           Outcome& outcome) {
  const bool loads = loaded.ok();
  outcome.Take(std::move(loaded.findings));
  if (!loads) return;
  Findings findings(loaded.files);
  std::unique_ptr<kafka::Cluster> cluster;
  // A file without `kafka:` is the team's part, or meant for --embedded: nothing to check then.
  if (!BootstrapServers(loaded.model.kafka).empty()) {
    auto connected = context.connect(loaded.model.kafka);
    if (connected.ok()) {
      cluster = std::move(*connected);
    } else {
      findings.Error("SS5004", topology::Position{}, connected.status().message());
    }
  } else if (arguments.connect) {
    findings.Error("SS5006", topology::Position{},
                   fmt::format("{} names no cluster to connect to", loaded.model.application.id),
                   "set kafka: { bootstrap.servers: ... }, also in a file of its own with -f");
  }
  // To look a schema up there would register it.
  if (arguments.connect && !loaded.model.schema_registry.auto_register) {
    std::vector<Finding> found;
    const Status resolved = ResolveFromRegistry(
        loaded, NewRegistryClient(loaded.model.schema_registry, context.waiting.clock()),
        arguments.connect_timeout, context.waiting, found);
    outcome.Take(std::move(found));
    if (!resolved.ok()) findings.Error("SS5009", topology::Position{}, resolved.message());
  }
  const auto plan = CheckPlan(loaded, cluster.get(), arguments, context, outcome);
  const bool refused = findings.has_errors();
  outcome.Take(findings.Take());
  if (plan != nullptr && !refused) outcome.summaries += Summary(loaded.model, *plan);
}

void Print(const Outcome& outcome, const Arguments& arguments, CommandContext& context) {
  switch (arguments.report_format) {
    case ReportFormat::kText:
      ReportFindings(outcome.findings, arguments, context);
      context.out << outcome.summaries;
      break;
    case ReportFormat::kJson:
      context.out << FindingsAsJson(outcome.findings);
      break;
    case ReportFormat::kSarif:
      context.out << FindingsAsSarif(outcome.findings, ProgramVersion());
      break;
    case ReportFormat::kGithub:
      context.out << FindingsAsGithub(outcome.findings);
      break;
  }
}

}  // namespace

int Validate(const Arguments& arguments, CommandContext& context) {
  if (arguments.files.empty() && arguments.paths.empty()) {
    context.err << "sidestream: validate needs -f FILE, or paths to check one by one\n";
    return kExitUsage;
  }
  Outcome outcome;
  if (!arguments.files.empty()) {
    Check(topology::LoadTopology(arguments.files, context.surroundings), arguments, context,
          outcome);
  }
  for (const std::string& path : arguments.paths) {
    auto texts = TopologiesAt(path, context.surroundings, context.list_files);
    if (!texts.ok() || texts->empty()) {
      const topology::SourceFiles no_files;
      Findings findings(no_files);
      findings.Error(
          "SS1011", topology::Position{},
          texts.ok() ? fmt::format("there is no topology in {}", path) : texts.status().message(),
          texts.ok() ? "a topology has a line that says version: 1" : "");
      outcome.Take(findings.Take());
      continue;
    }
    for (topology::NamedText& text : *texts) {
      std::vector<topology::NamedText> one;
      one.push_back(std::move(text));
      Check(topology::LoadTopologyTexts(std::move(one), context.surroundings), arguments, context,
            outcome);
    }
  }
  Print(outcome, arguments, context);
  if (outcome.unreachable) return kExitFailed;
  if (outcome.Has(topology::Severity::kError)) return kExitConfig;
  const bool denied = arguments.deny_warnings && outcome.Has(topology::Severity::kWarning);
  return denied ? kExitFailed : kExitOk;
}

}  // namespace sidestream::app
