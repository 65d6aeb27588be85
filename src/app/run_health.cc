// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/run_health.h"

#include <fmt/format.h>

namespace sidestream::app {

http::HealthCheck OwnershipCheck(size_t unowned, bool too_long) {
  if (unowned == 0) return {"ownership", true, ""};
  return {"ownership", !too_long, fmt::format("no member of the group owns {} tasks", unowned)};
}

void RunHealth::StageIs(Stage stage) {
  const std::lock_guard lock(mutex_);
  stage_ = stage;
}

void RunHealth::Watch(tasks::Instance* instance) {
  const std::lock_guard lock(mutex_);
  instance_ = instance;
}

std::vector<http::HealthCheck> RunHealth::Liveness() const {
  const std::lock_guard lock(mutex_);
  std::vector<http::HealthCheck> checks;
  if (instance_ == nullptr) return checks;
  const auto check = [&](const std::string& name, MonotonicTime heartbeat) {
    const auto silent = std::chrono::duration_cast<Milliseconds>(clock_.Now() - heartbeat);
    const bool ok = silent <= hang_limit_;
    checks.push_back({name, ok, ok ? "" : fmt::format("no step for {} ms", silent.count())});
  };
  check("member", instance_->member().heartbeat());
  for (size_t i = 0; i < instance_->worker_count(); ++i) {
    check(fmt::format("worker-{}", i), instance_->worker(i).heartbeat());
  }
  return checks;
}

std::vector<http::HealthCheck> RunHealth::Readiness() const {
  const std::lock_guard lock(mutex_);
  if (stage_ == Stage::kConnecting) {
    return {{"cluster", false, "waiting for the cluster and its topics"}};
  }
  if (stage_ == Stage::kStopping || instance_ == nullptr) return {{"run", false, "stopping"}};
  const Status failure = instance_->failure();
  const tasks::GroupMember& member = instance_->member();
  return {{"run", failure.ok(), failure.message()},
          {"tasks", true,
           fmt::format("running={} held={}", member.running_tasks(), member.held_tasks())},
          OwnershipCheck(member.unowned_tasks(), member.unowned_too_long())};
}

std::vector<tasks::TaskReport> RunHealth::EventTimes() const {
  const std::lock_guard lock(mutex_);
  if (instance_ == nullptr) return {};
  return instance_->EventTimes();
}

std::vector<http::HealthCheck> RunHealth::Startup() const {
  const std::lock_guard lock(mutex_);
  if (stage_ == Stage::kConnecting) {
    return {{"cluster", false, "waiting for the cluster and its topics"}};
  }
  return {{"cluster", true, ""}};
}

}  // namespace sidestream::app
