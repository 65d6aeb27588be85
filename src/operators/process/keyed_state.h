// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// KeyedState: the stores of a `process` step: a value, a list or a map per key, each element with
// a time of its own where the store has a ttl. Internal to operators/process.
//
// An element counts while its clock (event time or the wall clock, as the store says) stands before
// the time of its last update + ttl; from then on nobody sees it, whether its bytes are gone or not
// (expiry.h). An update never makes an element older.
//
// Persistent: docs/formats/process-rows.md.
//
// Threading: confined to the task's worker.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/ids.h"
#include "base/status.h"
#include "operators/expiry.h"
#include "operators/process/process_row.h"
#include "serde/value.h"
#include "statestore/key_value_store.h"
#include "topology/plan.h"

namespace sidestream::operators {

/// Both clocks, as one call sees them.
struct CallTime {
  Timestamp event;
  Timestamp wall;
};

class KeyedState {
 public:
  using Pairs = std::vector<std::pair<serde::Value, serde::Value>>;
  /// Of All(): what a call could take in.
  static constexpr size_t kElementsMax = 1'000'000;

  /// `stores` is borrowed.
  explicit KeyedState(const std::vector<topology::ProcessStore>& stores);

  /// The calls below are about the state of `key` at `time`, until the next Begin(). `rows` is
  /// borrowed as long.
  void Begin(std::string_view key, CallTime time, statestore::KeyValueStore& rows);

  /// As ScriptHost.
  Result<serde::Value> Get(size_t store, const serde::Value& key, Arena& arena);
  Status Put(size_t store, const serde::Value& key, const serde::Value& value);
  Status Delete(size_t store, const serde::Value& key);
  Status Append(size_t store, const serde::Value& value);
  Result<Pairs> All(size_t store, const serde::Value& from, const serde::Value& to, Arena& arena);

  /// Deletes what has ended at `now` of the clock of `domain`, within the commit's bound.
  Status Expire(TimeDomain domain, Timestamp now, statestore::KeyValueStore& rows);
  /// As Expiry.
  bool HasEventWork(Timestamp watermark) const { return event_.HasEventWork(watermark); }
  std::optional<Timestamp> NextByClock() const { return wall_.NextByClock(); }
  bool uses(TimeDomain domain) const;

  void Committed();
  void Restart();

 private:
  Timestamp NowOf(const topology::Ttl& ttl) const;
  std::string Prefix(size_t store) const;
  Status MakeRow(size_t store, const serde::Value& key);
  Status Write(size_t store, std::string_view row, std::string_view value);
  Status Refresh(size_t store, std::string_view row, const Element& element);
  bool Counts(size_t store, const Element& element) const;
  Result<uint64_t> NextListNumber();
  Result<std::optional<Timestamp>> Look(std::string_view row, Timestamp now,
                                        statestore::KeyValueStore& rows) const;

  const std::vector<topology::ProcessStore>& stores_;
  Expiry event_;
  Expiry wall_;
  std::string key_;
  CallTime time_;
  statestore::KeyValueStore* rows_ = nullptr;
  std::string row_;
  std::string encoded_;
  std::string value_;
};

}  // namespace sidestream::operators
