// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What the group committed, from its first commit to its last, as the broker's own log of offsets
// tells it: whether any partition ever had two owners.
//
// Threading: confined to one thread.

#pragma once

#include <string>
#include <vector>

#include "tests/integration/cluster_view.h"

namespace sidestream::integration {

/// Under exactly-once the committed offset of a partition never goes back and the sequence of its
/// stamps only rises: an owner that was not fenced would repeat one of them. Returns each place
/// where that does not hold; `commits` is how many were looked at. Requires that no transaction is
/// open and that the log of offsets was not compacted yet.
std::vector<std::string> CheckCommits(ClusterView& view, const std::string& application,
                                      uint64_t* commits);

}  // namespace sidestream::integration
