// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/dedup/dedup_step.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/internal_record.h"
#include "operators/dedup/dedup_row.h"
#include "operators/ordered_key.h"
#include "operators/row_key.h"
#include "serde/key_codec.h"
#include "serde/value_codec.h"

namespace sidestream::operators {

using serde::Value;

namespace {

constexpr std::string_view kNullKey = "null_key";
constexpr size_t kDuplicates = 0;  // of the node's sides
constexpr size_t kBatch = 64;
constexpr uint8_t kCounterVersion = 1;

std::string Prefix(DedupRow row) { return std::string(1, static_cast<char>(row)); }

/// Begins all held rows of `id`.
std::string HeldPrefix(std::string_view id) {
  std::string prefix = Prefix(DedupRow::kHeld);
  AppendOrderedBytes(id, prefix);
  return prefix;
}

/// The time in the key of a held row.
Result<Timestamp> HeldTime(std::string_view row, size_t prefix_size) {
  OrderedKeyReader reader(row.substr(prefix_size));
  const Timestamp time = reader.Time();
  if (!reader.ok()) return Status::TaskCorrupted("a held row of dedup is cut short");
  return time;
}

}  // namespace

DedupStep::DedupStep(const topology::DedupNode& node)
    : node_(node),
      passed_ends_(Prefix(DedupRow::kPassedEnd)),
      held_due_(Prefix(DedupRow::kHeldDue)) {}

Result<std::unique_ptr<DedupStep>> DedupStep::Create(const topology::DedupNode& node) {
  return std::unique_ptr<DedupStep>(new DedupStep(node));
}

Timestamp DedupStep::ClockOf(RunState& run) const {
  return node_.wall_clock ? run.context().WallTime() : watermark_;
}

bool DedupStep::Near(Timestamp a, Timestamp b) const {
  return LaterBy(std::min(a, b), node_.ttl_ms) > std::max(a, b);
}

Result<bool> DedupStep::MakeId(Row& row, std::span<const Value> slots, RunState& run) {
  std::string& key = run.scratch();
  key.clear();
  if (Status status = AppendStoreKey(row.key, key); !status.ok()) {
    return status.WithContext("key");
  }
  id_.clear();
  AppendOrderedBytes(key, id_);
  if (node_.id == nullptr) return true;
  ASSIGN_OR_RETURN(const Value id, run.Evaluate(node_.id, slots));
  if (id.missing() || id.null()) return false;
  key.clear();
  Result<serde::KeyKind> kind = serde::EncodeKey(id, key);
  if (!kind.ok()) return kind.status().WithContext("key of dedup");
  id_.push_back(static_cast<char>(*kind));
  id_ += key;
  return true;
}

Result<bool> DedupStep::IsNearPassed(Timestamp time, statestore::KeyValueStore& store) {
  passed_.clear();
  row_ = Prefix(DedupRow::kPassed) + id_;
  ASSIGN_OR_RETURN(const std::optional<std::string_view> bytes, store.Get(row_));
  if (bytes) RETURN_IF_ERROR(DecodePassed(*bytes, passed_));
  return std::ranges::any_of(passed_, [&](Timestamp passed) { return Near(passed, time); });
}

/// Behind IsNearPassed().
void DedupStep::AddPassed(Timestamp time, statestore::KeyValueStore& store) {
  if (passed_.empty()) passed_ends_.Enter(LaterBy(time, PassedKeptMs(node_)), id_, store);
  if (!node_.wall_clock) {
    std::erase_if(passed_, [&](Timestamp t) { return LaterBy(t, PassedKeptMs(node_)) <= watermark_; });
  } else {
    std::erase_if(passed_, [&](Timestamp t) { return LaterBy(t, PassedKeptMs(node_)) <= time; });
  }
  passed_.insert(std::ranges::upper_bound(passed_, time), time);
  encoded_.clear();
  EncodePassed(passed_, encoded_);
  store.Put(Prefix(DedupRow::kPassed) + id_, encoded_);
}

Status DedupStep::Process(Row& row, std::span<const Value> slots, StepOutput& output) {
  RunState& run = output.run();
  ASSIGN_OR_RETURN(const bool has_id, MakeId(row, slots, run));
  if (!has_id) {
    output.CountDropped(kNullKey);
    return Status::Ok();
  }
  const Timestamp time = node_.wall_clock ? run.context().WallTime() : row.timestamp;
  const bool late = !node_.wall_clock && LaterBy(time, node_.ttl_ms) <= watermark_;
  Row* passing = &row;
  Row computed;
  if (node_.keep_last) {
    computed = row;
    computed.value = RowValue();
    computed.value.computed = true;
    computed.value.null = row.value.null;
    computed.value.value =
        row.value.null ? Value::Null() : Unwrap(slots[static_cast<size_t>(node_.value_slot)]);
    computed.old = Value();
    computed.op = {};
    passing = &computed;
  }
  if (late) {
    output.CountLate();
    if (node_.keep_last) passing->timestamp = LaterBy(time, node_.ttl_ms);
    return output.Emit(*passing);
  }
  ASSIGN_OR_RETURN(const bool duplicate, IsNearPassed(time, output.store()));
  if (duplicate) return output.EmitSide(kDuplicates, *passing);
  if (node_.keep_last) return Hold(*passing, time, output);
  AddPassed(time, output.store());
  return output.Emit(*passing);
}

Result<uint64_t> DedupStep::NextNumber(statestore::KeyValueStore& store) {
  const std::string row = Prefix(DedupRow::kHeldCounter);
  uint64_t number = 0;
  ASSIGN_OR_RETURN(const std::optional<std::string_view> bytes, store.Get(row));
  if (bytes) {
    ByteReader reader(*bytes);
    const uint8_t version = reader.U8();
    number = reader.Varint();
    if (!reader.ok() || version != kCounterVersion) {
      return Status::TaskCorrupted("the counter of dedup is not what this release writes");
    }
  }
  encoded_.clear();
  ByteWriter writer(encoded_);
  writer.U8(kCounterVersion);
  writer.Varint(number + 1);
  store.Put(row, encoded_);
  return number;
}

Result<std::optional<Timestamp>> DedupStep::FirstHeld(std::string_view id,
                                                      statestore::KeyValueStore& store) const {
  const std::string prefix = HeldPrefix(id);
  Result<Timestamp> time = kNoTimestamp;
  RETURN_IF_ERROR(store.Scan(prefix, EndOfPrefix(prefix),
                             [&](std::string_view row, std::string_view) -> Result<bool> {
                               time = HeldTime(row, prefix.size());
                               return false;
                             }));
  RETURN_IF_ERROR(time.status());
  if (*time == kNoTimestamp) return std::optional<Timestamp>();
  return std::optional<Timestamp>(*time);
}

void DedupStep::AddDue(Timestamp due, std::string_view id, statestore::KeyValueStore& store) {
  held_due_.Add(due, id, store);
  added_due_ = std::min(added_due_, due);
}

Status DedupStep::Hold(const Row& row, Timestamp time, StepOutput& output) {
  statestore::KeyValueStore& store = output.store();
  RepartitionRecord record;
  record.event_time = row.timestamp;
  record.headers = row.headers;
  record.origin = row.origin;
  if (!row.value.null) {
    value_.clear();
    if (Status status = serde::EncodeValue(row.value.value, value_); !status.ok()) {
      return status.WithContext("value");
    }
    record.value = value_;
  }
  ASSIGN_OR_RETURN(const std::optional<Timestamp> first, FirstHeld(id_, store));
  if (!first || time < *first) {
    if (first) held_due_.Remove(LaterBy(*first, node_.ttl_ms), id_, store);
    AddDue(LaterBy(time, node_.ttl_ms), id_, store);
  }
  ASSIGN_OR_RETURN(const uint64_t number, NextNumber(store));
  std::string key = HeldPrefix(id_);
  AppendOrderedTime(time, key);
  ByteWriter(key).U64(number);
  encoded_.clear();
  EncodeRepartitionValue(record, encoded_);
  store.Put(key, encoded_);
  return Status::Ok();
}

Status DedupStep::FireHeld(Timestamp now, StepOutput& output) {
  while (held_due_.MayBeDue(now)) {
    ASSIGN_OR_RETURN(const std::vector<DueIndex::Entry> entries,
                     held_due_.Due(now, kBatch, output.store()));
    added_due_ = kEndOfTime;
    for (const DueIndex::Entry& entry : entries) {
      // What a period of another id left behind may come before this one.
      if (added_due_ <= entry.due) break;
      held_due_.Remove(entry.due, entry.key, output.store());
      RETURN_IF_ERROR(EndPeriod(entry.key, entry.due, output));
    }
    if (entries.empty()) break;
  }
  return Status::Ok();
}

Status DedupStep::EndPeriod(std::string_view id, Timestamp end, StepOutput& output) {
  statestore::KeyValueStore& store = output.store();
  const std::string prefix = HeldPrefix(id);
  std::string first = prefix;
  std::string last = prefix;
  AppendOrderedTime(kNoTimestamp, first);
  AppendOrderedTime(end, last);
  std::vector<std::pair<std::string, std::string>> rows;
  RETURN_IF_ERROR(
      store.Scan(first, last, [&](std::string_view row, std::string_view value) -> Result<bool> {
        rows.emplace_back(row, value);
        return true;
      }));
  for (size_t i = 0; i < rows.size(); ++i) {
    store.Delete(rows[i].first);
    const bool is_last = i + 1 == rows.size();
    RETURN_IF_ERROR(
        SendHeld(id, rows[i].second, is_last ? std::optional(end) : std::nullopt, output));
  }
  if (!node_.wall_clock && !rows.empty()) {
    ASSIGN_OR_RETURN(const Timestamp opened, HeldTime(rows.front().first, prefix.size()));
    id_ = id;
    ASSIGN_OR_RETURN([[maybe_unused]] const bool near, IsNearPassed(opened, store));
    AddPassed(opened, store);
  }
  ASSIGN_OR_RETURN(const std::optional<Timestamp> next, FirstHeld(id, store));
  if (next) AddDue(LaterBy(*next, node_.ttl_ms), id, store);
  return Status::Ok();
}

Status DedupStep::SendHeld(std::string_view id, std::string_view bytes,
                           std::optional<Timestamp> result_time, StepOutput& output) {
  output.BeginResult();
  RunState& run = output.run();
  ASSIGN_OR_RETURN(const RepartitionRecord record, DecodeRepartitionValue(bytes, headers_));
  OrderedKeyReader reader(id);
  std::string& key = run.scratch();
  key.clear();
  reader.Bytes(key);
  if (!reader.ok()) return Status::TaskCorrupted("a held row of dedup has no key");
  Row row;
  ASSIGN_OR_RETURN(row.key, ReadStoreKey(run.arena().Copy(key), node_.key.computed));
  row.value.computed = true;
  row.value.null = !record.value;
  row.value.value = Value::Null();
  if (record.value) {
    ASSIGN_OR_RETURN(row.value.value, serde::DecodeValue(*record.value, run.arena()));
  }
  row.headers = record.headers;
  row.origin = record.origin;
  row.timestamp = result_time.value_or(record.event_time);
  return result_time ? output.Emit(row) : output.EmitSide(kDuplicates, row);
}

Status DedupStep::Expire(Timestamp now, StepOutput& output) {
  if (!node_.wall_clock && !passed_ends_.HasEventWork(now)) return Status::Ok();
  statestore::KeyValueStore& store = output.store();
  const auto look = [&](std::string_view id, Timestamp at) -> Result<std::optional<Timestamp>> {
    const std::string row = Prefix(DedupRow::kPassed) + std::string(id);
    ASSIGN_OR_RETURN(const std::optional<std::string_view> bytes, store.Get(row));
    if (!bytes) return std::optional<Timestamp>();
    RETURN_IF_ERROR(DecodePassed(*bytes, passed_));
    // The last of them is the one that is needed longest.
    const Timestamp end = LaterBy(passed_.back(), PassedKeptMs(node_));
    if (end > at) return std::optional<Timestamp>(end);
    store.Delete(row);
    return std::optional<Timestamp>();
  };
  return passed_ends_.Run(now, look, store);
}

Status DedupStep::AdvanceEventTime(Timestamp watermark, StepOutput& output) {
  watermark_ = watermark;
  if (node_.wall_clock) return Status::Ok();
  RETURN_IF_ERROR(FireHeld(watermark, output));
  return Expire(watermark, output);
}

Status DedupStep::AdvanceWallTime(Timestamp now, StepOutput& output) {
  if (!node_.wall_clock) return Expire(watermark_, output);
  RETURN_IF_ERROR(FireHeld(now, output));
  return Expire(now, output);
}

std::optional<Timestamp> DedupStep::NextWallTime() const {
  if (!node_.wall_clock) {
    // What the last commit had no room for.
    return passed_ends_.HasEventWork(watermark_) ? std::optional(kNoTimestamp) : std::nullopt;
  }
  const std::optional<Timestamp> next = passed_ends_.NextByClock();
  const std::optional<Timestamp> due = node_.keep_last ? held_due_.next() : std::nullopt;
  return due && (!next || *due < *next) ? due : next;
}

Status DedupStep::BeforeCommit(StepOutput& output) {
  RETURN_IF_ERROR(Expire(ClockOf(output.run()), output));
  passed_ends_.Committed();
  return Status::Ok();
}

void DedupStep::Restart(Timestamp watermark) {
  watermark_ = watermark;
  held_due_.Forget();
  passed_ends_.Restart();
}

}  // namespace sidestream::operators
