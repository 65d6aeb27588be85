// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The seam between a task and the operators that run in it. Operators know neither tasks
// nor Kafka: they are given records, a context to act through, and nothing else. Hand-built
// operators implement TaskProgram too (simulation), so this header is a target of its own.
//
// Invariants
//  O1. A program keeps nothing of a transaction outside stores, save what Restart() drops.
//  O2. The same records in the same order give the same calls on the context (now() and
//      uuid() are flagged as non-deterministic by the language).
//  O3. A record is handled under the watermark before it; then the watermark moves. Between a first
//      run and its replay it differs by nothing but idleness and the wall clock. For a program it is
//      one number; each step keeps its own copy, so that what a step emits because of an advance
//      reaches the next step before that step's watermark moves.
//
// Threading: a TaskProgram is confined to its task's worker.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/header.h"
#include "base/ids.h"
#include "base/internal_record.h"
#include "base/status.h"
#include "statestore/key_value_store.h"

namespace sidestream::operators {

/// A record as it enters a sub-topology. All views are good until Process() returns.
struct InputRecord {
  /// Where it was read; behind a hop that carries the origin, where it came from first.
  std::string_view topic;
  Partition partition = 0;
  Offset offset;
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  /// Of the Kafka record; of a repartition record the event time that it carries.
  Timestamp timestamp;
  /// Of the Kafka record, also where a task puts the event time into `timestamp`; behind a hop the
  /// event time.
  Timestamp own_timestamp;
  /// Behind a hop: how a computed key was encoded (serde::KeyKind); 0: the stream's own bytes.
  uint8_t key_kind = 0;
  std::span<const Header> headers;
};

/// A record on its way out. `output` counts the outputs of the sub-topology's plan.
struct OutputRecord {
  size_t output = 0;
  std::optional<std::string_view> key;
  /// What the partition is chosen by, where that is not the key.
  std::optional<std::string_view> placed_by;
  std::optional<std::string_view> value;
  Timestamp timestamp;
  /// Into a repartition topic only, as InputRecord::key_kind.
  uint8_t key_kind = 0;
  /// Into a repartition topic only: where the record came from first, when the plan asks for it.
  std::optional<RecordOrigin> origin;
  std::span<const Header> headers;
};

class ProcessorContext {
 public:
  virtual ~ProcessorContext() = default;

  /// Store number `index` of the sub-topology's plan.
  virtual statestore::KeyValueStore& Store(size_t index) = 0;

  /// Adds a record to the open transaction; bytes are copied. The partition is murmur2 of the
  /// key; a record without key keeps the partition number of the record that it came from,
  /// modulo the count. kBadRecord: the output topic would refuse it (size, timestamp), nothing
  /// was produced and the step's production policy decides. kInvalidConfig: the broker lets this
  /// application write nothing there; of a user's topic the policy decides, too. Anything else
  /// goes up unchanged.
  virtual Status Produce(const OutputRecord& record) = 0;

  /// Wall clock in epoch milliseconds.
  virtual Timestamp WallTime() const = 0;
  virtual uint64_t RandomBits() = 0;

  /// Counts a record that a step dropped: `step` and `reason` come from bounded sets.
  virtual void CountDropped(std::string_view step, std::string_view reason) = 0;
  /// Counts a record that came too late for `step` to decide about it, and passed.
  virtual void CountLate(std::string_view /*step*/) {}
  /// Counts a dead letter, alike.
  virtual void CountDeadLetter(std::string_view step, std::string_view cause) = 0;
};

/// One sub-topology's operators for one task.
class TaskProgram {
 public:
  virtual ~TaskProgram() = default;

  /// Whether Ready() ever says kUnavailable; else it need not be asked.
  virtual bool MayWait() const { return false; }

  /// Whether `record` of input `input` can be taken now; asked before the calls below. Never
  /// blocks. kUnavailable: what it takes to read it is on its way (a schema); ask again later, the
  /// record and those behind it stay where they are. Any other error goes up unchanged.
  virtual Status Ready(size_t /*input*/, const InputRecord& /*record*/) { return Status::Ok(); }

  /// Event time of a record of input `input`: decides which input is taken next and what
  /// the commit stamp says. kBadRecord: unreadable; Process() will say so by its policy.
  virtual Result<Timestamp> EventTime(size_t input, const InputRecord& record) = 0;

  /// The watermark that a record of input `input` states itself: at or before it no more records are
  /// expected. Asked before Process(), of inputs whose stream says so.
  virtual std::optional<Timestamp> StatedWatermark(size_t /*input*/,
                                                   const InputRecord& /*record*/) {
    return std::nullopt;
  }

  /// Pushes one record through. ok also when a policy skipped it. kBadRecord: the policy is
  /// `fail`, the message names step, topic, partition and offset. Others go up unchanged.
  virtual Status Process(size_t input, const InputRecord& record, ProcessorContext& context) = 0;

  /// Lets go of results held for the commit (`emit: changes`). Called once per commit.
  virtual Status BeforeCommit(ProcessorContext& context) = 0;

  /// Whether a step waits for event time; asked once. Without one AdvanceEventTime() is not called,
  /// and a record costs nothing more.
  virtual bool FollowsEventTime() const { return false; }

  /// How long behind its last record, in event time, a task may still send what waits for the
  /// watermark alone; 0: it does not, as far as is known. Asked once.
  virtual int64_t ResultReach() const { return 0; }

  /// Event time has reached `watermark`: what is due fires, step by step. It never goes back, save
  /// by Restart(); kEndOfTime: all inputs have ended. Errors as Process().
  virtual Status AdvanceEventTime(Timestamp /*watermark*/, ProcessorContext& /*context*/) {
    return Status::Ok();
  }

  /// The wall clock has reached `now`: timers in processing time, results held for a while. Called
  /// when NextWallTime() is reached, and perhaps more often. Errors as Process().
  virtual Status AdvanceWallTime(Timestamp /*now*/, ProcessorContext& /*context*/) {
    return Status::Ok();
  }
  /// When AdvanceWallTime() has something to do next; empty: never, as things stand.
  virtual std::optional<Timestamp> NextWallTime() const { return std::nullopt; }

  /// At the task's start, and after an abort: forgets what was held since the last commit. The
  /// watermark of all steps is `watermark` (kNoWatermark: not known yet).
  virtual void Restart(Timestamp watermark) = 0;
};

/// Makes the programs of one sub-topology. Thread-safe.
class TaskProgramFactory {
 public:
  virtual ~TaskProgramFactory() = default;
  virtual Result<std::unique_ptr<TaskProgram>> New(Partition partition) = 0;
};

}  // namespace sidestream::operators
