// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What a set of files brings, in one line per finding: "a.yaml:8:9 error SS2001 | hint".

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "operators/checked_plan.h"
#include "tests/unit/topology/fake_surroundings.h"
#include "topology/build_plan.h"
#include "topology/loader.h"

namespace sidestream::topology {

/// Everything that `validate` finds without a cluster. Topics have three partitions where the
/// files do not say it.
inline std::vector<Finding> FindingsOf(std::vector<NamedText> texts) {
  FakeSurroundings surroundings;
  surroundings.variables["BROKERS"] = "kafka:9092";
  const LoadedTopology loaded = LoadTopologyTexts(std::move(texts), surroundings);
  if (!loaded.ok()) return loaded.findings;
  std::vector<Finding> findings = loaded.findings;
  PlanResult result = operators::BuildCheckedPlan(loaded.model, loaded.files,
                                                  DeclaredPartitionCounts(loaded.model, 3));
  findings.insert(findings.end(), result.findings.begin(), result.findings.end());
  return findings;
}

inline std::string FindingLines(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    const std::string place = finding.file.empty()
                                  ? "-"
                                  : finding.file + ":" + std::to_string(finding.line) + ":" +
                                        std::to_string(finding.column);
    text += place + (finding.severity == Severity::kError ? " error " : " warning ") + finding.code;
    text += finding.suggestion.empty() ? "\n" : " | " + finding.suggestion + "\n";
  }
  return text;
}

}  // namespace sidestream::topology
