// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The mark: what a worker says on a repartition topic of the time of its tasks that write it.
// Format: docs/formats/mark.md; it is the payload of EncodeMarkValue() (base/internal_record.h).
// Persistent: do not renumber.
//
// Threading: free functions.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "time/upstream_time.h"

namespace sidestream::time {

struct Mark {
  /// How many tasks write the topic, by the writer's plan.
  uint32_t upstream_tasks = 0;
  /// Those that this mark speaks of, ascending.
  std::vector<UpstreamTime> entries;
  friend bool operator==(const Mark&, const Mark&) = default;
};

/// Appends to `out`. Requires at most kUpstreamTasksMax entries, ascending.
void EncodeMark(const Mark& mark, std::string& out);

/// kStopped: not a mark of ours, or cut. Bytes behind the known fields are skipped.
Result<Mark> DecodeMark(std::string_view payload);

}  // namespace sidestream::time
