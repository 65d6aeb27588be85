// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What must hold of tests/faults/windows.yaml once it is at rest: ids counted by group and second,
// behind a hop. Which second an id belongs to is read from the input.
//
// Threading: confined to one thread.

#pragma once

#include <string>
#include <vector>

#include "tests/integration/cluster_view.h"

namespace sidestream::integration {

/// Every window that time has passed came out, once and with all of its ids. Not `exactly`: at
/// least once, and with at least as many. Returns each place where that does not hold; `windows` is
/// how many were looked at.
std::vector<std::string> CheckWindows(ClusterView& view, const std::string& application,
                                      bool exactly, uint64_t* windows);

}  // namespace sidestream::integration
