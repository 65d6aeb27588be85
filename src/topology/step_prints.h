// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// StepPrint: the fingerprint of a step as the file has it, so that two versions of a topology can be
// compared step by step. Says nothing of state: that is base/store_layout.h.
//
// Persistent: recorded on the control topic.
//
// Threading: free function.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "topology/yaml_node.h"

namespace sidestream::topology {

struct StepPrint {
  /// "<pipeline>.<step>" as Node::name has it; "stream orders", "pipeline main" for what is around
  /// the steps.
  std::string name;
  uint64_t fingerprint = 0;
};

/// Of all streams, pipelines and steps below `root`, a checked topology, in the file's order. Blanks,
/// comments and needless parentheses do not count.
std::vector<StepPrint> StepPrints(const YamlNode& root);

}  // namespace sidestream::topology
