// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/aggregate/running_aggregate.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "operators/aggregate/aggregate_row.h"
#include "operators/row_key.h"
#include "serde/value_codec.h"

namespace sidestream::operators {
namespace {

using serde::Value;
using topology::Emit;

/// Rows that are read from the store at once.
constexpr size_t kBatch = 256;
constexpr std::string_view kHeldGroups = "\xffh";
/// Its row says that the end of all inputs has come.
constexpr std::string_view kEndRow = "\xff" "e";

}  // namespace

RunningAggregate::RunningAggregate(const topology::AggregateNode& node, size_t held_bytes_max)
    : node_(node),
      waits_(node.emit == Emit::kEvery || node.emit == Emit::kFinal),
      groups_(node.calls, held_bytes_max),
      arguments_(node.calls),
      held_(kHeldGroups),
      other_(node.calls) {
  if (node.ttl) ttl_.emplace(*node.ttl, node.emit_every);
}

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
    RETURN_IF_ERROR(Finish(i, output));
  }
  groups_.Clear();
  RETURN_IF_ERROR(Expire(output));
  if (ttl_) ttl_->Committed();
  return Status::Ok();
}

Status RunningAggregate::Fold(Row& row, std::span<const Value> slots, StepOutput& output) {
  RunState& run = output.run();
  RETURN_IF_ERROR(arguments_.Evaluate(slots, run));
  key_.clear();
  if (Status status = AppendStoreKey(row.key, key_); !status.ok()) {
    return status.WithContext("key");
  }
  ToGroupRowKey(key_);
  ASSIGN_OR_RETURN(Group* const group, groups_.Find(key_, output.store()));
  const Timestamp time = run.TimeInResult(row.timestamp);
  if (ttl_) {
    const Timestamp now = ttl_->ClockOf(time, watermark_, run);
    RETURN_IF_ERROR(ttl_->HasEnded(*group, now)
                        ? groups_.FoldAnew(*group, arguments_, row.timestamp, run)
                        : groups_.Fold(*group, arguments_, row.timestamp, run));
    ttl_->Renew(*group, arguments_.AnyCounts(), now, output.store());
  } else {
    RETURN_IF_ERROR(groups_.Fold(*group, arguments_, row.timestamp, run));
    group->updated = kNoTimestamp;
  }
  group->timestamp = std::max(group->timestamp, time);
  group->touched = true;
  if (waits_) return Reopen(output);
  return node_.emit == Emit::kEach ? SendNow(*group, output) : Status::Ok();
}

Status RunningAggregate::SendNow(const Group& group, StepOutput& output) {
  Row result;
  result.timestamp = group.timestamp;
  ASSIGN_OR_RETURN(result.key, ReadStoreKey(*GroupOfRowKey(group.key), node_.key.computed));
  const Result<Value> value =
      results_->Evaluate(group.accumulators, result.key, nullptr, output.run());
  if (!value.ok()) return output.Refuse(result, value.status());
  result.value.computed = true;
  result.value.value = *value;
  result.value.null = value->null();
  return output.Emit(result);
}

Status RunningAggregate::Finish(size_t index, StepOutput& output) {
  // A record that failed opened the group and left it as it was.
  if (!groups_.at(index).touched) return Status::Ok();
  statestore::KeyValueStore& store = output.store();
  ASSIGN_OR_RETURN(Group* const group, groups_.Loaded(index, store));
  const bool over = watermark_ == kEndOfTime;
  const bool waits = node_.emit == Emit::kFinal ? !over
                     : node_.emit == Emit::kEvery ? !over && Hold(*group, output)
                                                  : node_.emit == Emit::kEach;
  if (!waits) return Send(*group, /*always=*/false, output);
  groups_.Save(*group, store);
  return Status::Ok();
}

bool RunningAggregate::Hold(Group& group, StepOutput& output) {
  if (group.held || group.sent_at == kNoTimestamp) return group.held;
  const Timestamp due = group.sent_at + node_.emit_every;
  if (output.run().context().WallTime() >= due) return false;
  group.held = true;
  held_.Add(due, group.key, output.store());
  return true;
}

Status RunningAggregate::Send(Group& group, bool always, StepOutput& output) {
  Row result;
  const Status made = Make(group, output, result);
  const bool differs = made.ok() && (!group.was_sent || group.sent != encoded_);
  if (differs) {
    group.was_sent = true;
    group.sent = encoded_;
    if (node_.emit == Emit::kEvery) group.sent_at = output.run().context().WallTime();
  }
  group.held = false;
  // Nothing is compared with the result that `final` sends at the end.
  if (!always || node_.emit != Emit::kFinal) groups_.Save(group, output.store());
  if (!made.ok()) return output.Refuse(result, made);
  return differs || always ? output.Emit(result) : Status::Ok();
}

