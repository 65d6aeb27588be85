// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/run_watch.h"

#include <algorithm>

#include "base/log.h"

namespace sidestream::app {
namespace {

constexpr Milliseconds kProgressInterval{10'000};
constexpr Milliseconds kWatchInterval{200};

int64_t Read(const std::atomic<int64_t>& counter) {
  return counter.load(std::memory_order_relaxed);
}

}  // namespace

RunWatch::RunWatch(Watched watched, RunHealth& health, EventTimeReport& event_times,
                   metrics::Registry& registry, Waiting& waiting)
    : watched_(watched),
      instance_(watched.instance),
      health_(health),
      event_times_(event_times),
      metrics_(registry),
      restore_metrics_(registry),
      memory_metrics_(registry),
      registry_metrics_(registry),
      checkpoints_(registry),
      waiting_(waiting),
      thread_([this] { Run(); }) {}

RunWatch::~RunWatch() {
  done_.Ring();
  thread_.join();
}

void RunWatch::Run() {
  MonotonicTime told = waiting_.clock().Now();
  for (bool done = false; !done;) {
    if (waiting_.stopping() && !stopping_) PassStopOn();
    Report();
    if (waiting_.clock().Now() - told >= kProgressInterval) {
      told = waiting_.clock().Now();
      TellProgress();
    }
    // Once a stop was seen, waiting for one no longer waits.
    if (!stopping_) WaitForStop(kWatchInterval, &done_);
    done = done_.Wait(stopping_ ? kWatchInterval : Milliseconds(0));
  }
}

void RunWatch::PassStopOn() {
  stopping_ = true;
  log::Info("app", "stopping: the open transaction is committed, then the group is left");
  health_.StageIs(RunHealth::Stage::kStopping);
  instance_.RequestStop();
}

void RunWatch::Report() {
  ReportTasks();
  ReportTotals();
  ReportRestore();
  ReportMemory();
  ReportRegistry();
  event_times_.TasksAre(instance_.EventTimes());
  checkpoints_.Look(instance_);
}

void RunWatch::ReportTasks() {
  const auto running = static_cast<int64_t>(instance_.member().running_tasks());
  const auto held = static_cast<int64_t>(instance_.member().held_tasks());
  metrics_.TasksAre(running, held - running);
  if (const tasks::Standbys* standbys = instance_.standbys()) {
    metrics_.StandbysAre(Read(standbys->counters().standbys),
                         standbys->Progress().remaining_records);
  }
  metrics_.UnownedTasksAre(static_cast<int64_t>(instance_.member().unowned_tasks()));
  metrics_.LeaderIs(instance_.leader().leading());
}

void RunWatch::ReportTotals() {
  const tasks::MemberCounters& member = instance_.member().counters();
  metrics::InstanceTotals totals;
  totals.tasks_lost = Read(member.tasks_lost);
  totals.tasks_reopened = Read(member.tasks_reopened);
  totals.repartition_purges = Read(member.purges);
  totals.state_moved_aside = watched_.states.moved_aside();
  for (size_t i = 0; i < instance_.worker_count(); ++i) {
    const tasks::WorkerCounters& worker = instance_.worker(i).counters();
    totals.partitions_reassigned += Read(worker.silent_partitions);
    totals.input_pauses += Read(worker.pauses);
    totals.records_ahead += Read(worker.records_ahead);
    totals.records_late_after_idle += Read(worker.records_late_after_idle);
  }
  metrics_.TotalsAre(totals);
}

void RunWatch::ReportRestore() {
  // A restore that ends leaves the progress and joins the counter: in this order it is missed
  // for a moment at most, and a failed one lets the sum fall.
  const int64_t ended = Read(instance_.registry().counters().restored_records);
  const auto progress = instance_.registry().Progress();
  const int64_t restored = std::max(restored_, ended + progress.restored_records);
  restore_metrics_.RestoreAdvanced(restored - restored_, progress.remaining_records);
  restored_ = restored;
  pace_ = restore_pace_.Note(waiting_.clock().Now(), progress.passed_offsets,
                             progress.remaining_records);
  ReportFetch();
  restore_metrics_.PaceIs(pace_.per_second, fetching_.per_second,
                          std::max(pace_.seconds_left, fetching_.seconds_left));
  const auto& restores = instance_.registry().counters().restores;
  const auto of = [&](tasks::RestoreSource source) {
    return Read(restores[static_cast<size_t>(source)]);
  };
  restore_metrics_.RestoresAre({.directory = of(tasks::RestoreSource::kDirectory),
                                .changelog = of(tasks::RestoreSource::kChangelog),
                                .location = of(tasks::RestoreSource::kLocation),
                                .copy = of(tasks::RestoreSource::kCopy)});
}

statestore::ImageSource::Progress RunWatch::FetchProgress() const {
  return watched_.images == nullptr ? statestore::ImageSource::Progress()
                                    : watched_.images->progress();
}

void RunWatch::ReportFetch() {
  const auto progress = FetchProgress();
  restore_metrics_.FetchAdvanced(progress.fetched_bytes - fetched_bytes_, progress.remaining_bytes);
  fetched_bytes_ = progress.fetched_bytes;
  fetching_ =
      fetch_pace_.Note(waiting_.clock().Now(), progress.fetched_bytes, progress.remaining_bytes);
}

void RunWatch::ReportMemory() {
  metrics::MemoryUse use{.caches = watched_.states.cache_bytes(),
                         .blocks = watched_.states.block_bytes()};
  for (size_t i = 0; i < instance_.worker_count(); ++i) {
    const tasks::WorkerCounters& worker = instance_.worker(i).counters();
    use.inputs += Read(worker.input_bytes);
    use.transactions += Read(worker.transaction_bytes);
  }
  use.restores = instance_.registry().Progress().collected_bytes;
  if (instance_.standbys() != nullptr) {
    use.restores += instance_.standbys()->Progress().collected_bytes;
  }
  memory_metrics_.UseIs(use);
}

void RunWatch::ReportRegistry() {
  if (watched_.schemas == nullptr) return;
  const registry::ClientCounters& counters = watched_.schemas->counters();
  registry_metrics_.WaitingAre(Read(counters.waiting));
  registry_metrics_.TotalsAre(Read(counters.requests), Read(counters.failures));
}

void RunWatch::TellProgress() {
  if (const int64_t bytes = FetchProgress().remaining_bytes; bytes > 0) {
    log::Info(
        "app",
        "restoring from the checkpoints' location: remaining_bytes={} bytes_per_second={:.0f} "
        "seconds_left={:.0f}",
        bytes, fetching_.per_second, fetching_.seconds_left);
  }
  const auto progress = instance_.registry().Progress();
  if (progress.remaining_records == 0) return;
  log::Info("app",
            "restoring: tasks_running={} tasks_held={} remaining_offsets={} restored={} "
            "offsets_per_second={:.0f} seconds_left={:.0f}",
            instance_.member().running_tasks(), instance_.member().held_tasks(),
            progress.remaining_records, progress.restored_records, pace_.per_second,
            pace_.seconds_left);
}

}  // namespace sidestream::app
