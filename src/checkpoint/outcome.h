// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What became of a checkpoint: a function of the order in which its records stand on the control
// topic, so that leader, tasks and commands see the same whatever they remember or did themselves
// (model: readall(); invariant I4). Pure: no clock, no Kafka.
//
//   BEGIN ─▶ kUndecided ─ REVOKE ─▶ kRevoked
//                │ ├───── ABORT ──▶ kAborted
//                └─DONE ─▶ kCut ─ ABORT ─▶ kFailed
//                            └── COMPLETE ─▶ kComplete
//
// Records that come too late for their stage change nothing.

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "checkpoint/checkpoint_record.h"

namespace sidestream::checkpoint {

enum class CheckpointStage { kUndecided, kRevoked, kAborted, kCut, kFailed, kComplete };

std::string_view StageName(CheckpointStage stage);

/// One checkpoint as its records up to now say.
struct Checkpoint {
  BeginRecord begin;
  CheckpointStage stage = CheckpointStage::kUndecided;
  /// The first of each task.
  std::map<TaskId, std::shared_ptr<const CutRecord>> cuts;
  /// Of one that drains: levels whose ends are fixed, and where readers of theirs are to come
  /// before they are cut.
  int32_t levels = 0;
  std::map<TopicPartition, Offset> drain_to;
  DoneRecord done;
  /// Of those that were cut.
  std::map<TaskId, StoredRecord> stored;
  CompleteRecord complete;
  /// Why it came to nothing.
  std::string why;

  CheckpointNumber number() const { return begin.number; }
  /// Tasks pause, or did and may not yet know how it ended.
  bool undecided() const { return stage == CheckpointStage::kUndecided; }
  /// Nothing more will come of it.
  bool finished() const {
    return stage != CheckpointStage::kUndecided && stage != CheckpointStage::kCut;
  }
  bool Includes(const TaskId& task) const;
  /// The first task that has no CUT, or none.
  std::optional<TaskId> Uncut() const;
  size_t task_count() const;
  /// What the task's owner at the cut reads on, as long as its part is not stored: nothing of the
  /// partition from here on may be purged (model: PURGE). Empty: no limit.
  std::optional<Offset> NeededFrom(const TopicPartition& input) const;
};

/// A request for a savepoint that is not answered for good.
struct SavepointRequest {
  RequestRecord record;
  Timestamp asked_at;
  /// BEGIN records that answered it.
  int attempts = 0;
  /// Why the last one came to nothing.
  std::string why;
};

/// Reads the records in their order.
class CheckpointHistory {
 public:
  /// `written_at`: the time of the record.
  void Apply(const CheckpointRecord& record, Timestamp written_at);
  /// A record's key was deleted.
  void Erase(std::string_view key) { outdated_.erase(std::string(key)); }

  /// The newest; null: there was none. At most one is unfinished, and it is the newest: the leader
  /// begins none before (I5).
  const Checkpoint* latest() const { return latest_ ? &*latest_ : nullptr; }
  const std::map<uint64_t, SavepointRequest>& requests() const { return requests_; }
  /// Keys of records that nobody needs once the newest checkpoint has begun.
  std::vector<std::string> OutdatedKeys() const { return {outdated_.begin(), outdated_.end()}; }
  const std::optional<OriginRecord>& origin() const { return origin_; }

 private:
  void Begin(const BeginRecord& begin);
  void Take(const CutRecord& cut);
  void Take(const RevokeRecord& revoke);
  void Take(const DoneRecord& done);
  void Take(const LevelRecord& level);
  void Take(const AbortRecord& abort);
  void Take(const StoredRecord& stored);
  void Take(const CompleteRecord& complete);
  Checkpoint* Of(CheckpointNumber number, CheckpointStage stage);
  void Answer(uint64_t request);

  std::optional<Checkpoint> latest_;
  std::set<std::string> keys_;
  std::set<std::string> outdated_;
  std::map<uint64_t, SavepointRequest> requests_;
  std::optional<OriginRecord> origin_;
};

}  // namespace sidestream::checkpoint
