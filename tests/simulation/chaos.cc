// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "chaos.h"

#include <algorithm>

namespace sidestream::simulation {
namespace {

using std::chrono::seconds;

/// A stop takes less than so many times a hundred ticks.
constexpr int kStopRounds = 100;

void StartFaults(SimulatedCluster& cluster, const Chaos& chaos) {
  kafka::memory::Faults& faults = cluster.broker().faults();
  if (chaos.network_faults) {
    kafka::memory::FaultRates rates;
    rates.delay_one_in = 15;
    rates.duplicate_one_in = 60;
    rates.drop_request_one_in = 120;
    rates.drop_answer_one_in = 120;
    rates.delay_max = chaos.network_delay_max;
    faults.SetRatesOfAll(rates);
  }
  if (chaos.marker_delay_max > Milliseconds(0)) {
    kafka::memory::FaultRates late;
    late.delay_one_in = 3;
    late.delay_max = chaos.marker_delay_max;
    faults.SetRates(kafka::memory::ApiKey::kWriteTxnMarkers, late);
  }
}

void MaybeDisturb(SimulatedCluster& cluster, const Chaos& chaos) {
  constexpr int64_t kHour = 3'600'000;
  Random& random = cluster.random();
  for (size_t i = 0; i < cluster.size(); ++i) {
    if (chaos.jump_clock_one_in < Chaos::kNever && random.OneIn(chaos.jump_clock_one_in)) {
      cluster.SetClockOff(i, Milliseconds(random.Below(2 * kHour) - kHour));
    }
    if (cluster.instance(i) == nullptr) {
      if (!random.OneIn(60)) continue;
      if (random.OneIn(4)) cluster.WipeDisk(i);
      cluster.StartInstance(i);
    } else if (random.OneIn(chaos.kill_one_in)) {
      cluster.KillInstance(i);
    } else if (random.OneIn(chaos.stop_one_in)) {
      cluster.StopInstance(i);
    } else if (random.OneIn(chaos.expire_one_in)) {
      cluster.ExpireSession(i);
    }
  }
}

void StartAll(SimulatedCluster& cluster) {
  for (size_t i = 0; i < cluster.size(); ++i) {
    if (cluster.instance(i) == nullptr) cluster.StartInstance(i);
  }
}

void EndFaults(SimulatedCluster& cluster) {
  cluster.broker().faults().Clear();
  // Requests that were delayed may still end an instance, and one that was told to stop ends when
  // its tasks have committed; both are started again.
  for (int round = 0; round < 3 || (round < kStopRounds && cluster.AnyStops()); ++round) {
    StartAll(cluster);
    for (int i = 0; i < 100; ++i) cluster.Tick();
  }
  StartAll(cluster);
}

/// Records of about the present, some late within what is allowed.
void FeedClicks(SimulatedCluster& cluster) {
  for (Partition p = 0; p < cluster.broker().PartitionCount("clicks"); ++p) {
    if (!cluster.random().OneIn(60)) continue;
    const int64_t late = cluster.random().Below(kLateness.count() - 1'000);
    cluster.FeedAt("clicks", p, cluster.clock().WallTime() - late);
  }
}

Violations WindowsAreRight(SimulatedCluster& cluster, bool exactly) {
  Violations violations;
  int64_t counted = 0;
  std::map<std::string, int> finals;
  for (const auto& [key, value] : cluster.Read("windows")) {
    counted += std::stoll(value);
    if (++finals[key] == 2 && exactly) violations.push_back("O1: window " + key + " came again");
  }
  const auto late = static_cast<int64_t>(cluster.Read("late").size());
  const auto fed = static_cast<int64_t>(cluster.fed("clicks").size());
  if (exactly && late > 0)
    violations.push_back("O2: " + std::to_string(late) + " records are late");
  if (exactly ? counted != fed : counted + late < fed) {
    violations.push_back("O2: windows counted " + std::to_string(counted) + " records and " +
                         std::to_string(late) + " late ones of " + std::to_string(fed));
  }
  return violations;
}

}  // namespace

Violations RunChaos(SimulatedCluster& cluster, const Chaos& chaos, bool exactly) {
  StartAll(cluster);
  StartFaults(cluster, chaos);
  const char* topics[] = {"orders", "orders", "left", "right"};
  for (int64_t fed = 0; fed < chaos.ids && !cluster.failure();) {
    if (cluster.random().OneIn(8)) {
      cluster.Feed(topics[cluster.random().Below(4)]);
      ++fed;
    }
    MaybeDisturb(cluster, chaos);
    cluster.Tick();
  }
  EndFaults(cluster);
  const bool settled = cluster.RunUntilCaughtUp(chaos.settle_max);
  // An evicted instance may wait for a lost JoinGroup as long as max.poll.interval.ms.
  const MonotonicTime deadline =
      cluster.clock().Now() + std::min<Milliseconds>(chaos.settle_max, seconds(60));
  const auto at_rest = [&] {
    return cluster.CaughtUp() && OneOwnerPerTask(cluster).empty() &&
           NoOpenTransaction(cluster).empty();
  };
  while (!at_rest() && cluster.clock().Now() < deadline) cluster.Tick();
  if (cluster.failure()) return {"failed: " + *cluster.failure()};
  Violations violations = AllOracles(cluster, exactly, exactly || !chaos.zombies());
  if (!settled) {
    violations.insert(violations.begin(), "not caught up in time\n" + cluster.Lag());
  }
  return violations;
}

Violations RunWindowChaos(SimulatedCluster& cluster, const Chaos& chaos, bool exactly) {
  StartAll(cluster);
  StartFaults(cluster, chaos);
  const MonotonicTime fed_until = cluster.clock().Now() + seconds(15);
  while (cluster.clock().Now() < fed_until && !cluster.failure()) {
    FeedClicks(cluster);
    MaybeDisturb(cluster, chaos);
    cluster.Tick();
  }
  EndFaults(cluster);
  for (size_t i = 0; i < cluster.size(); ++i) cluster.SetClockOff(i, Milliseconds(0));
  const bool settled = cluster.RunUntilCaughtUp(chaos.settle_max);
  // All partitions are silent, so the windows end once they count as idle; each move of a task begins
  // that anew, and an evicted instance may wait for a lost JoinGroup before it moves one.
  const MonotonicTime end = cluster.clock().Now() + 3 * kIdle + kWindow;
  const MonotonicTime first_look = cluster.clock().Now() + kIdle + kWindow + seconds(20);
  while (cluster.clock().Now() < end && !cluster.failure()) {
    for (int i = 0; i < 100; ++i) cluster.Tick();
    if (cluster.clock().Now() >= first_look && WindowsAreRight(cluster, exactly).empty()) break;
  }
  if (cluster.failure()) return {"failed: " + *cluster.failure()};
  Violations violations = WindowsAreRight(cluster, exactly);
  if (!settled) {
    violations.insert(violations.begin(), "not caught up in time\n" + cluster.Lag());
  }
  return violations;
}

std::string Text(const Violations& violations) {
  std::string text;
  for (size_t i = 0; i < violations.size() && i < 10; ++i) text += violations[i] + "\n";
  return text;
}

}  // namespace sidestream::simulation
