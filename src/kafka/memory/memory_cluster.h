// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The port Cluster on an in-process broker.

#pragma once

#include <memory>

#include "kafka/cluster.h"
#include "kafka/memory/memory_broker.h"

namespace sidestream::kafka::memory {

/// `broker` is borrowed and outlives the cluster and its clients. Clients never block: their
/// polls ignore the wait that they are given.
std::unique_ptr<Cluster> NewMemoryCluster(Broker& broker);

}  // namespace sidestream::kafka::memory
