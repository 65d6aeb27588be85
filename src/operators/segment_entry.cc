// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/segment_entry.h"

#include <string_view>

#include "base/check.h"
#include "operators/row_key.h"

namespace sidestream::operators {

using serde::MapEntry;
using serde::Value;
using topology::Slot;

serde::Value ValueAt(const Value& value, std::span<const std::string> path) {
  Value found = value;
  for (const std::string& name : path) {
    if (found.kind() != Value::Kind::kMap) return Value();
    found = found.Field(name);
  }
  return found;
}

Value LastHeader(std::span<const Header> headers, std::string_view name) {
  for (size_t i = headers.size(); i-- > 0;) {
    if (headers[i].name != name) continue;
    return headers[i].value ? Value::Bytes(*headers[i].value) : Value::Null();
  }
  return Value();
}

Value HeaderMap(std::span<const Header> headers, Arena& arena) {
  const std::span<MapEntry> entries = arena.NewArray<MapEntry>(headers.size());
  size_t count = 0;
  for (const Header& header : headers) {
    const Value value = header.value ? Value::Bytes(*header.value) : Value::Null();
    size_t at = 0;
    while (at < count && entries[at].key.string_value() != header.name) ++at;
    if (at == count) entries[count++].key = Value::String(header.name);
    entries[at].value = value;
  }
  return Value::Map(entries.first(count));
}

Value TimestampValue(Timestamp timestamp, Arena& arena) {
  int64_t seconds = timestamp.value() / 1000;
  int64_t millis = timestamp.value() % 1000;
  if (millis < 0) {
    millis += 1000;
    --seconds;
  }
  return Value::TimestampOf({seconds, static_cast<int32_t>(millis * 1'000'000)}, arena);
}

SegmentEntry::SegmentEntry(const topology::Segment& segment) : segment_(segment) {
  for (size_t i = 0; i < segment.slots.size(); ++i) {
    const Slot& slot = segment.slots[i];
    if (!slot.on_entry) continue;
    switch (slot.source) {
      case Slot::Source::kKey:
        key_paths_.push_back({slot.path, i});
        break;
      case Slot::Source::kValue:
        value_paths_.push_back({slot.path, i, slot.may_stay_text});
        break;
      case Slot::Source::kHeaders:
        headers_.push_back({i, slot.path.empty() ? nullptr : &slot.path.front()});
        break;
      case Slot::Source::kMeta: {
        MetaField field = MetaField::kAll;
        if (!slot.path.empty()) {
          const std::string& name = slot.path.front();
          field = name == "topic"       ? MetaField::kTopic
                  : name == "partition" ? MetaField::kPartition
                  : name == "offset"    ? MetaField::kOffset
                  : name == "op"        ? MetaField::kOp
                                        : MetaField::kTimestamp;
        }
        meta_.push_back({i, field});
        break;
      }
      case Slot::Source::kOld:
        old_paths_.push_back({slot.path, i});
        break;
      case Slot::Source::kRecordTimestamp:
        record_timestamps_.push_back(i);
        break;
      case Slot::Source::kWindow:
        windows_.push_back({i, slot.path.empty() ? std::string_view() : slot.path.front()});
        break;
      case Slot::Source::kConstant:
      case Slot::Source::kCall:
      case Slot::Source::kAccumulator:
        break;
    }
  }
}

Result<std::unique_ptr<SegmentEntry>> SegmentEntry::Create(const topology::Segment& segment,
                                                           const topology::Encoding& key) {
  std::unique_ptr<SegmentEntry> entry(new SegmentEntry(segment));
  if (!key.computed && !entry->key_paths_.empty()) {
    ASSIGN_OR_RETURN(entry->key_reader_, serde::Reader::Create(key.format, entry->key_paths_));
  }
  return entry;
}

std::vector<Value> SegmentEntry::NewSlots() const {
  std::vector<Value> slots(segment_.slots.size());
  for (size_t i = 0; i < slots.size(); ++i) {
    if (segment_.slots[i].source == Slot::Source::kConstant) slots[i] = segment_.slots[i].constant;
  }
  return slots;
}

Status SegmentEntry::FillFromRow(Row& row, std::span<Value> slots, serde::JsonParser& parser,
                                 Arena& arena) {
  RETURN_IF_ERROR(FillKey(row.key, slots, parser, arena));
  FillHeaders(row.headers, slots, arena);
  FillMeta(row, slots, arena);
  FillOld(row.old, slots);
  return Status::Ok();
}

Status SegmentEntry::FillKey(RowKey& key, std::span<Value> slots, serde::JsonParser& parser,
                             Arena& arena) {
  if (key_paths_.empty()) return Status::Ok();
  if (!key.computed) {
    CHECK(key_reader_ != nullptr) << "a row with its own key where the plan computes keys";
    return key_reader_->Read(key.bytes, slots, arena);
  }
  RETURN_IF_ERROR(DecodeRowKey(key, parser, arena));
  FillKeyValue(key.value, slots);
  return Status::Ok();
}

void SegmentEntry::FillKeyValue(const Value& key, std::span<Value> slots) const {
  for (const serde::WantedPath& wanted : key_paths_) {
    slots[wanted.slot] = ValueAt(key, wanted.fields);
  }
}

void SegmentEntry::FillValue(const Value& value, std::span<Value> slots) const {
  for (const serde::WantedPath& wanted : value_paths_) {
    slots[wanted.slot] = ValueAt(value, wanted.fields);
  }
}

void SegmentEntry::FillOld(const Value& old, std::span<Value> slots) const {
  for (const serde::WantedPath& wanted : old_paths_) {
    slots[wanted.slot] = ValueAt(old, wanted.fields);
  }
}

Value SegmentEntry::ValueOf(const HeaderSlot& wanted, std::span<const Header> headers,
                            Arena& arena) {
  return wanted.name == nullptr ? HeaderMap(headers, arena) : LastHeader(headers, *wanted.name);
}

Value SegmentEntry::ValueOf(MetaField field, const Row& row, Arena& arena) {
  if (field == MetaField::kTimestamp) return TimestampValue(row.timestamp, arena);
  if (field == MetaField::kOp) return row.op.empty() ? Value() : Value::String(row.op);
  if (!row.origin) return Value();
  const Value topic = Value::String(row.origin->topic);
  const Value partition = Value::Int(row.origin->partition);
  const Value offset = Value::Int(row.origin->offset.value());
  switch (field) {
    case MetaField::kTopic:
      return topic;
    case MetaField::kPartition:
      return partition;
    case MetaField::kOffset:
      return offset;
    default: {
      const std::span<MapEntry> entries = arena.NewArray<MapEntry>(4);
      entries[0] = {Value::String("topic"), topic};
      entries[1] = {Value::String("partition"), partition};
      entries[2] = {Value::String("offset"), offset};
      entries[3] = {Value::String("timestamp"), TimestampValue(row.timestamp, arena)};
      return Value::Map(entries);
    }
  }
}

void SegmentEntry::FillWindow(const WindowBounds& window, std::span<Value> slots,
                              Arena& arena) const {
  for (const WindowSlot& wanted : windows_) {
    const Value start = TimestampValue(window.start, arena);
    const Value end = TimestampValue(window.end, arena);
    Value& slot = slots[wanted.slot];
    if (wanted.field == "start") {
      slot = start;
    } else if (wanted.field == "end") {
      slot = end;
    } else {
      const std::span<MapEntry> entries = arena.NewArray<MapEntry>(2);
      entries[0] = {Value::String("start"), start};
      entries[1] = {Value::String("end"), end};
      slot = Value::Map(entries);
    }
  }
}

}  // namespace sidestream::operators
