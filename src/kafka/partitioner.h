// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Where a key lies: murmur2 of the key bytes, as the Java client places it. The only
// place that knows; sinks, query and tests use it.

#pragma once

#include <cstdint>
#include <string_view>

#include "base/ids.h"

namespace sidestream::kafka {

/// Kafka's murmur2 (seed 0x9747b28c) over the bytes.
uint32_t Murmur2(std::string_view bytes);

/// Partition of a key among `partitions` >= 1: murmur2 without its sign bit, modulo.
Partition PartitionOf(std::string_view key, int32_t partitions);

}  // namespace sidestream::kafka
