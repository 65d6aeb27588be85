// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "checkpoint/participant.h"

namespace sidestream::checkpoint {

void Participant::Read(const Checkpoint& latest, bool hold, MonotonicTime now) {
  if (latest.number() != number_) {
    // Model, B: want=1, paused=0, mustrev=0. The leader begins none while one is undecided.
    number_ = latest.number();
    drains_ = latest.begin.drain;
    revoked_ = false;
    stage_ = Stage::kFree;
    if (latest.undecided()) {
      stage_ = !latest.Includes(task_) ? Stage::kMustRevoke
               : drains_               ? Stage::kDraining
                                       : Stage::kWantsCut;
      held_since_ = now;
    }
  }
  if (!latest.undecided()) {
    // Model, REVOKE, DONE and ABORT: want=0, paused=0, mustrev=0.
    if (hold && stage_ != Stage::kPaused) held_since_ = now;
    stage_ = hold ? Stage::kPaused : Stage::kFree;
    return;
  }
  if (stage_ == Stage::kPaused) {
    // Model: paused && tmos<TMO -> paused=0, mustrev=1.
    if (now - paused_at_ >= (drains_ ? limits_.draining : limits_.usual))
      stage_ = Stage::kMustRevoke;
    return;
  }
  if (stage_ == Stage::kMustRevoke || revoked_) return;
  const auto cut = latest.cuts.find(task_);
  if (cut == latest.cuts.end() || cut->second->life == life_) return;
  // Model: sawcut -> mustrev=1. An earlier owner's image is not ours to store.
  if (!held()) held_since_ = now;
  stage_ = Stage::kMustRevoke;
}

/// Model, DRAIN: pos>=dend.
void Participant::SetDrained(bool drained, MonotonicTime now) {
  if (stage_ == Stage::kDraining && drained) {
    stage_ = Stage::kWantsCut;
    held_since_ = now;
  } else if (stage_ == Stage::kWantsCut && !drained) {
    stage_ = Stage::kDraining;
  }
}

void Participant::CutCommitted(CheckpointNumber number, MonotonicTime now) {
  if (number != number_) return;
  stage_ = Stage::kPaused;
  paused_at_ = now;
}

void Participant::CutFailed(CheckpointNumber number) {
  if (number == number_) stage_ = Stage::kMustRevoke;
}

void Participant::RevokeCommitted(CheckpointNumber number) {
  if (number != number_) return;
  revoked_ = true;
  stage_ = Stage::kFree;
}

}  // namespace sidestream::checkpoint
