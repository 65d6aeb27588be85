// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Hand-built operators for the simulation: no topology, no expression, no formats. A record's
// value is its id as decimal text.

#pragma once

#include <memory>

#include "base/clock.h"
#include "operators/processor_context.h"

namespace sidestream::simulation {

inline constexpr int64_t kKeys = 7;

/// The key that an id is counted under.
std::string KeyOfId(int64_t id);

/// Output 0: the repartition topic, keyed by KeyOfId(). Output 1: the record as it came.
std::shared_ptr<operators::TaskProgramFactory> RekeyAndCopy();

/// Counts per key in store 0; at commit writes each changed count to output 0. `commits_too`: every
/// commit is counted in a row of its own.
std::shared_ptr<operators::TaskProgramFactory> CountPerKey(bool commits_too = false);

/// Counts records per tumbling window. Output 0: a window's count, once, when the watermark reaches
/// its last millisecond; the key is "<partition>/<start in ms>". Output 1: a late record as it came.
std::shared_ptr<operators::TaskProgramFactory> CountPerWindow(Milliseconds size);

/// Output 0: the record as it came, whichever input it came from. `totals`: store 0 counts them per
/// KeyOfId().
std::shared_ptr<operators::TaskProgramFactory> Merge(bool totals = false);

}  // namespace sidestream::simulation
