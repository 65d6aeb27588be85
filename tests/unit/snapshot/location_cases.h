// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// One suite for all locations, linked once with each: the directory (unit) and a real S3 server
// (tests/integration).

#pragma once

#include <memory>

#include "snapshot/location.h"

namespace sidestream::snapshot {

/// An empty location. Each program that links the suite has one. Null: it cannot be made here, and
/// the suite says so and skips.
std::unique_ptr<Location> NewEmptyLocation();

}  // namespace sidestream::snapshot
