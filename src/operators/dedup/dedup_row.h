// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The rows of a `dedup` step: when records of an id were let through, and what `keep: last` holds
// back. Internal to operators.
//
// Persistent: docs/formats/dedup-rows.md.
//
// Threading: free functions.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "topology/plan.h"

namespace sidestream::operators {

/// What the rows of a dedup step's store begin with. Persistent: do not renumber.
enum class DedupRow : uint8_t {
  kPassed = 1,
  kPassedEnd = 2,
  kHeld = 3,
  kHeldDue = 4,
  kHeldCounter = 5,
};

/// How long the time of a record that passed is needed.
inline int64_t PassedKeptMs(const topology::DedupNode& node) {
  return node.wall_clock ? node.ttl_ms : 2 * node.ttl_ms;
}

/// Appends the times, which are sorted and not empty.
void EncodePassed(const std::vector<Timestamp>& times, std::string& out);

/// Overwrites `times`. Fails with kTaskCorrupted when the bytes are no such row, with
/// kInvalidConfig when a newer release wrote them.
Status DecodePassed(std::string_view bytes, std::vector<Timestamp>& times);

}  // namespace sidestream::operators
