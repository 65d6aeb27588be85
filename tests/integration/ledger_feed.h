// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Writes the ledger's ids in order, each once, at a steady rate, so that instances are killed while
// there is work.
//
// Threading: confined to one thread.

#pragma once

#include <cstdint>
#include <string>

#include "tests/integration/cluster_view.h"

namespace sidestream::integration {

/// Feeds ids 0 to `records` - 1, `per_second` of them (0: as fast as it goes). Returns when all are
/// on the cluster; a record that is refused ends the process.
void FeedLedger(ClusterView& view, const std::string& application, uint64_t records,
                uint64_t per_second);

}  // namespace sidestream::integration
