// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Accumulators: what all calls of an aggregate know of one group: a key, or a key and a window,
// a session or a slice. Steps fold, merge and store through it and know no function.
//
// Usage, per record: AggregateArguments::Evaluate() once, then Fold() into each group that takes
// the record. Results: ResultOf(call), or AggregateResults (aggregate_results.h).
//
// Ownership: the calls are borrowed from the plan. An Accumulators owns its state.
//
// Threading: confined to the task's worker.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/ids.h"
#include "base/status.h"
#include "operators/aggregate/accumulator.h"
#include "operators/run_state.h"
#include "serde/value.h"
#include "topology/plan.h"

namespace sidestream::operators {

/// The arguments of all calls for one record.
class AggregateArguments {
 public:
  explicit AggregateArguments(std::span<const topology::AggregateCall> calls);

  /// Evaluates conditions and arguments. What Fold() reads is good while `slots` and the arena of
  /// `run` are. Fails with kBadRecord.
  Status Evaluate(std::span<const serde::Value> slots, RunState& run);
  /// Whether a call takes the record in.
  bool AnyCounts() const;

 private:
  friend class Accumulators;
  Status EvaluateCall(size_t index, std::span<const serde::Value> slots, RunState& run);

  const std::span<const topology::AggregateCall> calls_;
  std::vector<serde::Value> values_;  // of all calls
  std::vector<CallInput> inputs_;     // as calls_
};

class Accumulators {
 public:
  /// Empty. `calls` is borrowed.
  explicit Accumulators(std::span<const topology::AggregateCall> calls);

  /// Forgets all records.
  void Clear();

  /// Takes the record in whose arguments were evaluated last. Fails with kBadRecord, the message
  /// naming the call, and is as it was then.
  Status Fold(AggregateArguments& arguments, Timestamp timestamp, RunState& run);

  /// Takes in all records of `later`, an object of the same calls, which stays as it is. Where
  /// records of both have one timestamp, those of `later` arrived later. Fails with kBadRecord (a
  /// sum that overflows), and is as it was then.
  Status Merge(const Accumulators& later, RunState& run);

  /// How the calls of encoded accumulators are told apart.
  enum class Form : uint8_t {
    kByPlace,  // of older releases: the calls are those of today, in their order
    kById,     // by AggregateCall::id
  };

  /// Appends the state, by id: docs/formats/aggregate-row.md.
  void Encode(std::string& out) const;
  /// Replaces the state. By id, a call without bytes is empty, and bytes of calls that are no more
  /// are dropped. Fails with kTaskCorrupted and is empty then.
  Status Decode(std::string_view bytes, Form form = Form::kById);

  /// Points into this and into `arena`.
  serde::Value ResultOf(size_t call, Arena& arena) const {
    return all_[call]->CurrentResult(arena);
  }

  size_t size() const { return all_.size(); }
  /// About the bytes that it takes, for bounds.
  size_t held_bytes() const { return all_.size() * kObjectBytes + GrownBytes(); }

 private:
  bool DecodeInOrder(std::string_view bytes, Form form);
  bool DecodeById(std::string_view bytes);

  // What one accumulator costs beside the bytes that it grows by, about.
  static constexpr size_t kObjectBytes = 96;

  size_t GrownBytes() const {
    size_t bytes = 0;
    if (may_grow_) {
      for (const auto& one : all_) bytes += one->grown_bytes();
    }
    return bytes;
  }

  std::span<const topology::AggregateCall> calls_;
  std::vector<std::unique_ptr<Accumulator>> all_;  // as calls_
  bool may_grow_ = false;
};

}  // namespace sidestream::operators
