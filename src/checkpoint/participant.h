// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Participant: what a checkpoint asks of one running task, and what the task owes before it may go
// on. Pure; model: proctype Worker, whose variables are in brackets.
//
//              BEGIN read                CUT committed
//   kFree ───────────────▶ kWantsCut ─────────────────▶ kPaused
//     ▲                        │                           │ the pause lasts too long
//     │   decided (DONE,       │   a CUT of an earlier     ▼
//     ├── REVOKE, ABORT) ◀─────┴── owner is read ───▶ kMustRevoke
//     └──────────────────────────────── REVOKE committed ──┘
//
// Invariants
//  C1. In every stage but kFree the task takes no record, no timer and no mark, and in kPaused it is
//      part of no transaction (model: !paused && !want).
//  C2. From kMustRevoke the way to the next output leads over a committed REVOKE or a decision.
//      Stricter than the model, which lets REVOKE be the first record of the transaction with the
//      outputs: here it has its own, so that no order between partitions matters.
//  C3. A task that is opened has read the control topic to the log end it had after the task's
//      offsets were stable (model: hw; mutant MUT_NOHW): an earlier owner's CUT is known by then.
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

class Participant {
 public:
  enum class Stage { kFree, kWantsCut, kPaused, kMustRevoke };

  /// `life`: as its CUT will carry it. `pause_max`: how long the task waits for a decision.
  Participant(TaskId task, uint64_t life, Milliseconds pause_max)
      : task_(std::move(task)), life_(life), pause_max_(pause_max) {}

  /// Takes what the control topic says now (model: readall()). `hold`: the application stops at the
  /// checkpoint, so a task stays paused behind DONE.
  void Read(const Checkpoint& latest, bool hold, MonotonicTime now);

  Stage stage() const { return stage_; }
  bool free() const { return stage_ == Stage::kFree; }
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
  const Milliseconds pause_max_;
  Stage stage_ = Stage::kFree;
  CheckpointNumber number_;
  MonotonicTime held_since_{};
  MonotonicTime paused_at_{};
  /// REVOKE of number_ is committed: nothing more is owed to it.
  bool revoked_ = false;
};

}  // namespace sidestream::checkpoint
