// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "schedule.h"

#include <initializer_list>
#include <utility>

namespace sidestream::simulation {
namespace {

template <typename T>
T OneOf(Random& random, std::initializer_list<T> choices) {
  return *(choices.begin() + random.Below(static_cast<int64_t>(choices.size())));
}

std::string Rate(int64_t one_in) {
  return one_in == Chaos::kNever ? "never" : "1/" + std::to_string(one_in);
}

/// Versions whose neighbours differ in a step, in their inputs, or in who owns their tasks.
VersionPath DrawVersions(Random& random) {
  Version plain;
  plain.totals = random.OneIn(2);
  const auto with = [&](std::vector<std::vector<std::string>> merged) {
    Version version = plain;
    version.merged = std::move(merged);
    return version;
  };
  Version counts_clicks = plain;
  counts_clicks.counted = {"clicks", "orders"};
  Version with_step = plain;
  with_step.totals = true;
  const Version more_inputs = with({{"clicks", "left", "right"}});
  const Version fewer_inputs = with({{"left"}});
  const Version more_sources = with({{"left", "right"}, {"clicks"}});
  const Version apart = with({{"left"}, {"right"}});
  Version other_anchor = with({{"clicks", "right"}});
  // With an input that is gone the sequences go that its states are compared with.
  other_anchor.totals = false;
  return OneOf<VersionPath>(random, {{{plain, with_step}},
                                     {{with_step, plain}},
                                     {{plain, more_inputs}},
                                     {{plain, more_inputs, plain}},
                                     {{plain, fewer_inputs}},
                                     {{plain, more_sources}},
                                     {{more_sources, plain}},
                                     {{plain, counts_clicks}},
                                     {{plain, apart}, /*side_by_side=*/false},
                                     {{plain, apart, plain}, /*side_by_side=*/false},
                                     {{more_inputs, plain}, /*side_by_side=*/false},
                                     {{plain, other_anchor}, /*side_by_side=*/false}});
}

/// From numbers of its own: what a number means otherwise stays.
void DrawImages(uint64_t number, Schedule& schedule) {
  if (schedule.cluster.checkpoint_interval == Milliseconds(0)) return;
  Random random(number * 0xd1342543de82ef95 + 1);
  if (random.OneIn(2)) return;
  schedule.cluster.seek_images_from = OneOf<int64_t>(random, {1, 3, 10});
  schedule.cluster.images_retained = OneOf<size_t>(random, {1, 2, 3});
  schedule.chaos.unreliable_images = random.OneIn(2);
  schedule.chaos.empty_disk_one_in = OneOf<int64_t>(random, {1, 2, 4});
  schedule.chaos.all_lost_one_in = OneOf<int64_t>(random, {300, 800, Chaos::kNever});
  schedule.chaos.lost_disks = static_cast<int>(random.Below(4));
}

/// Alike.
void DrawSecondStartOfWindows(uint64_t number, Schedule& schedule) {
  if (!schedule.cluster.windows) return;
  Random random(number * 0xaf251af3b0f025b5 + 1);
  if (random.OneIn(3)) schedule.chaos.second_start = SecondStart{};
}

}  // namespace

Schedule ScheduleOf(uint64_t number) {
  // Not the cluster's own numbers: its first choices would be the same as these.
  Random random(number * 0x9e3779b97f4a7c15 + 1);
  Schedule schedule;
  ClusterOptions& cluster = schedule.cluster;
  cluster.seed = number;
  cluster.exactly_once = !random.OneIn(5);
  cluster.stable_names = random.OneIn(2);
  cluster.strategy = random.OneIn(4) ? kafka::AssignmentStrategy::kRange
                                     : kafka::AssignmentStrategy::kCooperativeSticky;
  cluster.instances = static_cast<size_t>(1 + random.Below(4));
  cluster.workers = static_cast<size_t>(1 + random.Below(3));
  cluster.windows = random.OneIn(4);
  cluster.lag_ticks_max = OneOf<int64_t>(random, {0, 0, 50, 200});
  cluster.slow_disk_ticks_max = OneOf<int64_t>(random, {0, 0, 20, 80});

  Chaos& chaos = schedule.chaos;
  const int64_t never = Chaos::kNever;
  chaos.ids = 40 + random.Below(100);
  chaos.kill_one_in = OneOf<int64_t>(random, {150, 400, 1'000, never});
  chaos.stop_one_in = OneOf<int64_t>(random, {300, 800, never});
  chaos.expire_one_in = OneOf<int64_t>(random, {150, 600, never});
  chaos.network_faults = !random.OneIn(4);
  chaos.network_delay_max =
      OneOf(random, {Milliseconds(50), Milliseconds(300), Milliseconds(2'000)});
  if (random.OneIn(4)) chaos.marker_delay_max = Milliseconds(1 + random.Below(4'000));
  chaos.jump_clock_one_in = OneOf<int64_t>(random, {300, never, never, never});
  cluster.checkpoint_interval =
      OneOf(random, {Milliseconds(0), Milliseconds(0), Milliseconds(700), Milliseconds(2'500)});
  chaos.savepoint_one_in = OneOf<int64_t>(random, {never, never, 1'500, 300});
  chaos.slow_location = random.OneIn(3);
  if (random.OneIn(2)) {
    const size_t points = AllCrashPoints(cluster.exactly_once).size();
    chaos.crash_point = static_cast<size_t>(random.Below(static_cast<int64_t>(points)));
    chaos.crash_one_in = OneOf<int64_t>(random, {4, 15, 60});
  }
  cluster.standby_replicas = OneOf<int32_t>(random, {0, 0, 1, 2});
  chaos.copies_take_over = cluster.standby_replicas > 0 && cluster.instances > 1 && random.OneIn(2);
  if (!cluster.windows && random.OneIn(4)) {
    chaos.versions = DrawVersions(random);
    cluster.versions_end = !chaos.versions.side_by_side;
    chaos.ids += 60;
  }
  if (random.OneIn(chaos.versions.versions.empty() ? 4 : 2)) {
    // Longer than it takes to purge, to give a checkpoint up, to end a session.
    chaos.pace = Milliseconds(100);
    cluster.lag_ticks_max /= 10;
    cluster.slow_disk_ticks_max /= 10;
  }
  if (!cluster.windows && random.OneIn(4)) {
    chaos.second_start = SecondStart{.hop_partitions = OneOf<int32_t>(random, {3, 2, 5})};
  }
  if (cluster.windows) {
    // Idle partitions end windows, and slow threads would make them idle.
    cluster.lag_ticks_max = cluster.slow_disk_ticks_max = 0;
    chaos.jump_clock_one_in = never;
    if (!cluster.exactly_once) {
      // Nothing fences the marks of an instance that does not know yet that it was evicted.
      chaos.network_faults = false;
      chaos.expire_one_in = never;
    }
  }
  DrawImages(number, schedule);
  DrawSecondStartOfWindows(number, schedule);
  return schedule;
}

std::string Describe(const Schedule& schedule) {
  const ClusterOptions& cluster = schedule.cluster;
  const Chaos& chaos = schedule.chaos;
  std::string text = cluster.exactly_once ? "exactly-once" : "at-least-once";
  text += cluster.windows ? ", windows" : ", counts and merge";
  text += ", " + std::to_string(cluster.instances) + " instances of " +
          std::to_string(cluster.workers) + " workers";
  text += cluster.stable_names ? ", static" : ", dynamic";
  text += cluster.strategy == kafka::AssignmentStrategy::kRange ? ", range" : ", cooperative";
  text += "; lag " + std::to_string(cluster.lag_ticks_max) + ", slow disk " +
          std::to_string(cluster.slow_disk_ticks_max);
  text += "; kills " + Rate(chaos.kill_one_in) + ", stops " + Rate(chaos.stop_one_in) +
          ", evictions " + Rate(chaos.expire_one_in) + ", clock jumps " +
          Rate(chaos.jump_clock_one_in);
  text += chaos.network_faults
              ? ", network up to " + std::to_string(chaos.network_delay_max.count()) + " ms"
              : ", good network";
  text += ", markers up to " + std::to_string(chaos.marker_delay_max.count()) + " ms late";
  text += "; checkpoints every " + std::to_string(cluster.checkpoint_interval.count()) +
          " ms, savepoints " + Rate(chaos.savepoint_one_in);
  if (chaos.slow_location) text += ", slow location";
  if (cluster.seek_images_from > 0) {
    text += ", images of the last " + std::to_string(cluster.images_retained) + " for " +
            std::to_string(cluster.seek_images_from) + " offsets" +
            (chaos.unreliable_images ? ", unreliable" : "") + ", empty disks 1/" +
            std::to_string(chaos.empty_disk_one_in) + ", all lost " + Rate(chaos.all_lost_one_in) +
            " and " + std::to_string(chaos.lost_disks) + " times";
  }
  if (chaos.crash_point) {
    text += "; dies at \"" +
            std::string(AllCrashPoints(cluster.exactly_once).at(*chaos.crash_point).name) +
            "\" " + Rate(chaos.crash_one_in);
  }
  text += "; ticks up to " + std::to_string(chaos.pace.count()) + " ms";
  text += "; copies " + std::to_string(cluster.standby_replicas);
  if (chaos.copies_take_over) text += ", which take over";
  if (chaos.second_start) {
    text += "; a second start, hops of " + std::to_string(chaos.second_start->hop_partitions);
  }
  if (!chaos.versions.versions.empty()) text += "; versions: " + Describe(chaos.versions);
  return text;
}

ScheduleResult RunSchedule(uint64_t number) {
  const Schedule schedule = ScheduleOf(number);
  SimulatedCluster cluster(schedule.cluster);
  ScheduleResult result;
  result.violations = schedule.cluster.windows
                          ? RunWindowChaos(cluster, schedule.chaos, schedule.cluster.exactly_once)
                          : RunChaos(cluster, schedule.chaos, schedule.cluster.exactly_once);
  result.trace = cluster.broker().TraceHash();
  result.from_images = cluster.Restores(tasks::RestoreSource::kLocation);
  return result;
}

}  // namespace sidestream::simulation
