// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// How long behind the last record results may come that wait for event time alone: so long somebody
// has to wait for a task that has fallen silent.
//
// Threading: free function without state.

#pragma once

#include <cstdint>

#include "topology/plan.h"

namespace sidestream::operators {

/// In milliseconds of event time behind the last record's; 0: no step holds results back. Windows
/// and `keep: last` count, each behind the others; what timers of a script do nobody knows.
int64_t ResultReach(const topology::SubTopology& part);

}  // namespace sidestream::operators
