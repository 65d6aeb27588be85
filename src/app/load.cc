// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/load.h"

#include <fmt/format.h>

#include "base/log.h"
#include "operators/checked_plan.h"

namespace sidestream::app {

topology::LoadedTopology Load(const Arguments& arguments, CommandContext& context) {
  topology::LoadedTopology loaded = topology::LoadTopology(arguments.files, context.surroundings);
  ReportFindings(loaded.findings, arguments, context);
  return loaded;
}

topology::PlanResult PlanOf(const topology::LoadedTopology& loaded) {
  return operators::BuildCheckedPlan(loaded.model, loaded.files,
                                     topology::DeclaredPartitionCounts(loaded.model, 1));
}

void ReportFindings(const std::vector<topology::Finding>& findings, const Arguments& arguments,
                    CommandContext& context) {
  if (arguments.log_format == log::Format::kText) {
    context.err << topology::Render(findings, context.color_err);
    return;
  }
  for (const topology::Finding& finding : findings) {
    const std::string place = finding.file.empty() ? ""
                                                   : fmt::format("{}:{}:{}: ", finding.file,
                                                                 finding.line, finding.column);
    const std::string hint = finding.suggestion.empty() ? "" : "; " + finding.suggestion;
    if (finding.severity == topology::Severity::kError) {
      log::Error("topology", "{}{}: {}{}", place, finding.code, finding.message, hint);
    } else {
      log::Warning("topology", "{}{}: {}{}", place, finding.code, finding.message, hint);
    }
  }
}

std::string FileWords(const Arguments& arguments) {
  std::string words;
  for (const std::string& file : arguments.files) words += " -f " + ShellWord(file);
  return words;
}

std::string ShellWord(const std::string& word) {
  constexpr const char* kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./,:=@%+";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

}  // namespace sidestream::app
