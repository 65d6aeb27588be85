// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/aggregate/fold_accumulator.h"

#include <algorithm>
#include <span>
#include <vector>

#include "base/check.h"
#include "operators/segment_entry.h"
#include "serde/value_codec.h"

namespace sidestream::operators {
namespace {

using serde::Value;
using AccumulatorSlots = std::vector<topology::FoldPrograms::AccumulatorSlot>;

void Fill(const AccumulatorSlots& wanted, const Value& accumulator, std::span<Value> slots) {
  for (const auto& one : wanted) {
    slots[static_cast<size_t>(one.slot)] = ValueAt(accumulator, one.path);
  }
}

std::span<Value> CopyOf(std::span<const Value> slots, Arena& arena) {
  const std::span<Value> copy = arena.NewArray<Value>(slots.size());
  std::ranges::copy(slots, copy.begin());
  return copy;
}

}  // namespace

Value FoldAccumulator::CurrentResult(Arena& arena) const {
  if (held_.empty()) return Value::Null();
  Result<Value> value = serde::DecodeValue(held_, arena);
  CHECK(value.ok()) << value.status();
  return *value;
}

Status FoldAccumulator::Check(CallInput& input, RunState& run) {
  Value acc;
  if (held_.empty()) {
    ASSIGN_OR_RETURN(acc, run.EvaluateWhole(programs_.init, input.slots));
  } else {
    acc = CurrentResult(run.arena());
  }
  const std::span<Value> slots = CopyOf(input.slots, run.arena());
  Fill(programs_.acc, acc, slots);
  ASSIGN_OR_RETURN(const Value next, run.EvaluateWhole(programs_.step, slots));
  input.value_bytes.clear();
  RETURN_IF_ERROR(serde::EncodeValue(next, input.value_bytes));
  if (input.value_bytes.size() > input.bytes_left + held_.size()) {
    return Status::BadRecord("it would hold more than " + std::to_string(kStateBytesMax) +
                             " bytes");
  }
  return Status::Ok();
}

void FoldAccumulator::Fold(const CallInput& input, RunState& /*run*/) {
  held_.assign(input.value_bytes);
}

Status FoldAccumulator::Merge(const Accumulator& later, RunState& run) {
  const auto& other = static_cast<const FoldAccumulator&>(later);
  if (other.held_.empty()) return Status::Ok();
  if (held_.empty()) {
    held_ = other.held_;
    return Status::Ok();
  }
  CHECK(programs_.merge != nullptr) << "the plan merges what has no merge";
  const std::span<Value> slots = CopyOf(programs_.merge_slots, run.arena());
  Fill(programs_.merge_acc, CurrentResult(run.arena()), slots);
  Fill(programs_.merge_other, other.CurrentResult(run.arena()), slots);
  ASSIGN_OR_RETURN(const Value merged, run.EvaluateWhole(programs_.merge, slots));
  // `merged` may point into held_.
  std::string bytes;
  RETURN_IF_ERROR(serde::EncodeValue(merged, bytes));
  held_ = std::move(bytes);
  return Status::Ok();
}

bool FoldAccumulator::Decode(std::string_view bytes) {
  held_.assign(bytes);
  Arena arena;
  return held_.empty() || serde::DecodeValue(held_, arena).ok();
}

}  // namespace sidestream::operators
