// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The topics that a sub-topology writes, numbered as OutputRecord::output counts them.
//
// Place in the flow: whoever makes tasks maps this list to what it produces with; PlanProgram
// uses the same list.
//
// Threading: free functions.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "topology/plan.h"

namespace sidestream::operators {

struct Output {
  std::string topic;
  int32_t partitions = 0;
  /// A repartition topic of our own: its records are internal ones.
  bool repartition = false;
  friend bool operator==(const Output&, const Output&) = default;
};

/// Sinks and repartitions in the order of their nodes, each topic once; then the dead letters.
std::vector<Output> OutputsOf(const topology::SubTopology& sub_topology);

/// Index of `topic` in OutputsOf(). Requires that it is there.
size_t OutputIndex(const std::vector<Output>& outputs, std::string_view topic);

}  // namespace sidestream::operators
