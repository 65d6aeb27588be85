// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What the probes ask of the process. Implemented by app over the views of tasks.
//
// Liveness must not depend on Kafka nor on being assigned: it fails only when a thread hangs
// or has died, so that nobody restarts a process that restores or waits for its broker.
//
// Threading: any thread may ask; an answer must not block.

#pragma once

#include <string>
#include <vector>

namespace sidestream::http {

/// One thing that was looked at.
struct HealthCheck {
  std::string name;
  bool ok = false;
  /// Why not, or what it looks like; for people.
  std::string reason;
};

class HealthView {
 public:
  virtual ~HealthView() = default;
  /// Restarting the process would help: any check that fails.
  virtual std::vector<HealthCheck> Liveness() const = 0;
  /// The process does its work: joined the group, or tries to.
  virtual std::vector<HealthCheck> Readiness() const = 0;
  /// The start is over: configuration loaded, cluster checked.
  virtual std::vector<HealthCheck> Startup() const = 0;
};

}  // namespace sidestream::http
