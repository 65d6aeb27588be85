// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The records of the control topic that a checkpoint is made of. Format:
// docs/formats/control-record.md. A checkpoint's outcome follows from the order in which they stand
// (checkpoint/outcome.h), which is why the key of each names checkpoint, kind and writer: compaction
// must not put a later record in the place of an earlier one.
// Persistent: do not renumber.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"

namespace sidestream::checkpoint {

/// 1, 2, 3, … in the order of the BEGIN records of an application.
using CheckpointNumber = TypedInt64<struct CheckpointNumberTag>;

/// Tasks 0 to `tasks` - 1 of a sub-topology.
struct TaskGroup {
  std::string anchor_topic;
  int32_t tasks = 0;
  friend bool operator==(const TaskGroup&, const TaskGroup&) = default;
};

/// Leader: every task is to commit with a CUT and to pause.
struct BeginRecord {
  CheckpointNumber number;
  /// Somebody asked for it and gave it a name; else it is a periodic one.
  bool savepoint = false;
  /// The application stops once it is complete: no task goes on behind its cut.
  bool stop = false;
  /// A task is not cut before it has read what earlier tasks wrote to it, up to the ends that LEVEL
  /// names: no records are in flight then.
  bool drain = false;
  /// Of the REQUEST that this answers; 0: none.
  uint64_t request = 0;
  std::string name;
  /// Where it is stored; empty: where the application's checkpoints lie.
  std::string location;
  uint64_t plan_hash = 0;
  Timestamp at;
  std::vector<TaskGroup> groups;
  friend bool operator==(const BeginRecord&, const BeginRecord&) = default;
};

/// Where an input stood at the cut, as it was committed with it.
struct CutInput {
  TopicPartition partition;
  Offset position;
  /// The commit stamp, as the group keeps it.
  std::string stamp;
  friend bool operator==(const CutInput&, const CutInput&) = default;
};
/// A store of the task, by what its bytes mean. Its changelog position lies in the image.
struct CutStore {
  std::string name;
  uint64_t fingerprint = 0;
  friend bool operator==(const CutStore&, const CutStore&) = default;
};
/// Task: committed at these positions, in the same transaction as this record (at least once: before
/// it), and paused since.
struct CutRecord {
  CheckpointNumber number;
  TaskId task;
  /// Drawn when the task was opened: tells owners of the same task apart.
  uint64_t life = 0;
  CommitSequence sequence;
  std::vector<CutInput> inputs;
  std::vector<CutStore> stores;
  /// Name of the instance that has the image.
  std::string instance;
  friend bool operator==(const CutRecord&, const CutRecord&) = default;
};
/// Task: goes on although the checkpoint is undecided. Committed before its next output.
struct RevokeRecord {
  CheckpointNumber number;
  TaskId task;
  uint64_t life = 0;
  friend bool operator==(const RevokeRecord&, const RevokeRecord&) = default;
};

/// Behind what was written to a repartition partition before its writers were cut.
struct CutEnd {
  TopicPartition partition;
  Offset end;
  friend bool operator==(const CutEnd&, const CutEnd&) = default;
};
/// Leader: all tasks were cut, and quiet while these ends were read.
struct DoneRecord {
  CheckpointNumber number;
  std::vector<CutEnd> ends;
  /// What the group keeps of inputs that no task read, as another version of the topology left it.
  std::vector<CutInput> unread;
  friend bool operator==(const DoneRecord&, const DoneRecord&) = default;
};
/// Leader: before DONE no cut; behind it a cut that is not kept.
struct AbortRecord {
  CheckpointNumber number;
  std::string why;
  friend bool operator==(const AbortRecord&, const AbortRecord&) = default;
};
/// Task's owner at the cut: its part lies in the location, or cannot be stored.
struct StoredRecord {
  CheckpointNumber number;
  TaskId task;
  uint64_t life = 0;
  /// Name of the part in the location; empty: `failure` says why there is none.
  std::string part;
  std::string digest;
  int64_t bytes = 0;
  std::string failure;
  friend bool operator==(const StoredRecord&, const StoredRecord&) = default;
};
/// Leader: the checkpoint can be used.
struct CompleteRecord {
  CheckpointNumber number;
  std::string manifest;
  int64_t bytes = 0;
  Timestamp at;
  friend bool operator==(const CompleteRecord&, const CompleteRecord&) = default;
};

/// Leader, of a checkpoint that drains: all tasks of this level and of those below were cut, and
/// what they wrote to these repartition partitions, which nobody else writes, ends here. Level 0
/// reads sources only; the others are one above the highest that writes to them.
struct LevelRecord {
  CheckpointNumber number;
  int32_t level = 0;
  std::vector<CutEnd> ends;
  friend bool operator==(const LevelRecord&, const LevelRecord&) = default;
};

/// Anybody: asks for a savepoint. Answered by BEGIN records with its id, or REFUSED.
struct RequestRecord {
  uint64_t id = 0;
  std::string name;
  std::string location;
  bool stop = false;
  /// Written as a kind of its own: a leader that cannot drain is not to take one that is not.
  bool drain = false;
  friend bool operator==(const RequestRecord&, const RequestRecord&) = default;
};
/// Leader: there will be no BEGIN (any more) for the request.
struct RefusedRecord {
  uint64_t id = 0;
  std::string why;
  friend bool operator==(const RefusedRecord&, const RefusedRecord&) = default;
};
/// The application was started from this savepoint.
struct OriginRecord {
  std::string location;
  std::string name;
  friend bool operator==(const OriginRecord&, const OriginRecord&) = default;
};

using CheckpointRecord =
    std::variant<BeginRecord, CutRecord, RevokeRecord, DoneRecord, AbortRecord, StoredRecord,
                 CompleteRecord, RequestRecord, RefusedRecord, OriginRecord, LevelRecord>;

/// First kind of these records and the one behind the last; in the order of CheckpointRecord, save
/// that a REQUEST that asks to drain has the last kind.
inline constexpr uint8_t kCheckpointKindFirst = 6;
inline constexpr uint8_t kDrainRequestKind = 17;
inline constexpr uint8_t kCheckpointKindEnd = 18;

uint8_t KindOf(const CheckpointRecord& record);
std::string KeyOf(const CheckpointRecord& record);
void EncodeBody(const CheckpointRecord& record, ByteWriter& out);
/// Requires a kind of ours. Meaningless when `in` is not ok() afterwards.
CheckpointRecord DecodeCheckpointBody(uint8_t kind, ByteReader& in);

}  // namespace sidestream::checkpoint
