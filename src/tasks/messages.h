// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What the parts of an instance tell each other. Posted, never awaited.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "kafka/consumer.h"
#include "tasks/stream_task.h"

namespace sidestream::tasks {

/// The right to commit: the group's own metadata, taken by GroupMember only. A worker never
/// asks the library itself: the broker does not check ownership, so a newer generation than the
/// last event's would let it commit what another instance owns (recipe B3).
struct Permit {
  /// Null: there is no right to commit now.
  std::shared_ptr<const kafka::GroupMetadata> membership;
  /// Ours: one more at every event of the group.
  int64_t epoch = 0;
};

// ---- to a worker
struct StartTask {
  std::unique_ptr<StreamTask> task;
};
/// Stop at a record boundary, commit unless `lost`, close, answer TaskStopped.
struct StopTask {
  TaskId id;
  bool lost = false;
};
struct SetPermit {
  Permit permit;
};
/// Answer to CommitOffsets.
struct OffsetsCommitted {
  uint64_t token = 0;
  Status status;
};
using ToWorker = std::variant<StartTask, StopTask, SetPermit, OffsetsCommitted>;

// ---- to the group member
/// The worker's producer is initialised: what a predecessor left open is over.
struct WorkerReady {
  size_t worker = 0;
};
/// The worker dropped what it held of the task's partitions: forward and resume.
struct TaskReady {
  size_t worker = 0;
  TaskId id;
};
struct TaskStopped {
  TaskId id;
};
/// The worker closed the task dirty; open it again as at any start.
struct ReopenTask {
  TaskId id;
  Status why;
};
struct CommitOffsets {
  size_t worker = 0;
  uint64_t token = 0;
  std::vector<kafka::CommittedOffset> offsets;
};
struct PauseInput {
  TopicPartition partition;
};
struct ResumeInput {
  TopicPartition partition;
};
/// A task's bounded inputs are processed and committed.
struct TaskFinished {
  TaskId id;
};
/// The instance cannot go on.
struct InstanceFailed {
  Status status;
};
/// From the task registry: the task is restored and may run.
struct TaskOpened {
  uint64_t ticket = 0;
  std::unique_ptr<StreamTask> task;
};
/// From the task registry: the opening was given up, as asked.
struct OpeningCancelled {
  uint64_t ticket = 0;
};
using ToMember = std::variant<WorkerReady, TaskReady, TaskStopped, ReopenTask, CommitOffsets,
                              PauseInput, ResumeInput, TaskFinished, InstanceFailed, TaskOpened,
                              OpeningCancelled>;

// ---- to the task registry
struct OpenTask {
  uint64_t ticket = 0;
  TaskId id;
};
struct CancelOpening {
  uint64_t ticket = 0;
};
using ToRegistry = std::variant<OpenTask, CancelOpening>;

}  // namespace sidestream::tasks
