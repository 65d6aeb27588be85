// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What the metrics say of checkpoints: what the control topic says, what this instance decided
// while it led, and for how long its tasks paused.
//
// Threading: confined to one thread.

#pragma once

#include "metrics/registry.h"
#include "metrics/scopes.h"
#include "tasks/instance.h"

namespace sidestream::app {

class CheckpointReport {
 public:
  explicit CheckpointReport(metrics::Registry& registry) : metrics_(registry) {}

  /// Looks at the instance as it is now.
  void Look(tasks::Instance& instance);

 private:
  metrics::CheckpointMetrics metrics_;
};

}  // namespace sidestream::app
