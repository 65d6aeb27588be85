// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Conductor: what the leader decides about checkpoints, from what the control topic says.
// Model: proctype Leader; steps are named in the .cc.
//
// Place in the flow: Leader asks it while leading and having read everything that it wrote itself
// (model: rd>=hw), and writes what it answers in one transaction.
//
// Invariants
//  L1. BEGIN only while no checkpoint is unfinished (I5).
//  L2. The ends in DONE are log ends (not last stable offsets), asked after every CUT was read
//      (model: e=rlen after cuts==7; mutant MUT_LSO_E).
//  L3. What an earlier leader began and did not decide is aborted; what it decided is finished.
//  L4. A checkpoint whose parts lie with an instance that has left the group for ten seconds fails.
//  L5. One that drains ends level after level: LEVEL says where what the level's tasks wrote ends,
//      asked after the CUT of each was read (model: LEVELCUT -> capp(L); mutants MUT_LSO_LEVEL,
//      MUT_LEVEL_EARLY). A CUT that has not come to these ends, as an earlier release makes it, is no
//      drained one.
//  L6. One with a task that another version of the topology cut, with other inputs or stores, fails:
//      what that version knows more, or less, would not be in it. So does one of another version's
//      tasks that no BEGIN of ours asks (checkpoint/participant.h, C5).
//  L7. What the group has committed of sources that no task reads belongs to the cut: another version
//      has processed them up to there, and what came of it is in states and outputs. Asked, like the
//      log ends, after every CUT was read: whoever reads them now is cut, or revokes.
//
// Threading: as Leader::Step().

#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "checkpoint/control_log.h"
#include "checkpoint/control_record.h"
#include "checkpoint/drain.h"
#include "checkpoint/part_keeper.h"
#include "kafka/admin.h"

namespace sidestream::checkpoint {

/// What the tasks of a group have by the plan.
struct PlannedTask {
  /// Topics, with their partitions.
  std::map<std::string, int32_t> inputs;
  std::set<std::string> stores;
};

struct ConductorOptions {
  std::string application_id;
  uint64_t plan_hash = 0;
  std::string plan_text;
  /// By the anchor of the group.
  std::map<std::string, PlannedTask> planned;
  /// The application's tasks, and what they read of each other.
  Drain drain;
  /// Between periodic checkpoints; 0: none.
  Milliseconds interval{0};
  /// From BEGIN to the last CUT. Below the time that tasks wait for a decision.
  Milliseconds cut_timeout{4'000};
  /// The same where tasks drain before they are cut. It is for once: who asked is told so.
  Milliseconds drain_timeout{60'000};
  /// From DONE to the last STORED, and to COMPLETE.
  Milliseconds store_timeout{600'000};
  /// By the stamp of a position that no task reads (L7): it is a source's. That of a hop means nothing
  /// without the records behind it, which nobody keeps, and its stamp names every upstream task.
  std::function<bool(std::string_view stamp)> is_of_source = [](std::string_view) { return true; };
};

/// What is to be written in one transaction.
struct ControlWrites {
  std::vector<ControlRecord> records;
  /// Records that nobody needs any more: deleted behind `records`.
  std::vector<std::string> outdated_keys;
  bool empty() const { return records.empty() && outdated_keys.empty(); }
};

/// Written by the stepping thread, read by any.
struct ConductorCounters {
  std::atomic<int64_t> complete{0};
  std::atomic<int64_t> failed{0};
};

class Conductor {
 public:
  /// `admin`, `log`, `keeper` and `clock` are borrowed and outlive the conductor.
  Conductor(kafka::Admin& admin, const ControlLog& log, PartKeeper& keeper, const Clock& clock,
            ConductorOptions options);

  /// This instance begins to lead (model: lrestart).
  void StartTerm();
  ControlWrites Step();
  /// Of those whose end was seen while leading.
  const ConductorCounters& counters() const { return counters_; }

 private:
  ControlWrites MaybeBegin(const Checkpoint* last);
  ControlWrites Begin(BeginRecord begin, const Checkpoint* last);
  ControlWrites Decide(const Checkpoint& checkpoint);
  bool IsAsPlanned(const TaskId& task, const CutRecord& cut) const;
  ControlWrites GiveUpWaiting(const Checkpoint& checkpoint, const TaskId& uncut);
  Milliseconds CutTimeoutOf(const Checkpoint& checkpoint) const;
  Result<std::optional<std::vector<CutEnd>>> AskEnds(const Checkpoint& checkpoint,
                                                     std::vector<TopicPartition> partitions);
  Result<bool> AskUnread(const Checkpoint& checkpoint);
  Status InTime(const Checkpoint& checkpoint, std::string_view what) const;
  ControlWrites Finish(const Checkpoint& checkpoint);
  std::optional<std::string> GoneInstance(const Checkpoint& checkpoint);
  ControlWrites Abort(const Checkpoint& checkpoint, std::string why);
  void NoteOutcome(const Checkpoint& last);

  kafka::Admin& admin_;
  const ControlLog& log_;
  PartKeeper& keeper_;
  const Clock& clock_;
  const ConductorOptions options_;

  /// Begun in this term.
  CheckpointNumber begun_;
  MonotonicTime begun_at_{};
  /// DONE was written or found.
  CheckpointNumber decided_;
  MonotonicTime decided_at_{};
  CheckpointNumber completing_;
  CheckpointNumber noted_;
  /// When the next periodic one is due; empty: to be found out.
  std::optional<MonotonicTime> due_at_;
  MonotonicTime not_before_{};
  kafka::Admin::Reply<std::vector<kafka::PartitionOffset>> ends_;
  kafka::Admin::Reply<std::vector<kafka::CommittedOffset>> offsets_;
  /// Of the checkpoint that is to be decided.
  std::optional<std::vector<CutInput>> unread_;
  kafka::Admin::Reply<kafka::GroupDescription> group_;
  MonotonicTime group_asked_at_{};
  /// Not in the group since then, by name.
  std::map<std::string, MonotonicTime> gone_since_;
  ConductorCounters counters_;
};

}  // namespace sidestream::checkpoint
