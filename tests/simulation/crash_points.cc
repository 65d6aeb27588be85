// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "crash_points.h"

#include <utility>

#include "simulated_cluster.h"

namespace sidestream::simulation {
namespace {

using checkpoint::Checkpoint;
using checkpoint::CheckpointStage;
using WriterState = transaction::TransactionWriter::State;

std::function<bool(tasks::Instance&)> WriterIs(WriterState state) {
  return [state](tasks::Instance& instance) {
    for (size_t i = 0; i < instance.worker_count(); ++i) {
      if (instance.worker(i).writer_state() == state) return true;
    }
    return false;
  };
}

/// True at the look after which a worker has committed more.
std::function<bool(tasks::Instance&)> HasCommitted() {
  return [last = int64_t{0}](tasks::Instance& instance) mutable {
    int64_t committed = 0;
    for (size_t i = 0; i < instance.worker_count(); ++i) {
      committed += instance.worker(i).writer_counters().committed;
    }
    return std::exchange(last, committed) < committed;
  };
}

std::function<bool(tasks::Instance&)> LatestIs(std::function<bool(const Checkpoint&)> reached) {
  return [reached = std::move(reached)](tasks::Instance& instance) {
    if (!instance.started()) return false;
    const std::shared_ptr<const Checkpoint> latest = instance.control().LatestCheckpoint();
    return latest != nullptr && reached(*latest);
  };
}

}  // namespace

std::vector<CrashPoint> CommitPoints(bool exactly_once) {
  std::vector<CrashPoint> points = {
      {"producer initialising", WriterIs(WriterState::kInitializing)},
      {"transaction open", WriterIs(WriterState::kOpen)},
      {"flushing", WriterIs(WriterState::kFlushing)},
      {"committed, not applied", HasCommitted()},
      {"committed and applied", HasCommitted(), /*lose_unflushed=*/false},
      {"opening a task", [](tasks::Instance& instance) { return !instance.registry().idle(); }},
      {"restoring", [](tasks::Instance& instance) {
         return instance.registry().Progress().remaining_records > 0;
       }},
  };
  if (exactly_once) {
    points.push_back({"sending offsets", WriterIs(WriterState::kSendingOffsets)});
    points.push_back({"committing", WriterIs(WriterState::kCommitting)});
  } else {
    points.push_back({"committing offsets", WriterIs(WriterState::kCommittingOffsets)});
  }
  return points;
}

std::vector<CrashPoint> CheckpointPoints() {
  const auto undecided = [](const Checkpoint& c) { return c.undecided(); };
  const auto cut = [](const Checkpoint& c) { return c.stage == CheckpointStage::kCut; };
  return {
      {"begun", LatestIs([=](const Checkpoint& c) { return undecided(c) && c.cuts.empty(); })},
      {"some are cut", LatestIs([=](const Checkpoint& c) {
         return undecided(c) && !c.cuts.empty() && c.Uncut();
       })},
      {"all are cut", LatestIs([=](const Checkpoint& c) { return undecided(c) && !c.Uncut(); })},
      {"decided", LatestIs([=](const Checkpoint& c) { return cut(c) && c.stored.empty(); })},
      {"some are stored", LatestIs([=](const Checkpoint& c) {
         return cut(c) && !c.stored.empty() && c.stored.size() < c.cuts.size();
       })},
      {"all are stored", LatestIs([=](const Checkpoint& c) {
         return cut(c) && c.stored.size() == c.cuts.size();
       })},
  };
}

std::vector<CrashPoint> AllCrashPoints(bool exactly_once) {
  std::vector<CrashPoint> points = CommitPoints(exactly_once);
  for (CrashPoint& point : CheckpointPoints()) points.push_back(std::move(point));
  return points;
}

void PointKiller::Look(SimulatedCluster& cluster) {
  for (size_t i = 0; i < watched_.size(); ++i) {
    Watched& watched = watched_[i];
    if (cluster.instance(i) == nullptr) continue;
    const bool now = watched.point.reached(*cluster.instance(i));
    const bool arrived = !std::exchange(watched.inside, now) && now;
    if (!arrived || !cluster.random().OneIn(one_in_)) continue;
    watched.inside = false;
    if (watched.point.lose_unflushed) {
      cluster.KillInstanceLosingUnflushed(i);
    } else {
      cluster.KillInstance(i);
    }
  }
}

}  // namespace sidestream::simulation
