// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Expiry: takes rows with a ttl out of a store once their time is over. Deletes are writes of the
// open transaction, so the changelog has them as tombstones and a restore brings nothing back.
// Internal to operators.
//
// A row is entered when it is made, at the earliest time at which it can end. A row that lives
// longer (it was written again) is found out when that time has come, and entered anew: so an
// update costs its own row and nothing beside it. Whether a row still counts is decided by whoever
// reads it, from the time in the row: here it only matters when the bytes go.
//
// Bounded: a commit carries at most kRowsMin deletes and two for each row that it entered, so that
// what ends keeps up with what comes, and no commit is held up by what ends at once.
//
// Invariants
//  E1. Each row with a ttl has an entry that is due no later than the row's end. Entries without a
//      row are legal: their row was deleted before its time.
//
// Threading: confined to the task's worker.

#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/ids.h"
#include "base/status.h"
#include "operators/due_index.h"
#include "statestore/key_value_store.h"

namespace sidestream::operators {

/// Which clock a ttl or a timer goes by. Persistent: do not renumber.
enum class TimeDomain : uint8_t { kEvent = 0, kWall = 1 };

/// `time` + `length`, at most the end of time.
Timestamp LaterBy(Timestamp time, int64_t length_ms);

/// The watermark as far as it ends what has a ttl: the end of all inputs ends nothing.
inline Timestamp EndsBy(Timestamp watermark) {
  return watermark == kEndOfTime ? kNoWatermark : watermark;
}

class Expiry {
 public:
  static constexpr size_t kRowsMin = 1000;

  /// Says when the row of `key` ends, or empty when it is not there (any more): a row that ends at
  /// or before `now` is deleted by the callee, who then says empty.
  using Look = std::function<Result<std::optional<Timestamp>>(std::string_view key, Timestamp now)>;

  /// `prefix` as of DueIndex.
  explicit Expiry(std::string_view prefix) : index_(prefix) {}

  /// A row of `key` was made and cannot end before `end`.
  void Enter(Timestamp end, std::string_view key, statestore::KeyValueStore& store) {
    index_.Add(end, key, store);
    ++entered_;
  }

  /// Looks at the rows whose time may be over at `now`, as far as the commit's bound allows.
  Status Run(Timestamp now, const Look& look, statestore::KeyValueStore& store);

  /// Whether Run(now) would do something.
  bool HasWork(Timestamp now) const { return done_ < bound() && index_.MayBeDue(now); }
  /// The same at a watermark. While it is not known nothing has ended.
  bool HasEventWork(Timestamp watermark) const {
    return EndsBy(watermark) != kNoWatermark && HasWork(watermark);
  }
  /// When Run() by the wall clock has something to do; what ends goes in groups of a second.
  std::optional<Timestamp> NextByClock() const;

  /// What is bounded per commit begins anew.
  void Committed() { entered_ = done_ = 0; }
  /// Forgets what is in memory.
  void Restart() {
    index_.Forget();
    Committed();
  }

 private:
  size_t bound() const { return kRowsMin + 2 * entered_; }

  DueIndex index_;
  size_t entered_ = 0;
  size_t done_ = 0;
};

}  // namespace sidestream::operators
