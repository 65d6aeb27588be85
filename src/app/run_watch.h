// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// RunWatch: beside a running instance: passes a stop on to it, and shows in metrics and log what it
// is at.
//
// Place in the flow: made by `run` when the instance has started, destroyed when it has stopped.
//
// Threading: a thread of its own, from construction to destruction; it reads counters and views
// that any thread may read.

#pragma once

#include <cstdint>
#include <thread>

#include "app/checkpoint_report.h"
#include "app/event_time_report.h"
#include "app/restore_pace.h"
#include "app/run_health.h"
#include "app/signals.h"
#include "app/waiting.h"
#include "metrics/scopes.h"
#include "registry/client.h"
#include "statestore/image_source.h"
#include "statestore/rocksdb_task_state.h"
#include "tasks/instance.h"

namespace sidestream::app {

class RunWatch {
 public:
  struct Watched {
    tasks::Instance& instance;
    const statestore::RocksdbTaskStateFactory& states;
    /// Null: the topology needs none.
    const registry::Client* schemas;
    /// Null: there is no location of checkpoints.
    const statestore::ImageSource* images;
  };

  /// All is borrowed and outlives the watch.
  RunWatch(Watched watched, RunHealth& health, EventTimeReport& event_times,
           metrics::Registry& registry, Waiting& waiting);
  ~RunWatch();
  RunWatch(const RunWatch&) = delete;
  RunWatch& operator=(const RunWatch&) = delete;

 private:
  void Run();
  void PassStopOn();
  void Report();
  void ReportTasks();
  void ReportTotals();
  void ReportRestore();
  void ReportFetch();
  statestore::ImageSource::Progress FetchProgress() const;
  void ReportMemory();
  void ReportRegistry();
  void TellProgress();

  const Watched watched_;
  tasks::Instance& instance_;
  RunHealth& health_;
  EventTimeReport& event_times_;
  metrics::InstanceMetrics metrics_;
  metrics::RestoreMetrics restore_metrics_;
  metrics::MemoryMetrics memory_metrics_;
  metrics::RegistryMetrics registry_metrics_;
  CheckpointReport checkpoints_;
  Waiting& waiting_;
  bool stopping_ = false;
  int64_t restored_ = 0;
  int64_t fetched_bytes_ = 0;
  RestorePace restore_pace_;
  RestorePace::Report pace_;
  RestorePace fetch_pace_;
  RestorePace::Report fetching_;
  Doorbell done_;
  std::thread thread_;
};

}  // namespace sidestream::app
