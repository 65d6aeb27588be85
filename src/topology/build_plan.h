// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// From the model to the plan: the logical graph, cut at repartition topics into
// sub-topologies, with every topic and store named and every expression compiled.
//
// Place in the flow: app and harness call it once at start, when partition counts are known.
//
// Threading: free functions without state. The same model and counts give the same plan.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "topology/finding.h"
#include "topology/model.h"
#include "topology/plan.h"
#include "topology/script_check.h"

namespace sidestream::topology {

/// Partition counts of the topics that exist, by name; topics of the user and our own.
using PartitionCounts = std::map<std::string, int32_t>;

/// Upstream tasks that a commit stamp can hold (architecture 7).
inline constexpr int32_t kUpstreamTasksMax = 220;

struct PlanResult {
  /// Null when a finding is an error.
  std::shared_ptr<const Plan> plan;
  std::vector<Finding> findings;
};

/// Requires a model that was loaded without errors, and its files. A topic of the user that
/// `counts` lacks is a finding; an internal one is new, and one with another count than an
/// explicit `partitions:` asks for is a finding.
/// `scripts`, when there, finds what keeps a script from loading.
PlanResult BuildPlan(const Model& model, const SourceFiles& files, const PartitionCounts& counts,
                     const ScriptChecker* scripts = nullptr);

/// Counts as the file declares them (`partitions:`), `fallback` where it does not: for
/// `validate`, the embedded broker and tests.
PartitionCounts DeclaredPartitionCounts(const Model& model, int32_t fallback);

/// Where dead letters go, if there are any.
std::string DeadLetterTopicOf(const Model& model);

/// Topics of the user that some pipeline reads or writes, in the file's order.
std::vector<std::string> UserTopicNames(const Model& model);

}  // namespace sidestream::topology
