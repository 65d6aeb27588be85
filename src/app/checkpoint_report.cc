// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/checkpoint_report.h"

#include <algorithm>
#include <memory>

namespace sidestream::app {

void CheckpointReport::Look(tasks::Instance& instance) {
  const std::shared_ptr<const checkpoint::Checkpoint> latest =
      instance.control().LatestCheckpoint();
  if (latest != nullptr && latest->stage == checkpoint::CheckpointStage::kComplete) {
    metrics_.NewestIs(latest->number().value(), latest->begin.at,
                      Milliseconds(latest->complete.at - latest->begin.at),
                      latest->complete.bytes);
  }
  const checkpoint::ConductorCounters& led = instance.leader().checkpoint_counters();
  metrics_.OutcomesAre(led.complete.load(std::memory_order_relaxed),
                       led.failed.load(std::memory_order_relaxed));
  int64_t pause_ms = 0;
  int64_t sum_ms = 0;
  int64_t revocations = 0;
  for (size_t i = 0; i < instance.worker_count(); ++i) {
    const tasks::WorkerCounters& worker = instance.worker(i).counters();
    pause_ms = std::max(pause_ms, worker.last_held_ms.load(std::memory_order_relaxed));
    sum_ms += worker.held_ms.load(std::memory_order_relaxed);
    revocations += worker.revocations.load(std::memory_order_relaxed);
  }
  metrics_.PausesAre(Milliseconds(pause_ms), Milliseconds(sum_ms), revocations);
}

}  // namespace sidestream::app
