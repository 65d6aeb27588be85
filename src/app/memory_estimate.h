// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The buffers of an instance that grow with the load, each with the bound that it keeps.
//
// Threading: a pure function, save that a default may come from the cgroup's limit.

#pragma once

#include <cstdint>
#include <vector>

#include "app/settings.h"
#include "topology/explain/explanation.h"
#include "topology/model.h"
#include "topology/plan.h"

namespace sidestream::app {

/// Of buffers that have no field of their own in the topology.
struct MemoryBounds {
  /// Of a queue of fetched records: of a worker, of a reader of changelogs, and of a task's input
  /// that waits for the task's other inputs.
  int64_t fetch_bytes = 0;
  /// What the broker answers at once for one partition, as it lies in the log.
  int64_t answer_bytes = 0;
  /// Restores side by side.
  int64_t restore_lanes = 1;
  /// What they collect together on the way into the stores; 0: there are no stores.
  int64_t restore_bytes = 0;
};

/// Those that hold while memory is plenty.
MemoryBounds UsualBounds(const topology::Model& model, const topology::Plan& plan,
                         const Settings& settings);

/// Properties of Kafka's clients that set fetch_bytes and answer_bytes.
inline constexpr const char* kFetchProperty = "queued.max.messages.kbytes";
inline constexpr const char* kAnswerProperty = "fetch.message.max.bytes";

/// What all buffers together hold of fetched records: it shrinks as both bounds do.
int64_t FetchedBytes(const topology::Plan& plan, const Settings& settings,
                     const MemoryBounds& bounds);

/// For an instance that runs alone and owns every task: the most that one can need.
std::vector<topology::explain::MemoryPart> EstimateMemory(const topology::Model& model,
                                                          const topology::Plan& plan,
                                                          const Settings& settings,
                                                          const MemoryBounds& bounds);

}  // namespace sidestream::app
