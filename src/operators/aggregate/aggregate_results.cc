// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/aggregate/aggregate_results.h"

#include <span>
#include <string>

#include "operators/row_key.h"

namespace sidestream::operators {

using serde::MapEntry;
using serde::Value;

AggregateResults::AggregateResults(const topology::AggregateNode& node,
                                   const topology::Segment& results)
    : node_(node),
      folds_(node.calls.size() == 1 &&
             node.calls.front().function == topology::AggregateFunction::kFold) {
  for (size_t i = 0; i < results.slots.size(); ++i) {
    const topology::Slot& slot = results.slots[i];
    if (slot.source == topology::Slot::Source::kCall) {
      call_slots_.push_back({i, static_cast<size_t>(slot.call)});
    }
  }
}

Result<std::unique_ptr<AggregateResults>> AggregateResults::Create(
    const topology::AggregateNode& node, const topology::Segment& results) {
  std::unique_ptr<AggregateResults> made(new AggregateResults(node, results));
  ASSIGN_OR_RETURN(made->entry_, SegmentEntry::Create(results, node.key));
  made->slots_ = made->entry_->NewSlots();
  if (!node.key.computed) {
    ASSIGN_OR_RETURN(made->key_reader_,
                     serde::Reader::Create(node.key.format, {{.fields = {}, .slot = 0}}));
  }
  return made;
}

Result<Value> AggregateResults::WholeKey(RowKey& key, RunState& run) {
  if (key_reader_ == nullptr) {
    RETURN_IF_ERROR(DecodeRowKey(key, run.parser(), run.arena()));
    return key.value;
  }
  const std::span<Value> slot = run.arena().NewArray<Value>(1);
  RETURN_IF_ERROR(key_reader_->Read(key.bytes, slot, run.arena()));
  return slot[0];
}

Result<Value> AggregateResults::Evaluate(const Accumulators& accumulators, RowKey& key,
                                         const WindowBounds* window, RunState& run) {
  if (folds_) return accumulators.ResultOf(0, run.arena());
  for (const CallSlot& wanted : call_slots_) {
    slots_[wanted.slot] = accumulators.ResultOf(wanted.call, run.arena());
  }
  RETURN_IF_ERROR(entry_->FillKey(key, slots_, run.parser(), run.arena()));
  if (window != nullptr) entry_->FillWindow(*window, slots_, run.arena());
  if (node_.value != nullptr) return run.EvaluateWhole(node_.value, slots_);

  const size_t size = node_.fields.size() + 2 + node_.group_fields.size();
  const std::span<MapEntry> entries = run.arena().NewArray<MapEntry>(size);
  size_t count = 0;
  for (const topology::FieldExpression& field : node_.fields) {
    Result<Value> value = run.Evaluate(field.program, slots_);
    if (!value.ok()) return value.status().WithContext("field " + field.path.front());
    if (!value->missing()) entries[count++] = {Value::String(field.path.front()), *value};
  }
  if (node_.adds_window_start) {
    entries[count++] = {Value::String(topology::kWindowStart), Value::Int(window->start.value())};
  }
  if (node_.adds_window_end) {
    entries[count++] = {Value::String(topology::kWindowEnd), Value::Int(window->end.value())};
  }
  if (!node_.group_fields.empty()) {
    RETURN_IF_ERROR(DecodeRowKey(key, run.parser(), run.arena()));
    for (const std::string& name : node_.group_fields) {
      const Value value = ValueAt(key.value, {&name, 1});
      if (!value.missing()) entries[count++] = {Value::String(name), value};
    }
  }
  return Value::Map(entries.first(count));
}

}  // namespace sidestream::operators
