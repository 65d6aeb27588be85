// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What can be said about an application before it runs: its settings and where each comes from,
// what it reads of its inputs, its expressions with their types, its stores, topics and the rights
// that it needs.
//
// Place in the flow: `sidestream explain` makes one, adds what only app knows (memory), and prints
// it as text or JSON.
//
// Threading: values and pure functions.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "topology/explain/access.h"
#include "topology/explain/effective_settings.h"
#include "topology/explain/expressions.h"
#include "topology/loader.h"
#include "topology/plan.h"

namespace sidestream::topology::explain {

/// What a sub-topology reads, and what of it the expressions look at.
struct InputUse {
  std::string alias;
  std::string topic;
  int32_t partitions = 0;
  int32_t sub_topology = 0;
  std::string key;
  std::string value;
  std::vector<std::string> slots;  // "value.user.id"
};

struct StoreUse {
  std::string name;
  int32_t sub_topology = 0;
  std::string key;
  std::string value;
  std::string changelog;
  int32_t partitions = 0;
};

/// A buffer and its largest size.
struct MemoryPart {
  std::string what;
  int64_t bytes = 0;
  std::string how;
};

struct Explanation {
  std::string application;
  std::vector<Setting> settings;
  std::vector<InputUse> inputs;
  std::vector<ExplainedExpression> expressions;
  std::vector<StoreUse> stores;
  std::vector<InternalTopic> topics;
  std::vector<AccessNeed> access;
  std::vector<MemoryPart> memory;
};

/// All but `memory`. Requires a plan of the loaded files.
Explanation Explain(const LoadedTopology& loaded, const Plan& plan);

/// `color`: with the escapes of a terminal.
std::string ToText(const Explanation& explanation, bool color = false);
std::string ToJson(const Explanation& explanation);

}  // namespace sidestream::topology::explain
