// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/aggregate/running_aggregate.h"

#include <algorithm>
#include <utility>

#include "operators/row_key.h"
#include "serde/value_codec.h"

namespace sidestream::operators {

using serde::MapEntry;
using serde::Value;

namespace {

/// docs/operations/metrics.md.
constexpr std::string_view kNullValue = "null_value";

std::vector<topology::AggregateFunction> FunctionsOf(const topology::AggregateNode& node) {
  std::vector<topology::AggregateFunction> functions;
  for (const topology::AggregateCall& call : node.calls) functions.push_back(call.function);
  return functions;
}

}  // namespace

RunningAggregate::RunningAggregate(const topology::AggregateNode& node,
                                   const topology::Segment& results, size_t held_bytes_max)
    : node_(node), groups_(FunctionsOf(node), held_bytes_max), arguments_(node.calls.size()) {
  for (size_t i = 0; i < results.slots.size(); ++i) {
    const topology::Slot& slot = results.slots[i];
    if (slot.source == topology::Slot::Source::kCall) {
      call_slots_.push_back({i, static_cast<size_t>(slot.call)});
    }
  }
}

Result<std::unique_ptr<RunningAggregate>> RunningAggregate::Create(
    const topology::AggregateNode& node, const topology::Segment& results, size_t held_bytes_max) {
  std::unique_ptr<RunningAggregate> aggregate(new RunningAggregate(node, results, held_bytes_max));
  ASSIGN_OR_RETURN(aggregate->entry_, SegmentEntry::Create(results, node.key));
  aggregate->result_slots_ = aggregate->entry_->NewSlots();
  return aggregate;
}

Status RunningAggregate::EvaluateArguments(std::span<const Value> slots, RunState& run) {
  for (size_t i = 0; i < node_.calls.size(); ++i) {
    const topology::AggregateCall& call = node_.calls[i];
    Argument& argument = arguments_[i];
    argument.counts = true;
    argument.value = Value();
    if (call.condition != nullptr) {
      ASSIGN_OR_RETURN(argument.counts, run.Test(call.condition, slots));
    }
    if (argument.counts && call.argument != nullptr) {
      ASSIGN_OR_RETURN(argument.value, run.Evaluate(call.argument, slots));
    }
  }
  return Status::Ok();
}

Status RunningAggregate::Process(Row& row, std::span<const Value> slots, StepOutput& output) {
  if (row.value.null) {
    output.CountDropped(kNullValue);
    return Status::Ok();
  }
  return Fold(row, slots, output);
}

Status RunningAggregate::BeforeCommit(StepOutput& output) {
  for (size_t i = 0; i < groups_.size(); ++i) {
    output.BeginResult();
    Row result;
    const Result<bool> send = Finish(i, output, result);
    if (!send.ok()) {
      RETURN_IF_ERROR(output.Refuse(result, send.status()));
    } else if (*send) {
      RETURN_IF_ERROR(output.Emit(result));
    }
  }
  groups_.Clear();
  return Status::Ok();
}

Status RunningAggregate::Fold(Row& row, std::span<const Value> slots, StepOutput& output) {
  RunState& run = output.run();
  RETURN_IF_ERROR(EvaluateArguments(slots, run));
  key_.clear();
  if (Status status = AppendStoreKey(row.key, key_); !status.ok()) {
    return status.WithContext("key");
  }
  ASSIGN_OR_RETURN(Group* const group, groups_.Find(key_, output.store()));
  for (size_t i = 0; i < node_.calls.size(); ++i) {
    Argument& argument = arguments_[i];
    argument.next = Value();
    if (!argument.counts) continue;
    Result<Value> next = Folded(node_.calls[i].function, group->accumulators[i].Get(run.arena()),
                                argument.value, run.arena());
    if (!next.ok()) return next.status().WithContext(node_.calls[i].text);
    argument.next = *next;
  }
  for (size_t i = 0; i < node_.calls.size(); ++i) {
    if (!arguments_[i].next.missing()) group->accumulators[i].Set(arguments_[i].next);
  }
  group->timestamp = std::max(group->timestamp, row.timestamp);
  group->touched = true;
  return Status::Ok();
}

Result<bool> RunningAggregate::Finish(size_t index, StepOutput& output, Row& result) {
  // A record that failed opened the group and left it as it was.
  if (!groups_.at(index).touched) return false;
  statestore::KeyValueStore& store = output.store();
  ASSIGN_OR_RETURN(Group* const group, groups_.Loaded(index, store));
  ASSIGN_OR_RETURN(RowKey key, ReadStoreKey(group->key, node_.key.computed));
  result = Row();
  result.timestamp = group->timestamp;
  result.key = key;
  Result<Value> value = EvaluateResult(*group, key, output.run());
  Status encoded = value.status();
  if (encoded.ok()) {
    encoded_.clear();
    encoded = serde::EncodeValue(*value, encoded_);
  }
  const bool differs = encoded.ok() && (!group->was_sent || group->sent != encoded_);
  if (differs) {
    group->was_sent = true;
    group->sent = encoded_;
  }
  RETURN_IF_ERROR(groups_.Save(*group, store));
  RETURN_IF_ERROR(encoded);
  if (!differs) return false;
  result.key = key;  // with what was made of it on the way
  result.value.computed = true;
  result.value.value = *value;
  result.value.null = value->null();
  return true;
}

Result<Value> RunningAggregate::EvaluateResult(Group& group, RowKey& key, RunState& run) {
  for (const ResultSlot& wanted : call_slots_) {
    result_slots_[wanted.slot] = group.accumulators[wanted.call].Get(run.arena());
  }
  RETURN_IF_ERROR(entry_->FillKey(key, result_slots_, run.parser(), run.arena()));
  if (node_.value != nullptr) return run.EvaluateWhole(node_.value, result_slots_);

  const size_t size = node_.fields.size() + node_.group_fields.size();
  const std::span<MapEntry> entries = run.arena().NewArray<MapEntry>(size);
  size_t count = 0;
  for (const topology::FieldExpression& field : node_.fields) {
    Result<Value> value = run.Evaluate(field.program, result_slots_);
    if (!value.ok()) return value.status().WithContext("field " + field.path.front());
    if (!value->missing()) entries[count++] = {Value::String(field.path.front()), *value};
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
