// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Which class runs an aggregate with a window. Internal to operators.
//
// Threading: free functions.

#pragma once

#include <memory>

#include "base/status.h"
#include "operators/stateful_step.h"
#include "topology/plan.h"

namespace sidestream::operators {

/// `node`, which has a window, and `results`, the segment of its results, are borrowed. Fails with
/// kInvalidConfig.
Result<std::unique_ptr<StatefulStep>> NewWindowedAggregate(const topology::AggregateNode& node,
                                                           const topology::Segment& results);

}  // namespace sidestream::operators
