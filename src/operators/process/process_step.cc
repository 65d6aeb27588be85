// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/process/process_step.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "operators/row_key.h"

namespace sidestream::operators {

using serde::Value;

ProcessStep::ProcessStep(const topology::ProcessNode& node) : node_(node), state_(node.stores) {
  topology::Slot slot;
  slot.source = topology::Slot::Source::kKey;
  key_segment_.slots.push_back(std::move(slot));
}

ProcessStep::~ProcessStep() = default;

Result<std::unique_ptr<ProcessStep>> ProcessStep::Create(const topology::ProcessNode& node,
                                                         const ScriptLimits& limits) {
  std::unique_ptr<ProcessStep> step(new ProcessStep(node));
  ASSIGN_OR_RETURN(step->script_, Script::Load(node, limits));
  ASSIGN_OR_RETURN(step->entry_, SegmentEntry::Create(step->key_segment_, node.key));
  step->key_slots_ = step->entry_->NewSlots();
  if (!node.key.computed) {
    ASSIGN_OR_RETURN(step->key_writer_, serde::Writer::Create(node.key.format));
  }
  return step;
}

template <typename Call>
Status ProcessStep::RunCall(Row& row, Timestamp event_time, StepOutput& output, const Call& call) {
  output_ = &output;
  row_ = &row;
  pending_.clear();
  call_failed_ = false;
  RunState& run = output.run();
  RETURN_IF_ERROR(entry_->FillKey(row.key, key_slots_, run.parser(), run.arena()));
  writes_.Begin(output.store());
  state_.Begin(store_key_, {event_time, run.context().WallTime()}, writes_);
  const Status status = call(key_slots_.front());
  if (!status.ok()) {
    writes_.Discard();
    call_failed_ = true;
    return status;
  }
  writes_.Keep();
  return Deliver(row, output);
}

Status ProcessStep::Process(Row& row, std::span<const Value> slots, StepOutput& output) {
  store_key_.clear();
  if (Status status = AppendStoreKey(row.key, store_key_); !status.ok()) {
    return status.WithContext("key");
  }
  const Value value =
      row.value.null ? Value::Null() : Unwrap(slots[static_cast<size_t>(node_.value_slot)]);
  const Timestamp settled = EndsBy(watermark_);
  RETURN_IF_ERROR(RunCall(row, std::max(row.timestamp, settled), output,
                          [&](const Value& key) { return script_->Process(key, value, *this); }));
  return FireEventTimers(settled, output, /*fresh_arena=*/false);
}

Status ProcessStep::Deliver(const Row& row, StepOutput& output) {
  for (Pending& pending : pending_) {
    const Emission& emission = pending.emission;
    Row result = row;
    if (emission.key) result.key = pending.key;
    if (emission.headers) result.headers = *emission.headers;
    result.value = RowValue();
    result.value.computed = true;
    result.value.value = emission.value;
    result.value.null = emission.value.null();
    result.old = Value();
    result.op = {};
    RETURN_IF_ERROR(emission.output == Emission::kMain ? output.Emit(result)
                                                       : output.EmitSide(emission.output, result));
  }
  return Status::Ok();
}

Status ProcessStep::FireEventTimers(Timestamp settled, StepOutput& output, bool fresh_arena) {
  if (!script_->has_timer()) return Status::Ok();
  if (watermark_ != kEndOfTime) {
    return FireTimers(TimeDomain::kEvent, watermark_, settled, output, fresh_arena);
  }
  // One that sets itself again and again would never end.
  ASSIGN_OR_RETURN(const std::optional<Timestamp> last, timers_.LastEventTime(output.store()));
  if (!last) return Status::Ok();
  RETURN_IF_ERROR(FireTimers(TimeDomain::kEvent, *last, settled, output, fresh_arena));
  return timers_.DropEventTimers(output.store());
}

Status ProcessStep::FireTimers(TimeDomain domain, Timestamp now, Timestamp settled,
                               StepOutput& output, bool fresh_arena) {
  while (timers_.MayBeDue(domain, now)) {
    ASSIGN_OR_RETURN(const std::optional<Timers::Timer> timer,
                     timers_.TakeDue(domain, now, output.store()));
    if (!timer) break;
    if (fresh_arena) output.BeginResult();
    RETURN_IF_ERROR(Fire(domain, *timer, settled, output));
  }
  return Status::Ok();
}

Status ProcessStep::Fire(TimeDomain domain, const Timers::Timer& timer, Timestamp settled,
                         StepOutput& output) {
  store_key_ = timer.key;
  Row row;
  row.timestamp = timer.time;
  ASSIGN_OR_RETURN(row.key, ReadStoreKey(timer.key, node_.key.computed));
  firing_ = {domain, timer.time};
  const Timestamp event_time =
      domain == TimeDomain::kEvent ? std::max(timer.time, settled) : settled;
  const Status status = RunCall(row, event_time, output, [&](const Value& key) {
    return script_->Timer(key, timer.name, timer.time, *this);
  });
  firing_.reset();
  // What a step behind refused has met the policy of that step.
  if (!call_failed_ || status.code() != StatusCode::kBadRecord) return status;
  return output.Refuse(row, status.WithContext("timer " + timer.name));
}

bool ProcessStep::HasEventBacklog() const {
  return state_.uses(TimeDomain::kEvent) && state_.HasEventWork(watermark_);
}

Status ProcessStep::ExpireEventTime(StepOutput& output) {
  if (!HasEventBacklog()) return Status::Ok();
  return state_.Expire(TimeDomain::kEvent, watermark_, output.store());
}

Status ProcessStep::AdvanceEventTime(Timestamp watermark, StepOutput& output) {
  const Timestamp settled = EndsBy(watermark_);
  watermark_ = watermark;
  RETURN_IF_ERROR(FireEventTimers(settled, output, /*fresh_arena=*/true));
  return ExpireEventTime(output);
}

Status ProcessStep::AdvanceWallTime(Timestamp now, StepOutput& output) {
  if (script_->has_timer()) {
    RETURN_IF_ERROR(
        FireTimers(TimeDomain::kWall, now, EndsBy(watermark_), output, /*fresh_arena=*/true));
  }
  if (state_.uses(TimeDomain::kWall)) {
    RETURN_IF_ERROR(state_.Expire(TimeDomain::kWall, now, output.store()));
  }
  return ExpireEventTime(output);
}

std::optional<Timestamp> ProcessStep::NextWallTime() const {
  Timestamp next = kEndOfTime;
  if (script_->has_timer()) next = timers_.NextByClock().value_or(kEndOfTime);
  if (state_.uses(TimeDomain::kWall)) {
    next = std::min(next, state_.NextByClock().value_or(kEndOfTime));
  }
  // What the last commit had no room for.
  if (HasEventBacklog()) next = kNoTimestamp;
  if (next == kEndOfTime) return std::nullopt;
  return next;
}

Status ProcessStep::BeforeCommit(StepOutput& output) {
  RETURN_IF_ERROR(ExpireEventTime(output));
  state_.Committed();
  return Status::Ok();
}

void ProcessStep::Restart(Timestamp watermark) {
  watermark_ = watermark;
  state_.Restart();
  timers_.Restart();
}

std::optional<Timestamp> ProcessStep::watermark() const {
  if (watermark_ == kNoWatermark) return std::nullopt;
  return watermark_;
}

Status ProcessStep::Emit(const Emission& emission) {
  Pending pending{emission, {}};
  if (emission.key) {
    pending.key.computed = node_.key.computed;
    if (node_.key.computed) {
      pending.key.value = *emission.key;
    } else if (!emission.key->null()) {
      scratch_.clear();
      if (Status status = key_writer_->Write(*emission.key, scratch_); !status.ok()) {
        return status.WithContext("key");
      }
      pending.key.bytes = arena().Copy(scratch_);
    }
  }
  pending_.push_back(std::move(pending));
  return Status::Ok();
}

Status ProcessStep::SetTimer(TimeDomain domain, std::string_view name, Timestamp time) {
  // Else a timer that sets itself would fire for ever.
  if (firing_ && firing_->first == domain && time <= firing_->second) {
    return Status::BadRecord(
        fmt::format("a timer that fires for {} sets one for {}: it has to be later",
                    firing_->second.value(), time.value()));
  }
  return timers_.Set(domain, store_key_, name, time, writes_);
}

Status ProcessStep::CancelTimer(std::string_view name) {
  return timers_.Cancel(store_key_, name, writes_);
}

Result<Value> ProcessStep::Get(size_t store, const Value& key, Arena& arena) {
  return state_.Get(store, key, arena);
}
Status ProcessStep::Put(size_t store, const Value& key, const Value& value) {
  return state_.Put(store, key, value);
}
Status ProcessStep::Delete(size_t store, const Value& key) { return state_.Delete(store, key); }
Status ProcessStep::Append(size_t store, const Value& value) { return state_.Append(store, value); }
Result<ScriptHost::Pairs> ProcessStep::All(size_t store, const Value& from, const Value& to,
                                           Arena& arena) {
  return state_.All(store, from, to, arena);
}

}  // namespace sidestream::operators
