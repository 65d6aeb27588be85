// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Timers of a `process` step: one per key and name, in event time or by the wall clock; setting one
// again moves it. They are rows of the step's store, so they are restored and moved with it.
// Internal to operators/process.
//
// Persistent: docs/formats/process-rows.md.
//
// Threading: confined to the task's worker.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "operators/due_index.h"
#include "operators/expiry.h"
#include "operators/process/process_row.h"
#include "statestore/key_value_store.h"

namespace sidestream::operators {

class Timers {
 public:
  struct Timer {
    Timestamp time;
    std::string key;  // as in the store
    std::string name;
  };

  Timers();

  Status Set(TimeDomain domain, std::string_view key, std::string_view name, Timestamp time,
             statestore::KeyValueStore& rows);
  Status Cancel(std::string_view key, std::string_view name, statestore::KeyValueStore& rows);

  /// Takes the first timer that is due at `now` out of the store; empty: none is. Those of one time
  /// come in the order of their keys and names.
  Result<std::optional<Timer>> TakeDue(TimeDomain domain, Timestamp now,
                                       statestore::KeyValueStore& rows);

  /// When the last timer in event time is due; empty: none is set.
  Result<std::optional<Timestamp>> LastEventTime(statestore::KeyValueStore& rows) const {
    return event_.Last(rows);
  }
  /// Takes all timers in event time out of the store.
  Status DropEventTimers(statestore::KeyValueStore& rows);

  /// No timer is due before this by the wall clock; empty: none is set.
  std::optional<Timestamp> NextByClock() const { return wall_.next(); }
  bool MayBeDue(TimeDomain domain, Timestamp now) const { return index(domain).MayBeDue(now); }
  void Restart();

 private:
  const DueIndex& index(TimeDomain domain) const {
    return domain == TimeDomain::kWall ? wall_ : event_;
  }
  DueIndex& index(TimeDomain domain) { return domain == TimeDomain::kWall ? wall_ : event_; }
  void MakeRow(std::string_view key, std::string_view name);
  /// Takes the timer of row_ out, and says what it was; empty: it is not set.
  Result<std::optional<TimerRow>> Remove(statestore::KeyValueStore& rows);

  DueIndex event_;
  DueIndex wall_;
  // Due entries that were read ahead; dropped when a timer is set or cancelled.
  std::vector<DueIndex::Entry> ahead_;
  size_t next_ = 0;
  TimeDomain ahead_domain_ = TimeDomain::kEvent;
  std::string row_;
  std::string value_;
};

}  // namespace sidestream::operators
