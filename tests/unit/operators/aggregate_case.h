// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// AggregateCase: one group of some aggregate calls whose arguments a test gives as values, without
// a topology.
//
// Threading: confined to the test's thread.

#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "expression/program.h"
#include "operators/aggregate/accumulators.h"
#include "operators/processor_context.h"
#include "operators/run_state.h"
#include "serde/value.h"
#include "topology/plan.h"

namespace sidestream::operators {

struct CallSpec {
  topology::AggregateFunction function = topology::AggregateFunction::kCount;
  size_t arguments = 1;
  int64_t limit = 0;
  double fraction = 0;
  uint32_t id = 0;
};

/// Of a run that neither reads nor writes anything.
class NoContext final : public ProcessorContext {
 public:
  statestore::KeyValueStore& Store(size_t) override { std::abort(); }
  Status Produce(const OutputRecord&) override { std::abort(); }
  Timestamp WallTime() const override { return Timestamp(0); }
  uint64_t RandomBits() override { return 0; }
  void CountDropped(std::string_view, std::string_view) override {}
  void CountDeadLetter(std::string_view, std::string_view) override {}
};

/// The value of one slot.
class SlotProgram final : public expression::Program {
 public:
  explicit SlotProgram(size_t slot) : slot_(slot) {}
  Result<serde::Value> Evaluate(std::span<const serde::Value> slots, expression::Environment&,
                                Arena&) const override {
    return slots[slot_];
  }
  Result<bool> Test(std::span<const serde::Value> slots, expression::Environment&,
                    Arena&) const override {
    return slots[slot_].bool_value();
  }
  std::optional<serde::Value> constant() const override { return std::nullopt; }
  const expression::Type& type() const override { return type_; }
  std::span<const int32_t> slots() const override { return {}; }
  std::optional<int32_t> passed_slot() const override { return std::nullopt; }
  expression::Cost cost() const override { return {}; }

 private:
  const size_t slot_;
  const expression::Type type_;
};

/// Calls whose arguments are slots, in order; count() has none.
inline std::vector<topology::AggregateCall> CallsOf(const std::vector<CallSpec>& specs) {
  std::vector<topology::AggregateCall> calls;
  size_t slot = 0;
  for (const CallSpec& spec : specs) {
    topology::AggregateCall call;
    call.function = spec.function;
    call.limit = spec.limit;
    call.fraction = spec.fraction;
    call.id = spec.id;
    call.text = "call " + std::to_string(calls.size());
    const bool none = spec.function == topology::AggregateFunction::kCount;
    for (size_t i = 0; i < (none ? 0 : spec.arguments); ++i) {
      call.arguments.push_back(std::make_shared<SlotProgram>(slot++));
    }
    calls.push_back(std::move(call));
  }
  return calls;
}

class AggregateCase {
 public:
  explicit AggregateCase(const std::vector<CallSpec>& specs)
      : calls_(CallsOf(specs)), arguments_(calls_), accumulators_(calls_) {
    run_.Begin(context_, arena_);
  }
  AggregateCase(const AggregateCase&) = delete;
  AggregateCase& operator=(const AggregateCase&) = delete;

  /// `arguments`: of each call.
  Status Fold(const std::vector<std::vector<serde::Value>>& arguments, int64_t timestamp) {
    std::vector<serde::Value> slots;
    for (const auto& call : arguments) slots.insert(slots.end(), call.begin(), call.end());
    RETURN_IF_ERROR(arguments_.Evaluate(slots, run_));
    return accumulators_.Fold(arguments_, Timestamp(timestamp), run_);
  }
  Status Merge(const AggregateCase& later) { return accumulators_.Merge(later.accumulators_, run_); }
  serde::Value Result(size_t call = 0) { return accumulators_.ResultOf(call, arena_); }
  std::string Encoded() const {
    std::string bytes;
    accumulators_.Encode(bytes);
    return bytes;
  }
  /// Through its bytes, as through a store.
  Status Reload() { return accumulators_.Decode(Encoded()); }

  Accumulators& accumulators() { return accumulators_; }
  AggregateArguments& arguments() { return arguments_; }
  const std::vector<topology::AggregateCall>& calls() const { return calls_; }
  RunState& run() { return run_; }
  Arena& arena() { return arena_; }

 private:
  const std::vector<topology::AggregateCall> calls_;
  NoContext context_;
  Arena arena_;
  RunState run_;
  AggregateArguments arguments_;
  Accumulators accumulators_;
};

}  // namespace sidestream::operators
