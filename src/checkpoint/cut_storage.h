// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// CutStorage: port between the checkpoint protocol and whoever keeps what was cut (src/snapshot). One
// object per instance.
//
// Place in the flow
//   worker:      CUT committed and applied ──▶ TakeImage()          the task is paused meanwhile
//   participant: DONE read                 ──▶ Store()  ──▶ PartStored       ──▶ STORED
//   leader:      every task STORED         ──▶ Complete() ──▶ CheckpointCompleted ──▶ COMPLETE
//   everybody:   REVOKE or ABORT read      ──▶ Forget()
//
// Invariants
//  P1. An image is the task's state as of its CUT: it is taken before the task's next transaction
//      (model: I1). No image, no Store(); a checkpoint lacking a part is never completed.
//  P2. What Store() copies of repartition topics lies between the reader's position in its CUT and
//      the end in DONE (model: I2, I3); nothing of it is purged before STORED is read.
//  P3. Nothing of a checkpoint can be listed or restored before Complete() has succeeded.
//
// Threading: TakeImage() on the thread of the task, for different tasks on several threads at once;
// all else on one thread (the instance's background) and never waiting for a disk or a network.

#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/status.h"
#include "checkpoint/checkpoint_record.h"

namespace sidestream::statestore {
class TaskState;
}

namespace sidestream::checkpoint {

/// What a task hands over to be stored.
struct TaskPart {
  BeginRecord begin;
  CutRecord cut;
  /// Of the repartition partitions that the task reads: records from its position in `cut` up to the
  /// end belong to the part.
  std::vector<CutEnd> ends;
};

/// A checkpoint of which every part is stored.
struct StoredCut {
  std::string application_id;
  std::string plan_text;
  BeginRecord begin;
  DoneRecord done;
  /// One for each task, in the same order.
  std::vector<CutRecord> cuts;
  std::vector<StoredRecord> parts;
};

/// Answer to Store().
struct PartStored {
  CheckpointNumber number;
  TaskId task;
  /// Not ok: there is no part, and the checkpoint fails.
  Status status;
  std::string part;
  std::string digest;
  int64_t bytes = 0;
};
/// Answer to Complete().
struct CheckpointCompleted {
  CheckpointNumber number;
  Status status;
  std::string manifest;
  int64_t bytes = 0;
};
using StorageAnswer = std::variant<PartStored, CheckpointCompleted>;

class CutStorage {
 public:
  virtual ~CutStorage() = default;

  /// Fixes the state of a task as it is now, so that the task may go on. `state` is null where the
  /// task has none. Takes the place of an older image of the same checkpoint and task.
  virtual Status TakeImage(CheckpointNumber number, const TaskId& task,
                           statestore::TaskState* state, Timestamp now) = 0;

  /// Begins to store a task whose image was taken here. PartStored answers.
  virtual void Store(TaskPart part) = 0;
  /// Begins to write what makes the checkpoint usable, and drops periodic ones that are older than
  /// those retained. CheckpointCompleted answers.
  virtual void Complete(StoredCut cut) = 0;
  /// The checkpoint has failed: drops images, gives up what is under way (which is not answered) and
  /// may delete parts. Also of a checkpoint that is not known here.
  virtual void Forget(CheckpointNumber number) = 0;

  /// Answers since the last call.
  virtual std::vector<StorageAnswer> Poll() = 0;
};

}  // namespace sidestream::checkpoint
