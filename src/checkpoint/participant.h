// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Participant: what a checkpoint asks of one running task, and what the task owes before it may go
// on. Pure; model: proctype Worker, whose variables are in brackets.
//
//              BEGIN read                CUT committed
//   kFree ───────────────▶ kWantsCut ─────────────────▶ kPaused
//     ▲   │            ▲       │                           │ the pause lasts too long
//     │   └─▶ kDraining ┘      │   a CUT of an earlier     ▼
//     ├── decided (DONE,  ◀────┴── owner is read ───▶ kMustRevoke
//     │   REVOKE, ABORT)                                   │
//     └──────────────────────────────── REVOKE committed ──┘
//
// Of a checkpoint that drains every task begins in kDraining and goes on as if nothing were, until
// it has read its repartition inputs up to the ends that LEVEL records fix; a task without such
// inputs has done so from the start.
//
// Invariants
//  C1. In every stage but kFree and kDraining the task takes no record, no timer and no mark, and in
//      kPaused it is part of no transaction (model: !paused && !want).
//  C2. From kMustRevoke the way to the next output leads over a committed REVOKE or a decision.
//      Stricter than the model, which lets REVOKE be the first record of the transaction with the
//      outputs: here it has its own, so that no order between partitions matters.
//  C3. A task that is opened has read the control topic to the log end it had after the task's
//      offsets were stable (model: hw; mutant MUT_NOHW): an earlier owner's CUT is known by then.
//  C4. A CUT that an aborted transaction took back is not written again before what was read in that
//      transaction has been read anew.
//  C5. A task that BEGIN does not ask, since the leader is of a version of the topology without it,
//      revokes: what it goes on to write is in no cut.
//
// Threading: confined to the task's thread.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/ids.h"
#include "checkpoint/outcome.h"

namespace sidestream::checkpoint {

/// How long a task that is cut waits for a decision.
struct PauseLimits {
  Milliseconds usual{5'000};
  /// Where others drain meanwhile: above the time that the leader gives them.
  Milliseconds draining{65'000};
};

class Participant {
 public:
  enum class Stage { kFree, kDraining, kWantsCut, kPaused, kMustRevoke };

  /// `life`: as its CUT will carry it.
  Participant(TaskId task, uint64_t life, PauseLimits limits)
      : task_(std::move(task)), life_(life), limits_(limits) {}

  /// Takes what the control topic says now (model: readall()). `hold`: the application stops at the
  /// checkpoint, so a task stays paused behind DONE.
  void Read(const Checkpoint& latest, bool hold, MonotonicTime now);
  /// Whether the task's repartition inputs stand, uncommitted, where they are to end. Behind each
  /// Read() of a checkpoint that drains.
  void SetDrained(bool drained, MonotonicTime now);

  Stage stage() const { return stage_; }
  bool free() const { return stage_ == Stage::kFree; }
  bool draining() const { return stage_ == Stage::kDraining; }
  /// Of number(): no records are to be in flight.
  bool drains() const { return drains_; }
  /// The task takes no records because of the checkpoint.
  bool held() const { return !free() && !draining(); }
  bool paused() const { return stage_ == Stage::kPaused; }
  bool wants_cut() const { return stage_ == Stage::kWantsCut; }
  bool must_revoke() const { return stage_ == Stage::kMustRevoke; }
  /// Of the checkpoint that it is in; zero: none yet.
  CheckpointNumber number() const { return number_; }
  uint64_t life() const { return life_; }
  /// When the task stopped taking records for the checkpoint.
  MonotonicTime held_since() const { return held_since_; }

  /// The transaction with the CUT is committed (model: capp(K), paused=1).
  void CutCommitted(CheckpointNumber number, MonotonicTime now);
  /// The CUT may stand on the topic although the commit failed (at least once).
  void CutFailed(CheckpointNumber number);
  /// The transaction with the REVOKE is committed (model: mustrev=0, revd=0).
  void RevokeCommitted(CheckpointNumber number);

 private:
  const TaskId task_;
  const uint64_t life_;
  const PauseLimits limits_;
  Stage stage_ = Stage::kFree;
  CheckpointNumber number_;
  bool drains_ = false;
  MonotonicTime held_since_{};
  MonotonicTime paused_at_{};
  /// REVOKE of number_ is committed: nothing more is owed to it.
  bool revoked_ = false;
};

}  // namespace sidestream::checkpoint
