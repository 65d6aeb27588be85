// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// ApplicationChange: what starting a topology does to the application as it lives in the cluster:
// its steps, its state, its topics, and its instances that still run. `plan` prints it, `run` refuses
// by it, in the same words (change_report.h).
//
// Place in the flow: behind CheckStart(). Reads the control topic, committed offsets and the ends of
// changelogs; changes nothing.
//
// Threading: confined to the command's thread.

#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "app/startup_check.h"
#include "app/waiting.h"
#include "base/status.h"
#include "checkpoint/control_record.h"
#include "kafka/cluster.h"
#include "topology/loader.h"

namespace sidestream::app {

/// What becomes of a store.
enum class Fate {
  kKept,      // goes on as it is
  kMigrated,  // fields come or go, the others keep what they hold
  kNew,
  kReplaced,  // its bytes mean something else now: the old state goes, the step begins without
  kDropped,   // its step is gone
  kOrphaned,  // was dropped earlier, or nobody knows it; its changelog is still there
};
std::string_view FateName(Fate fate);

struct StoreFate {
  std::string store;
  std::string changelog;
  Fate fate = Fate::kKept;
  std::string reason = {};
  /// State is lost with it.
  bool loses = false;
  /// What its changelog holds, at most, and about: what an instance without a disk restores.
  int64_t records = 0;
  int64_t bytes = 0;
};

enum class StepChange { kSame, kChanged, kNew, kGone };

struct StepFate {
  std::string name;  // topology::StepPrint
  StepChange change = StepChange::kSame;
};

/// A topic of ours that no step has any more.
struct LeftTopic {
  std::string topic;
  /// Of a repartition topic: records that nobody would ever process.
  int64_t unread = 0;
};

struct ApplicationChange {
  std::string application;
  /// Nothing is recorded of it: it never ran.
  bool first_start = false;
  std::vector<StepFate> steps;
  std::vector<StoreFate> stores;
  std::vector<std::string> topics_to_create;
  std::vector<LeftTopic> left_topics;
  /// Topics of ours that it has worked with and that were deleted since, with what they held.
  std::vector<std::string> lost_topics;
  /// Instances of it that are members of the group now.
  size_t members = 0;
  /// Why they have to be stopped first; empty: a rolling update is safe.
  std::vector<std::string> stop_first;

  /// Anything but kKept, kOrphaned and kSame, or a topic to create.
  bool differs() const;
  /// What would be lost, a sentence each.
  std::vector<std::string> Losses() const;
  std::set<std::string> Stores(Fate fate) const;
};

/// The steps as they are recorded.
std::vector<checkpoint::PlannedStep> PlannedSteps(const topology::LoadedTopology& loaded);

/// Says how much the changelogs of stores hold that go on. Fails as CheckStart().
Status MeasureRestore(const StartReport& report, kafka::Cluster& cluster, kafka::Admin& admin,
                      Waiting& waiting, const Patience& patience, ApplicationChange& change);

/// Requires `report.plan`. Measures nothing. Fails as CheckStart().
Result<ApplicationChange> FindChange(const topology::LoadedTopology& loaded,
                                     const StartReport& report, kafka::Cluster& cluster,
                                     kafka::Admin& admin, Waiting& waiting,
                                     const Patience& patience);

}  // namespace sidestream::app
