// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "rollout.h"

#include <algorithm>
#include <set>

#include "base/check.h"

namespace sidestream::simulation {

bool VersionPath::keeps_totals() const {
  const auto has = [](const std::vector<std::string>& topics, const std::string& topic) {
    return std::ranges::count(topics, topic) > 0;
  };
  return !versions.empty() && std::ranges::all_of(versions, [&](const Version& version) {
    const std::vector<std::string>& last = versions.back().merged.front();
    return version.totals && std::ranges::all_of(version.AllMerged(), [&](const auto& topic) {
             return has(version.merged.front(), topic) == has(last, topic);
           });
  });
}

std::string Describe(const VersionPath& path) {
  std::string text;
  for (const Version& version : path.versions) {
    text += (text.empty() ? "" : " -> ") + Describe(version);
  }
  return text + (path.side_by_side ? "" : " (not side by side)");
}

Rollout::Rollout(SimulatedCluster& cluster, const VersionPath& path)
    : cluster_(cluster), path_(path), version_of_(cluster.size(), 0) {}

bool Rollout::Begin() {
  if (path_.versions.empty()) {
    StartMissing();
    return true;
  }
  cluster_.AimAt(path_.versions.front());
  StartMissing();
  const bool rests = cluster_.RunUntilCaughtUp(std::chrono::seconds(60));
  cluster_.AimAt(path_.versions.back());
  return rests;
}

void Rollout::Start(size_t index) {
  if (path_.versions.empty()) return cluster_.StartInstance(index);
  size_t version = current_;
  if (!finishing_ && current_ > 0 && cluster_.random().OneIn(2)) --version;
  if (!path_.side_by_side && OthersRun(version)) return;
  const Status started = cluster_.StartVersion(index, path_.versions[version]);
  if (started.ok()) {
    version_of_[index] = version;
    return;
  }
  CHECK(started.code() == StatusCode::kInvalidConfig) << started;
  if (path_.side_by_side) refusal_ = started.ToString();
}

void Rollout::StartMissing() {
  for (size_t i = 0; i < cluster_.size(); ++i) {
    if (cluster_.instance(i) == nullptr) Start(i);
  }
}

bool Rollout::OthersRun(size_t version) const {
  for (size_t i = 0; i < cluster_.size(); ++i) {
    if (cluster_.instance(i) != nullptr && version_of_[i] != version) return true;
  }
  return false;
}

bool Rollout::RunUntil(Milliseconds limit, const std::function<bool()>& rests) {
  const MonotonicTime deadline = cluster_.clock().Now() + limit;
  while (cluster_.clock().Now() < deadline && !cluster_.failure()) {
    StartMissing();
    for (int i = 0; i < 10; ++i) cluster_.Tick();
    if (rests()) return true;
  }
  return false;
}

void Rollout::Next() {
  CHECK(left() > 0);
  ++current_;
  if (path_.side_by_side) return;
  for (size_t i = 0; i < cluster_.size(); ++i) cluster_.StopInstance(i);
}

void Rollout::Finish() {
  if (path_.versions.empty()) return;
  current_ = path_.versions.size() - 1;
  finishing_ = true;
  for (size_t i = 0; i < cluster_.size(); ++i) {
    if (version_of_[i] != current_) cluster_.StopInstance(i);
  }
}

std::vector<std::string> Rollout::Topics() const {
  if (path_.versions.empty()) return {"orders", "orders", "left", "right"};
  const std::set<std::string> topics = path_.versions[current_].Topics();
  return {topics.begin(), topics.end()};
}

}  // namespace sidestream::simulation
