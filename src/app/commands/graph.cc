// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// graph: a picture of the plan.

#include "topology/graph/graph.h"

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "app/load.h"
#include "topology/build_plan.h"
#include "topology/graph/formats.h"

namespace sidestream::app {
namespace {

std::string Written(const topology::graph::Graph& graph, const std::string& format) {
  if (format == "dot") return topology::graph::ToDot(graph);
  if (format == "mermaid") return topology::graph::ToMermaid(graph);
  const topology::graph::Layout layout = topology::graph::MakeLayout(graph);
  if (format == "svg") return topology::graph::ToSvg(graph, layout);
  if (format == "json") return topology::graph::ToJson(graph, layout);
  return topology::graph::ToAscii(graph, layout);
}

}  // namespace

int Graph(const Arguments& arguments, CommandContext& context) {
  const topology::LoadedTopology loaded = Load(arguments, context);
  if (!loaded.ok()) return kExitConfig;
  const topology::PlanResult result = PlanOf(loaded);
  ReportFindings(result.findings, arguments, context);
  if (result.plan == nullptr) return kExitConfig;
  context.out << Written(topology::graph::MakeGraph(*result.plan), arguments.format);
  return kExitOk;
}

}  // namespace sidestream::app
