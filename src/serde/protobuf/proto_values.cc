// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The part of the reader that makes values of what was read.

#include <algorithm>
#include <numeric>

#include "serde/protobuf/proto_reader.h"

namespace sidestream::serde::protobuf {
namespace {

using Kind = Value::Kind;

constexpr int64_t kNanos = 1'000'000'000;
/// From here on a sort finds equal keys faster than a look at each pair.
constexpr size_t kManyKeys = 16;

/// Keys of one map are of one kind.
bool LessKey(const Value& a, const Value& b) {
  switch (a.kind()) {
    case Kind::kBool:
      return a.bool_value() < b.bool_value();
    case Kind::kInt:
      return a.int_value() < b.int_value();
    case Kind::kUint:
      return a.uint_value() < b.uint_value();
    default:
      return a.string_value() < b.string_value();
  }
}

bool SameKey(const Value& a, const Value& b) { return !LessKey(a, b) && !LessKey(b, a); }

}  // namespace

bool ProtoReader::Finish(const MessagePlan& plan, std::span<const Cell> cells, Value& value) {
  switch (plan.message->shape) {
    case Shape::kTimestamp:
    case Shape::kDuration:
      return FinishTime(plan.message->shape, cells, value);
    case Shape::kWrapper:
    case Shape::kStruct:
    case Shape::kListValue:
      return FinishField(plan.fields[0], cells[0], value);
    case Shape::kValue:
      return FinishValue(plan, cells, value);
    case Shape::kPlain:
      break;
  }
  if (!Charge(plan.fields.size())) return false;
  const std::span<MapEntry> entries = arena_->NewArray<MapEntry>(plan.fields.size());
  size_t size = 0;
  for (size_t i = 0; i < plan.fields.size(); ++i) {
    const Field& field = *plan.fields[i].field;
    Value entry;
    if (!FinishField(plan.fields[i], cells[i], entry)) return FailIn(field);
    if (!entry.missing()) entries[size++] = {Value::String(field.name), entry};
  }
  value = Value::Map(entries.first(size));
  return true;
}

bool ProtoReader::FinishField(const FieldPlan& plan, const Cell& cell, Value& value) {
  const Field& field = *plan.field;
  if (field.map) {
    value = FinishMap(cell);
  } else if (field.repeated) {
    value = Value::List({cell.items, cell.size});
  } else if (field.type == FieldType::kMessage && cell.message != nullptr) {
    return Finish(*plan.message, {cell.message, plan.message->fields.size()}, value);
  } else {
    value = cell.value.missing() ? field.unset : cell.value;
  }
  return true;
}

bool ProtoReader::FinishTime(Shape shape, std::span<const Cell> cells, Value& value) {
  const auto number = [&](size_t index) {
    return cells[index].value.missing() ? 0 : cells[index].value.int_value();
  };
  const int64_t seconds = number(0);
  const int64_t nanos = number(1);
  if (shape == Shape::kTimestamp) {
    if (seconds < kFirstSecond || seconds > kLastSecond || nanos < 0 || nanos >= kNanos) {
      return Fail("a Timestamp is out of range");
    }
    value = Value::TimestampOf({seconds, static_cast<int32_t>(nanos)}, *arena_);
    return true;
  }
  const bool one_sign = seconds == 0 || nanos == 0 || (seconds < 0) == (nanos < 0);
  if (seconds < -kMostSeconds || seconds > kMostSeconds || nanos <= -kNanos || nanos >= kNanos ||
      !one_sign) {
    return Fail("a Duration is out of range");
  }
  const bool borrow = nanos < 0;
  value = Value::DurationOf(
      {seconds - (borrow ? 1 : 0), static_cast<int32_t>(nanos + (borrow ? kNanos : 0))}, *arena_);
  return true;
}

bool ProtoReader::FinishValue(const MessagePlan& plan, std::span<const Cell> cells, Value& value) {
  value = Value::Null();
  for (size_t i = 0; i < cells.size(); ++i) {
    const bool set = !cells[i].value.missing() || cells[i].message != nullptr;
    if (set) return FinishField(plan.fields[i], cells[i], value);
  }
  return true;
}

// Of equal keys the last wins, in the place of the first.
Value ProtoReader::FinishMap(const Cell& cell) {
  const size_t count = cell.size / 2;
  const auto key = [&](uint32_t i) -> const Value& { return cell.items[2 * i]; };
  const auto value = [&](uint32_t i) -> Value& { return cell.items[2 * i + 1]; };
  order_.clear();
  if (count <= kManyKeys) {
    for (uint32_t i = 0; i < count; ++i) {
      const auto same = std::ranges::find_if(
          order_, [&](uint32_t earlier) { return SameKey(key(earlier), key(i)); });
      if (same == order_.end()) {
        order_.push_back(i);
      } else {
        value(*same) = value(i);
      }
    }
  } else {
    order_.resize(count);
    std::iota(order_.begin(), order_.end(), 0U);
    std::ranges::sort(order_, [&](uint32_t a, uint32_t b) {
      return SameKey(key(a), key(b)) ? a < b : LessKey(key(a), key(b));
    });
    size_t kept = 0;
    for (size_t i = 0; i < count; ++i) {
      if (kept > 0 && SameKey(key(order_[kept - 1]), key(order_[i]))) {
        value(order_[kept - 1]) = value(order_[i]);
      } else {
        order_[kept++] = order_[i];
      }
    }
    order_.resize(kept);
    std::ranges::sort(order_);
  }
  const std::span<MapEntry> entries = arena_->NewArray<MapEntry>(order_.size());
  for (size_t i = 0; i < entries.size(); ++i) entries[i] = {key(order_[i]), value(order_[i])};
  return Value::Map(entries);
}

bool ProtoReader::FinishSlots(const SlotPlan& plan, std::span<const Cell> cells) {
  for (const SlotPlan::Step& step : plan.steps) {
    const FieldPlan& field = plan.message->fields[step.cell];
    const Cell& cell = cells[step.cell];
    if (step.below != nullptr) {
      if (cell.message == nullptr) continue;
      const std::span<const Cell> below(cell.message, field.message->fields.size());
      if (!FinishSlots(*step.below, below)) return FailIn(*field.field);
      continue;
    }
    Value value;
    if (!FinishField(field, cell, value)) return FailIn(*field.field);
    for (const SlotPick& pick : step.picks) slots_[pick.slot] = PickFrom(value, pick);
  }
  return true;
}

}  // namespace sidestream::serde::protobuf
