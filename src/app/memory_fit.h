// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Whether all buffers of an instance fit into what the process may use, and with which bound on
// fetched records they do.
//
// Place in the flow: asked by `run` when the partition counts are known, before there is a client
// that reads. What is written in the topology is kept; a bound that nobody wrote gives way.
//
// Threading: a pure function.

#pragma once

#include <cstdint>
#include <vector>

#include "app/memory_estimate.h"
#include "app/settings.h"
#include "base/status.h"
#include "topology/explain/explanation.h"
#include "topology/model.h"
#include "topology/plan.h"

namespace sidestream::app {

struct MemoryFit {
  std::vector<topology::explain::MemoryPart> parts;
  MemoryBounds bounds;
  /// What is fetched has lower bounds than usual, which are to be given to the clients.
  bool lowered = false;
  /// kInvalidConfig, with every part: it cannot fit.
  Status status;
};

/// `usable`: what the process may use (base/cgroup.h).
MemoryFit FitMemory(const topology::Model& model, const topology::Plan& plan,
                    const Settings& settings, int64_t usable);

/// Gives the clients that are made from `model` the bound of `fit`.
void ApplyFit(const MemoryFit& fit, topology::KafkaModel& model);

}  // namespace sidestream::app
