// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A cluster whose clients report to the metrics registry: what was consumed and produced, how
// far behind each input is, how long commits take, what was aborted and rebuilt.
//
// Place in the flow: app puts it around the real cluster; the engine does not know.
//
// Threading: as kafka/cluster.h; each client reports from the thread that it is confined to.

#pragma once

#include <memory>

#include "base/clock.h"
#include "kafka/cluster.h"
#include "metrics/registry.h"

namespace sidestream::app {

/// All are borrowed; they outlive the result and its clients.
std::unique_ptr<kafka::Cluster> NewMeteredCluster(kafka::Cluster& cluster,
                                                  metrics::Registry& registry, const Clock& clock);

}  // namespace sidestream::app