Status RunningAggregate::Make(const Group& group, StepOutput& output, Row& result) {
  result.timestamp = group.timestamp;
  ASSIGN_OR_RETURN(result.key, ReadStoreKey(*GroupOfRowKey(group.key), node_.key.computed));
  ASSIGN_OR_RETURN(const Value value, results_->Evaluate(group.accumulators, result.key, nullptr,
                                                         output.run()));
  encoded_.clear();
  RETURN_IF_ERROR(serde::EncodeValue(value, encoded_));
  result.value.computed = true;
  result.value.value = value;
  result.value.null = value.null();
  return Status::Ok();
}

Status RunningAggregate::Expire(StepOutput& output) {
  if (!ttl_ || groups_.size() > 0) return Status::Ok();
  return ttl_->Run(watermark_, output.run(), output.store());
}

Status RunningAggregate::AdvanceWallTime(Timestamp now, StepOutput& output) {
  if (held_.next()) {
    // What another `emit` has held back waits no longer.
    RETURN_IF_ERROR(SendHeld(node_.emit == Emit::kEvery ? now : kEndOfTime, output));
  }
  return Expire(output);
}

Status RunningAggregate::SendHeld(Timestamp now, StepOutput& output) {
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<DueIndex::Entry> due,
                     held_.Take(now, kBatch, output.store()));
    if (due.empty()) return Status::Ok();
    for (const DueIndex::Entry& entry : due) {
      ASSIGN_OR_RETURN(Group* const group, groups_.Look(entry.key, other_, output.store()));
      if (!group->held) continue;
      if (node_.emit == Emit::kFinal) {
        group->held = false;
        groups_.Save(*group, output.store());
        continue;
      }
      output.BeginResult();
      // With what this transaction has folded in: nothing is left for the commit.
      group->touched = false;
      RETURN_IF_ERROR(Send(*group, /*always=*/false, output));
    }
  }
}

std::optional<Timestamp> RunningAggregate::NextWallTime() const {
  const std::optional<Timestamp> next = held_.next();
  if (!ttl_ || groups_.size() > 0) return next;
  const std::optional<Timestamp> end = ttl_->NextWallTime(watermark_);
  return end && (!next || *end < *next) ? end : next;
}

Status RunningAggregate::AdvanceEventTime(Timestamp watermark, StepOutput& output) {
  if (watermark <= watermark_) return Status::Ok();
  const Timestamp before = std::exchange(watermark_, watermark);
  if (waits_ && watermark == kEndOfTime) return End(before, output);
  return Expire(output);
}

Result<bool> RunningAggregate::HasEnded(statestore::KeyValueStore& store) {
  if (!ended_) {
    ASSIGN_OR_RETURN(const std::optional<std::string_view> row, store.Get(kEndRow));
    ended_ = row.has_value();
  }
  return *ended_;
}

Status RunningAggregate::Reopen(StepOutput& output) {
  if (watermark_ == kEndOfTime) return Status::Ok();
  ASSIGN_OR_RETURN(const bool ended, HasEnded(output.store()));
  if (!ended) return Status::Ok();
  output.store().Delete(kEndRow);
  ended_ = false;
  return Status::Ok();
}

Status RunningAggregate::End(Timestamp watermark, StepOutput& output) {
  statestore::KeyValueStore& store = output.store();
  ASSIGN_OR_RETURN(const bool ended, HasEnded(store));
  if (ended) return Status::Ok();
  groups_.SaveAll(store);
  groups_.Clear();
  RETURN_IF_ERROR(held_.Clear(store));
  std::vector<std::pair<std::string, std::string>> rows;
  std::string from;
  do {
    rows.clear();
    RETURN_IF_ERROR(
        store.Scan(from, "", [&](std::string_view key, std::string_view row) -> Result<bool> {
          rows.emplace_back(key, row);
          return rows.size() < kBatch;
        }));
    for (const auto& [key, row] : rows) {
      if (!GroupOfRowKey(key)) continue;
      output.BeginResult();
      other_.key = key;
      RETURN_IF_ERROR(GroupTable::Decode(row, other_));
      const bool gone =
          ttl_ && ttl_->HasEnded(other_, ttl_->ClockOf(kNoTimestamp, watermark, output.run()));
      if (gone) continue;
      RETURN_IF_ERROR(Send(other_, /*always=*/true, output));
    }
    if (!rows.empty()) from = rows.back().first + '\0';
  } while (rows.size() == kBatch);
  store.Put(kEndRow, "");
  ended_ = true;
  return Status::Ok();
}

void RunningAggregate::Restart(Timestamp watermark) {
  groups_.Clear();
  held_.Forget();
  if (ttl_) ttl_->Restart();
  watermark_ = watermark;
  ended_.reset();
}

}  // namespace sidestream::operators
