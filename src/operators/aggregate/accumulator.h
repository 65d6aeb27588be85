// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Accumulator: what one aggregate call knows of one group. One class per family of functions;
// Accumulators (accumulators.h) drives them. Internal to operators/aggregate.
//
// Invariants
//  A1. A record folds wholly or not at all: Check() finds out everything that can fail and changes
//      nothing; Fold() cannot fail.
//  A2. The result is a function of the records, their timestamps and, among equal timestamps, their
//      order of arrival: never of the order in which records of different time came, nor of how
//      they were split into accumulators that were merged. (`fold` alone goes by arrival.)
//  A3. What is held is bounded (kStateBytesMax).
//
// Threading: confined to the task's worker.

#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/ids.h"
#include "base/status.h"
#include "operators/run_state.h"
#include "serde/value.h"
#include "topology/plan.h"

namespace sidestream::operators {

/// Bytes that the calls of one group may hold together: the row of a group has to fit into one
/// record of its changelog (1 MiB by Kafka's default), beside the result that was sent last.
inline constexpr size_t kStateBytesMax = 384u << 10;

/// What one call sees of one record.
struct CallInput {
  /// The condition holds, and no argument is null or none.
  bool counts = false;
  /// Arguments in the order of topology::AggregateCall::arguments.
  std::span<const serde::Value> values;
  /// All that the record's expressions see.
  std::span<const serde::Value> slots;
  Timestamp timestamp;
  /// What the group may still grow by.
  size_t bytes_left = 0;
  // From Check() to the Fold() behind it; what is used of it is the function's own affair.
  /// Where it goes among what is held; empty: nowhere.
  std::optional<size_t> place;
  /// It takes the place of an equal value.
  bool replaces = false;
  std::string value_bytes;
  std::string keys_bytes;
};

class Accumulator {
 public:
  virtual ~Accumulator() = default;

  /// As for a group without records.
  virtual void Clear() = 0;

  /// Whether `input`, which counts, can be folded in. Fails with kBadRecord and changes nothing
  /// but `input`.
  virtual Status Check(CallInput& input, RunState& run) = 0;
  /// Requires that Check(input) was the last call and went well.
  virtual void Fold(const CallInput& input, RunState& run) = 0;

  /// Takes over what `later`, of the same call, knows; among equal timestamps its records arrived
  /// later. Fails with kBadRecord, and has to be cleared or decoded then.
  virtual Status Merge(const Accumulator& later, RunState& run) = 0;

  /// Appends its bytes (docs/formats/aggregate-row.md).
  virtual void Encode(std::string& out) const = 0;
  /// False: these bytes are not ours; it has to be cleared or decoded again then.
  virtual bool Decode(std::string_view bytes) = 0;

  /// Points into this and into `arena`.
  virtual serde::Value CurrentResult(Arena& arena) const = 0;

  /// Whether the bytes of Encode() depend on the records by more than a few numbers.
  virtual bool may_grow() const { return false; }
  /// About those bytes, when they do.
  virtual size_t grown_bytes() const { return 0; }
};

/// `call` is borrowed.
std::unique_ptr<Accumulator> NewAccumulator(const topology::AggregateCall& call);

}  // namespace sidestream::operators
