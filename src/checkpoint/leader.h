// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Leader: writes the application's decisions to the control topic while this instance owns
// its only partition. Fenced by the transactional id "<app>-leader", which is why its
// transactions may do without offsets (the one exception to R3).
//
//   kResting ──▶ kInitializing ──▶ kReading (control log caught up) ──▶ kLeading ⇄ kWriting
//      any ──▶ kResting (the partition was taken, or fenced: another leads)
//
// While leading: the layout of each store, before tasks with it start. One that is recorded with
// another layout is recorded anew when nothing is lost with it, or somebody agreed; else the
// instance ends (exit 78). An instance that has a store which nobody recorded, because the leader
// is of a version without it, leads for as long as it takes to write that down.
// Leading or not, an instance ends whose layout was the recorded one and is no more: another
// version of the application has taken over. The plan once when it differs from the
// recorded one; end positions of each bounded input once, before tasks start; ADOPTED(topic, id)
// once every partition of a source has a committed, stamped offset; FINISHED once every source is
// bounded, every committed offset has reached its end, and every repartition partition is
// committed to its log end. What it decides of checkpoints: checkpoint/conductor.h.
//
// Invariant: after a write nothing is decided before it has been read back (model: rd>=hw).
//
// Threading: Step() on one thread; StartLeading(), StopLeading(), leading() and failure() from any.

#pragma once

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "checkpoint/conductor.h"
#include "checkpoint/control_log.h"
#include "checkpoint/control_record.h"
#include "kafka/cluster.h"

namespace sidestream::checkpoint {

/// An input of the application as the leader sees it.
struct LedInput {
  std::string topic;
  int32_t partitions = 0;
  bool repartition = false;
  bool bounded = false;
};

/// A store of the application, by what its bytes mean.
struct LedStore {
  std::string name;
  StoreLayout layout;
};

struct LeaderOptions {
  std::string application_id;
  std::string client_id;
  std::string control_topic;
  uint64_t plan_hash = 0;
  std::string plan_text;
  std::vector<PlannedStep> plan_steps;
  /// What was agreed to: fields may be removed; stores whose changelog was emptied for their new
  /// layout; stores that left the topology.
  bool may_lose_state = false;
  std::set<std::string> emptied_stores;
  std::set<std::string> dropped_stores;
  std::vector<LedInput> inputs;
  std::vector<LedStore> stores;
  /// How often offsets are looked at for ADOPTED and FINISHED.
  Milliseconds look_interval{1'000};
  Milliseconds transaction_timeout{10'000};
  /// application_id, plan_hash and plan_text are filled in.
  ConductorOptions checkpoints;
};

class Leader {
 public:
  /// `cluster`, `admin`, `log`, `keeper` and `clock` are borrowed and outlive the leader.
  Leader(kafka::Cluster& cluster, kafka::Admin& admin, const ControlLog& log, PartKeeper& keeper,
         const Clock& clock, LeaderOptions options);
  ~Leader();

  void StartLeading();
  void StopLeading();
  void Step();
  /// The control topic was read to its end and decisions are taken here.
  bool leading() const;
  const ConductorCounters& checkpoint_counters() const;
  /// Why leading is impossible (authorization); ok otherwise.
  Status failure() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sidestream::checkpoint
