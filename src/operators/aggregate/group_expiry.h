// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// GroupExpiry: the ttl of a running aggregate's groups. A group whose time is over is gone for the
// next record, which begins a new one; its row goes a little later (expiry.h), in the transaction.
// Internal to operators/aggregate.
//
// A record in event time finds the groups that have not ended at the larger of its timestamp and
// the watermark, so for records that are not late neither the watermark nor commits decide.
//
// Persistent: docs/formats/aggregate-row.md.
//
// Threading: confined to the task's worker.

#pragma once

#include <cstdint>
#include <optional>

#include "base/ids.h"
#include "base/status.h"
#include "operators/aggregate/group_table.h"
#include "operators/expiry.h"
#include "operators/run_state.h"
#include "statestore/key_value_store.h"
#include "topology/plan.h"

namespace sidestream::operators {

class GroupExpiry {
 public:
  /// A group whose result waits for the clock stays until it is out: it is looked at again after
  /// `held_ms`.
  GroupExpiry(const topology::Ttl& ttl, int64_t held_ms);

  /// What the clock of the ttl shows, for a record of `time`.
  Timestamp ClockOf(Timestamp time, Timestamp watermark, RunState& run) const;
  bool HasEnded(const Group& group, Timestamp now) const {
    return group.updated != kNoTimestamp && LaterBy(group.updated, ttl_.length_ms) <= now;
  }
  /// A record came to `group`; `counts`: a call has taken it in.
  void Renew(Group& group, bool counts, Timestamp now, statestore::KeyValueStore& store);

  /// Deletes rows of groups that have ended, within the commit's bound. Requires that no group is
  /// held in memory: their rows are not up to date.
  Status Run(Timestamp watermark, RunState& run, statestore::KeyValueStore& store);
  /// When Run() has something to do beside commits, at the latest.
  std::optional<Timestamp> NextWallTime(Timestamp watermark) const;

  void Committed() { ends_.Committed(); }
  void Restart() { ends_.Restart(); }

 private:
  const topology::Ttl ttl_;
  const int64_t held_ms_;
  Expiry ends_;
};

}  // namespace sidestream::operators
