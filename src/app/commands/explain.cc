// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// explain: what the application is made of.

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "app/load.h"
#include "app/memory_estimate.h"
#include "app/settings.h"
#include "topology/build_plan.h"
#include "topology/explain/explanation.h"

namespace sidestream::app {

int Explain(const Arguments& arguments, CommandContext& context) {
  if (arguments.live) return ExplainLive(arguments, context);
  const topology::LoadedTopology loaded = Load(arguments, context);
  if (!loaded.ok()) return kExitConfig;
  const topology::PlanResult result = PlanOf(loaded);
  ReportFindings(result.findings, arguments, context);
  if (result.plan == nullptr) return kExitConfig;
  topology::explain::Explanation explanation = topology::explain::Explain(loaded, *result.plan);
  const Settings settings = MakeSettings(loaded.model);
  explanation.memory = EstimateMemory(loaded.model, *result.plan, settings,
                                      UsualBounds(loaded.model, *result.plan, settings));
  context.out << (arguments.format == "json"
                      ? topology::explain::ToJson(explanation)
                      : topology::explain::ToText(explanation, context.color_out));
  return kExitOk;
}

}  // namespace sidestream::app
