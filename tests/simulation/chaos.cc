// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "chaos.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "losses.h"
#include "window_oracles.h"

namespace sidestream::simulation {
namespace {

using std::chrono::seconds;

/// Of the liveness phase: nothing happens there but time-outs.
constexpr Milliseconds kSettlingTick{60};
/// An evicted instance may wait for a lost JoinGroup as long as max.poll.interval.ms.
constexpr Milliseconds kRestMax{60'000};
/// Requests and markers that were sent under faults have arrived by then.
constexpr Milliseconds kStragglersMax{5'000};
const VersionPath kOneVersion;

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

/// What is drawn anew at each tick of the safety phase.
class Disturbances {
 public:
  Disturbances(SimulatedCluster& cluster, const Chaos& chaos, Rollout& rollout, bool exactly)
      : cluster_(cluster), chaos_(chaos), rollout_(rollout) {
    if (!chaos.crash_point) return;
    killer_.emplace(AllCrashPoints(exactly).at(*chaos.crash_point), chaos.crash_one_in,
                    cluster.size());
  }
  void BeforeTick();
  void AfterTick() {
    if (killer_) killer_->Look(cluster_);
  }

 private:
  SimulatedCluster& cluster_;
  const Chaos& chaos_;
  Rollout& rollout_;
  std::optional<PointKiller> killer_;
  int savepoints_ = 0;
};

void Disturbances::BeforeTick() {
  SimulatedCluster& cluster = cluster_;
  const Chaos& chaos = chaos_;
  constexpr int64_t kHour = 3'600'000;
  Random& random = cluster.random();
  if (chaos.slow_location && random.OneIn(20)) cluster.location().linger = random.OneIn(2);
  if (chaos.unreliable_images && random.OneIn(40)) cluster.images()->DrawFault();
  if (chaos.savepoint_one_in < Chaos::kNever && random.OneIn(chaos.savepoint_one_in)) {
    cluster.RequestSavepoint("savepoint-" + std::to_string(++savepoints_), /*stop=*/false,
                             /*drain=*/random.OneIn(2));
  }
  if (chaos.all_lost_one_in < Chaos::kNever && random.OneIn(chaos.all_lost_one_in)) {
    LoseDisks(cluster, LostDisks::kAll);
  }
  for (size_t i = 0; i < cluster.size(); ++i) {
    if (chaos.jump_clock_one_in < Chaos::kNever && random.OneIn(chaos.jump_clock_one_in)) {
      cluster.SetClockOff(i, Milliseconds(random.Below(2 * kHour) - kHour));
    }
    if (cluster.instance(i) == nullptr) {
      if (!random.OneIn(60)) continue;
      if (random.OneIn(chaos.empty_disk_one_in)) cluster.WipeDisk(i);
      rollout_.Start(i);
    } else if (random.OneIn(chaos.kill_one_in)) {
      cluster.KillInstance(i);
    } else if (random.OneIn(chaos.stop_one_in)) {
      cluster.StopInstance(i);
    } else if (random.OneIn(chaos.expire_one_in)) {
      cluster.ExpireSession(i);
    }
  }
}

/// From here on everything must settle.
void EndFaults(SimulatedCluster& cluster) {
  cluster.broker().faults().Clear();
  cluster.EndLags();
  cluster.location().linger = false;
  if (cluster.images() != nullptr) cluster.images()->fault = testing::ImageFault::kNone;
  for (size_t i = 0; i < cluster.size(); ++i) cluster.SetClockOff(i, Milliseconds(0));
  cluster.SetPace(kSettlingTick);
}

bool AllRun(SimulatedCluster& cluster) {
  for (size_t i = 0; i < cluster.size(); ++i) {
    if (cluster.instance(i) == nullptr) return false;
  }
  return !cluster.AnyStops();
}

/// One of the checkpoints that are there, or a savepoint that is taken now; null: none was completed.
const testing::KeptCheckpoint* AnyCheckpoint(SimulatedCluster& cluster, Rollout& rollout) {
  const auto& completed = cluster.location().completed;
  if (completed.empty()) {
    cluster.RequestSavepoint("last", /*stop=*/false, /*drain=*/cluster.random().OneIn(2));
    rollout.RunUntil(kCheckpointMax, [&] { return !completed.empty(); });
    if (completed.empty()) return nullptr;
  }
  auto any = completed.begin();
  std::advance(any, cluster.random().Below(static_cast<int64_t>(completed.size())));
  return &any->second;
}

/// What came after the checkpoint is read once more, by the second application; and some new records.
Violations StartsAgain(SimulatedCluster& cluster, const Chaos& chaos, Rollout& rollout,
                       const std::vector<std::string>& topics, bool exactly, bool counts) {
  const testing::KeptCheckpoint* const kept = AnyCheckpoint(cluster, rollout);
  if (kept == nullptr) return {"O10: no savepoint completes"};
  for (int i = 0; i < 20; ++i) {
    for (const std::string& topic : topics) cluster.Feed(topic);
  }
  SecondStart start = *chaos.second_start;
  start.totals = chaos.versions.keeps_totals();
  return StartsFrom(cluster, *kept, start, exactly, counts);
}

/// Records of about the present, some late within what is allowed.
void FeedClicks(SimulatedCluster& cluster) {
  for (Partition p = 0; p < cluster.broker().PartitionCount("clicks"); ++p) {
    if (!cluster.random().OneIn(60)) continue;
    const int64_t late = cluster.random().Below(kLateness.count() - 1'000);
    cluster.FeedAt("clicks", p, cluster.clock().WallTime() - late);
  }
}

/// The safety phase: records come, faults happen, versions follow each other.
void Disturb(SimulatedCluster& cluster, const Chaos& chaos, Rollout& rollout, bool exactly) {
  Disturbances disturbances(cluster, chaos, rollout, exactly);
  const auto versions = static_cast<int64_t>(chaos.versions.versions.size());
  for (int64_t fed = 0; fed < chaos.ids && !cluster.failure();) {
    if (cluster.random().OneIn(8)) {
      const std::vector<std::string> topics = rollout.Topics();
      cluster.Feed(topics[static_cast<size_t>(
          cluster.random().Below(static_cast<int64_t>(topics.size())))]);
      ++fed;
      // Each runs for the same time.
      if (rollout.left() > 0 && fed * versions % chaos.ids < versions) rollout.Next();
    }
    disturbances.BeforeTick();
    cluster.Tick();
    disturbances.AfterTick();
  }
}

}  // namespace

void StartAll(SimulatedCluster& cluster) { Rollout(cluster, kOneVersion).StartMissing(); }

bool SettleDown(SimulatedCluster& cluster, Milliseconds limit) {
  Rollout rollout(cluster, kOneVersion);
  return SettleDown(cluster, rollout, limit);
}

bool SettleDown(SimulatedCluster& cluster, Rollout& rollout, Milliseconds limit) {
  EndFaults(cluster);
  rollout.Finish();
  const MonotonicTime first_look = cluster.clock().Now() + kStragglersMax;
  return rollout.RunUntil(limit, [&] {
    return cluster.clock().Now() >= first_look && AllRun(cluster) && cluster.CaughtUp() && OneOwnerPerTask(cluster).empty();
  });
}

Violations RunChaos(SimulatedCluster& cluster, const Chaos& chaos, bool exactly) {
  Rollout rollout(cluster, chaos.versions);
  if (!rollout.Begin()) return {"not at rest at first\n" + cluster.Lag()};
  StartFaults(cluster, chaos);
  Disturb(cluster, chaos, rollout, exactly);
  const Milliseconds limit = chaos.settle_max + std::min(chaos.settle_max, kRestMax);
  bool settled = SettleDown(cluster, rollout, limit);
  bool copied = true;
  if (settled && chaos.copies_take_over) {
    copied = CopiesTakeOver(cluster, rollout);
    settled = SettleDown(cluster, rollout, limit);
  }
  for (int i = 0; settled && i < chaos.lost_disks; ++i) {
    LoseDisksBehindACheckpoint(cluster, rollout, chaos.unreliable_images);
    settled = SettleDown(cluster, rollout, limit);
  }
  if (cluster.failure()) return {"failed: " + *cluster.failure()};
  const bool counts = exactly || !chaos.zombies();
  Violations violations = AllOracles(cluster, exactly, counts);
  const auto add = [&](const Violations& some) {
    violations.insert(violations.end(), some.begin(), some.end());
  };
  if (counts) add(CheckpointsAreCuts(cluster, exactly));
  if (counts && chaos.versions.keeps_totals()) add(TotalsAreRight(cluster, exactly));
  if (!copied) add({"O11: states are not copied"});
  if (rollout.refusal()) add({"refused: " + *rollout.refusal()});
  if (!settled) {
    violations.insert(violations.begin(), "not caught up in time\n" + cluster.Lag());
  } else if (!ACheckpointCompletes(cluster, rollout)) {
    violations.push_back("O10: no checkpoint completes");
  }
  if (violations.empty() && chaos.second_start) {
    return StartsAgain(cluster, chaos, rollout, rollout.Topics(), exactly, counts);
  }
  return violations;
}

Violations RunWindowChaos(SimulatedCluster& cluster, const Chaos& chaos, bool exactly) {
  Rollout rollout(cluster, kOneVersion);
  rollout.StartMissing();
  StartFaults(cluster, chaos);
  Disturbances disturbances(cluster, chaos, rollout, exactly);
  const MonotonicTime fed_until = cluster.clock().Now() + seconds(15);
  while (cluster.clock().Now() < fed_until && !cluster.failure()) {
    FeedClicks(cluster);
    disturbances.BeforeTick();
    cluster.Tick();
    disturbances.AfterTick();
  }
  EndFaults(cluster);
  // All partitions are silent, so the windows end once they count as idle; each move of a task begins
  // that anew, and an evicted instance may wait for a lost JoinGroup before it moves one.
  const MonotonicTime first_look = cluster.clock().Now() + kIdle + kWindow + seconds(20);
  const bool settled = rollout.RunUntil(chaos.settle_max + 3 * kIdle + kWindow, [&] {
    return cluster.clock().Now() >= first_look && AllRun(cluster) && cluster.CaughtUp() &&
           WindowsAreRight(cluster, exactly).empty();
  });
  if (cluster.failure()) return {"failed: " + *cluster.failure()};
  Violations violations = WindowsAreRight(cluster, exactly);
  if (exactly) {
    for (std::string& text : StoresEqualChangelogs(cluster)) violations.push_back(std::move(text));
  }
  if (!settled) {
    violations.insert(violations.begin(), "not caught up in time\n" + cluster.Lag());
  } else if (!ACheckpointCompletes(cluster, rollout)) {
    violations.push_back("O10: no checkpoint completes");
  }
  if (violations.empty() && chaos.second_start) {
    return StartsAgain(cluster, chaos, rollout, {"clicks"}, exactly, /*counts=*/true);
  }
  return violations;
}

std::string Text(const Violations& violations) {
  std::string text;
  for (size_t i = 0; i < violations.size() && i < 10; ++i) text += violations[i] + "\n";
  return text;
}

}  // namespace sidestream::simulation
