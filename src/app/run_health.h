// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What the probes say of a run: alive while its parts make steps, ready while it works or tries to,
// started once the cluster was checked. And where event time stands in it.
//
// Readiness does not follow the restore of state: a sidecar's readiness counts for the whole
// pod, so a long restore would take the application beside it out of its service.
//
// Threading: any thread.

#pragma once

#include <mutex>
#include <vector>

#include "base/clock.h"
#include "http/health_view.h"
#include "tasks/instance.h"

namespace sidestream::app {

/// A task that nobody owns makes every member unready, but not while a rebalance hands it over:
/// one that takes two rounds would take the whole group out of its service.
http::HealthCheck OwnershipCheck(size_t unowned, bool too_long);

class RunHealth final : public http::HealthView, public tasks::EventTimeView {
 public:
  enum class Stage { kConnecting, kRunning, kStopping };

  /// `clock` is borrowed. A part without a step for `hang_limit` counts as hanging.
  RunHealth(const Clock& clock, Milliseconds hang_limit) : clock_(clock), hang_limit_(hang_limit) {}

  void StageIs(Stage stage);
  /// `instance` is observed; null: there is none (any more).
  void Watch(tasks::Instance* instance);

  std::vector<http::HealthCheck> Liveness() const override;
  std::vector<http::HealthCheck> Readiness() const override;
  std::vector<http::HealthCheck> Startup() const override;
  std::vector<tasks::TaskReport> EventTimes() const override;

 private:
  const Clock& clock_;
  const Milliseconds hang_limit_;
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  Stage stage_ = Stage::kConnecting;
  tasks::Instance* instance_ = nullptr;
};

}  // namespace sidestream::app
