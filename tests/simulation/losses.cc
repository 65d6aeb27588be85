// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "losses.h"

#include <algorithm>
#include <string>
#include <vector>

namespace sidestream::simulation {
namespace {

/// Copies are begun when everybody was heard, and each needs a moment.
constexpr Milliseconds kCopiesMax{40'000};

/// Copies that all instances together keep, once everybody has heard of everybody.
size_t CopiesWanted(SimulatedCluster& cluster) {
  const tasks::ApplicationSpec& application = cluster.application();
  const size_t each =
      std::min(static_cast<size_t>(application.standby_replicas), cluster.size() - 1);
  size_t wanted = 0;
  for (const tasks::SubTopologySpec& spec : application.sub_topologies) {
    if (!spec.stores.empty()) wanted += each * static_cast<size_t>(spec.task_count());
  }
  return wanted;
}

size_t CopiesKept(SimulatedCluster& cluster) {
  size_t kept = 0;
  for (size_t i = 0; i < cluster.size(); ++i) {
    if (cluster.instance(i) == nullptr) continue;
    kept += static_cast<size_t>(cluster.instance(i)->standbys()->counters().standbys.load());
  }
  return kept;
}

void FeedSome(SimulatedCluster& cluster, const std::vector<std::string>& topics, int64_t records) {
  for (int64_t i = 0; i < records; ++i) {
    cluster.Feed(topics[static_cast<size_t>(
        cluster.random().Below(static_cast<int64_t>(topics.size())))]);
  }
}

}  // namespace

void LoseDisks(SimulatedCluster& cluster, LostDisks which) {
  for (size_t i = 0; i < cluster.size(); ++i) {
    if (which == LostDisks::kSome && cluster.random().OneIn(2)) continue;
    cluster.KillInstance(i);
    cluster.WipeDisk(i);
  }
}

bool CopiesTakeOver(SimulatedCluster& cluster, Rollout& rollout) {
  const size_t wanted = CopiesWanted(cluster);
  if (!rollout.RunUntil(kCopiesMax, [&] { return CopiesKept(cluster) >= wanted; })) return false;
  const auto victim =
      static_cast<size_t>(cluster.random().Below(static_cast<int64_t>(cluster.size())));
  cluster.KillInstance(victim);
  cluster.WipeDisk(victim);
  const MonotonicTime taken_over = cluster.clock().Now() + kTakeOver;
  while (cluster.clock().Now() < taken_over && !cluster.failure()) cluster.Tick();
  return true;
}

void LoseDisksBehindACheckpoint(SimulatedCluster& cluster, Rollout& rollout, bool unreliable) {
  Random& random = cluster.random();
  const std::vector<std::string> topics = rollout.Topics();
  FeedSome(cluster, topics, 30);
  // Whoever asks for one more says what is wrong.
  if (!ACheckpointCompletes(cluster, rollout)) return;
  FeedSome(cluster, topics, random.Below(20));
  for (int64_t ticks = random.Below(50); ticks > 0; --ticks) cluster.Tick();
  LoseDisks(cluster, random.OneIn(2) ? LostDisks::kAll : LostDisks::kSome);
  const MonotonicTime back = cluster.clock().Now() + kTakeOver;
  while (cluster.clock().Now() < back && !cluster.failure()) {
    if (unreliable && random.OneIn(40)) cluster.images()->DrawFault();
    if (random.OneIn(20)) rollout.StartMissing();
    cluster.Tick();
  }
}

bool ACheckpointCompletes(SimulatedCluster& cluster, Rollout& rollout) {
  if (cluster.application().checkpoint_interval == Milliseconds(0)) return true;
  const size_t before = cluster.location().completed.size();
  return rollout.RunUntil(kCheckpointMax,
                          [&] { return cluster.location().completed.size() > before; });
}

}  // namespace sidestream::simulation
