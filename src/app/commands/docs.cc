// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// docs: explains the code of a finding, or lists all codes.

#include <fmt/format.h>

#include <string>
#include <vector>

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "expression/text.h"
#include "topology/finding_codes.h"

namespace sidestream::app {

int Docs(const Arguments& arguments, CommandContext& context) {
  if (arguments.code.empty()) {
    for (const topology::FindingRule& rule : topology::FindingRules()) {
      const bool warning = rule.severity == topology::Severity::kWarning;
      context.out << fmt::format("{}  {:<7}  {}\n", rule.code, warning ? "warning" : "error",
                                 rule.title);
    }
    return kExitOk;
  }
  if (const topology::FindingRule* rule = topology::FindFindingRule(arguments.code)) {
    context.out << topology::FindingText(*rule);
    return kExitOk;
  }
  std::vector<std::string> codes;
  for (const topology::FindingRule& rule : topology::FindingRules()) codes.emplace_back(rule.code);
  const std::string nearest = expression::NearestName(arguments.code, codes);
  context.err << fmt::format("sidestream: there is no finding {}{}\n", arguments.code,
                             nearest.empty() ? "; `sidestream docs` lists all"
                                             : fmt::format("; did you mean {}?", nearest));
  return kExitUsage;
}

}  // namespace sidestream::app
