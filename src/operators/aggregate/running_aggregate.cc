// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/aggregate/running_aggregate.h"

#include <algorithm>
#include <utility>

#include "operators/row_key.h"
#include "serde/value_codec.h"

namespace sidestream::operators {

using serde::Value;

RunningAggregate::RunningAggregate(const topology::AggregateNode& node, size_t held_bytes_max)
    : node_(node), groups_(node.calls, held_bytes_max), arguments_(node.calls) {}

Result<std::unique_ptr<RunningAggregate>> RunningAggregate::Create(
    const topology::AggregateNode& node, const topology::Segment& results, size_t held_bytes_max) {
  std::unique_ptr<RunningAggregate> aggregate(new RunningAggregate(node, held_bytes_max));
  ASSIGN_OR_RETURN(aggregate->results_, AggregateResults::Create(node, results));
  return aggregate;
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
  RETURN_IF_ERROR(arguments_.Evaluate(slots, run));
  key_.clear();
  if (Status status = AppendStoreKey(row.key, key_); !status.ok()) {
    return status.WithContext("key");
  }
  ASSIGN_OR_RETURN(Group* const group, groups_.Find(key_, output.store()));
  RETURN_IF_ERROR(groups_.Fold(*group, arguments_, row.timestamp, run));
  group->timestamp = std::max(group->timestamp, row.timestamp);
  group->touched = true;
  return node_.emit == topology::Emit::kEach ? SendNow(*group, output) : Status::Ok();
}

Status RunningAggregate::SendNow(const Group& group, StepOutput& output) {
  Row result;
  result.timestamp = group.timestamp;
  ASSIGN_OR_RETURN(result.key, ReadStoreKey(group.key, node_.key.computed));
  const Result<Value> value =
      results_->Evaluate(group.accumulators, result.key, nullptr, output.run());
  if (!value.ok()) return output.Refuse(result, value.status());
  result.value.computed = true;
  result.value.value = *value;
  result.value.null = value->null();
  return output.Emit(result);
}
Result<bool> RunningAggregate::Finish(size_t index, StepOutput& output, Row& result) {
  // A record that failed opened the group and left it as it was.
  if (!groups_.at(index).touched) return false;
  statestore::KeyValueStore& store = output.store();
  ASSIGN_OR_RETURN(Group* const group, groups_.Loaded(index, store));
  if (node_.emit == topology::Emit::kEach) {
    // It is out already.
    groups_.Save(*group, store);
    return false;
  }
  ASSIGN_OR_RETURN(RowKey key, ReadStoreKey(group->key, node_.key.computed));
  result = Row();
  result.timestamp = group->timestamp;
  result.key = key;
  Result<Value> value = results_->Evaluate(group->accumulators, key, nullptr, output.run());
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
  groups_.Save(*group, store);
  RETURN_IF_ERROR(encoded);
  if (!differs) return false;
  result.key = key;  // with what was made of it on the way
  result.value.computed = true;
  result.value.value = *value;
  result.value.null = value->null();
  return true;
}

}  // namespace sidestream::operators
