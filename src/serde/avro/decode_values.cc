// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The part of the decoder that makes values.

#include <algorithm>
#include <cstring>

#include "serde/avro/decimal.h"
#include "serde/avro/decoder.h"
#include "serde/avro/logical_time.h"
#include "serde/utf8.h"

namespace sidestream::serde::avro {
namespace {

/// From here on a sort finds equal keys faster than a look at each pair.
constexpr size_t kManyKeys = 16;

std::string_view UuidText(std::string_view bytes, Arena& arena) {
  static constexpr char kHex[] = "0123456789abcdef";
  char text[36];
  char* out = text;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *out++ = '-';
    const auto byte = static_cast<uint8_t>(bytes[i]);
    *out++ = kHex[byte >> 4];
    *out++ = kHex[byte & 15];
  }
  return arena.Copy({text, sizeof text});
}

Value DurationMap(std::string_view bytes, Arena& arena) {
  static constexpr std::string_view kNames[] = {"months", "days", "millis"};
  const std::span<MapEntry> entries = arena.NewArray<MapEntry>(3);
  for (size_t i = 0; i < entries.size(); ++i) {
    uint32_t number = 0;
    std::memcpy(&number, bytes.data() + 4 * i, sizeof number);
    entries[i] = {Value::String(kNames[i]), Value::Int(number)};
  }
  return Value::Map(entries);
}

}  // namespace

bool Decoder::Read(const Plan& plan, int depth, Value& value) {
  if (depth > kMaxDepth) [[unlikely]]
    return Fail("nested deeper than 500");
  switch (plan.op) {
    case Op::kNull:
      value = Value::Null();
      return true;
    case Op::kBoolean: {
      bool flag = false;
      if (!in_.Boolean(flag)) return Fail("a boolean is missing or neither 0 nor 1");
      value = Value::Bool(flag);
      return true;
    }
    case Op::kInt:
    case Op::kLong:
    case Op::kFloat:
    case Op::kDouble:
      return ReadNumber(plan, value);
    case Op::kBytes:
    case Op::kFixed:
      return ReadBytes(plan, value);
    case Op::kEnum:
      return ReadEnum(plan, value);
    case Op::kRecord:
      return ReadRecord(plan, depth, value);
    case Op::kArray:
      return ReadArray(plan, depth, value);
    case Op::kMap:
      return ReadMap(plan, depth, value);
    case Op::kUnion: {
      size_t index = 0;
      return ReadBranch(plan.branches.size(), index) && Read(*plan.branches[index], depth, value);
    }
    case Op::kError:
      return Fail(plan.error);
  }
  return false;
}

bool Decoder::ReadNumber(const Plan& plan, Value& value) {
  if (plan.op == Op::kFloat) {
    float number = 0;
    if (!in_.Float(number)) return Fail("a float ends too early");
    value = Value::Double(static_cast<double>(number));
    return true;
  }
  if (plan.op == Op::kDouble) {
    double number = 0;
    if (!in_.Double(number)) return Fail("a double ends too early");
    value = Value::Double(number);
    return true;
  }
  int64_t number = 0;
  if (!(plan.op == Op::kInt ? in_.Int(number) : in_.Long(number))) {
    return Fail(plan.op == Op::kInt ? "an int is missing or too large"
                                    : "a long is missing or too large");
  }
  switch (plan.make) {
    case Make::kFloat:
      value = Value::Double(static_cast<double>(static_cast<float>(number)));
      return true;
    case Make::kDouble:
      value = Value::Double(static_cast<double>(number));
      return true;
    case Make::kTime:
      value = TimeFromRaw(plan.logical, number, *arena_);
      return true;
    default:
      value = Value::Int(number);
      return true;
  }
}

bool Decoder::ReadBytes(const Plan& plan, Value& value) {
  std::string_view bytes;
  if (!(plan.op == Op::kFixed ? in_.Raw(plan.writer->fixed_size, bytes) : in_.Bytes(bytes))) {
    return Fail(Describe(*plan.writer) + " ends too early");
  }
  return MakeValue(plan, bytes, value);
}

bool Decoder::MakeValue(const Plan& plan, std::string_view bytes, Value& value) {
  switch (plan.make) {
    case Make::kString:
      if (!IsUtf8(bytes)) return Fail("a string is not UTF-8");
      value = Value::String(bytes);
      return true;
    case Make::kDecimal: {
      const auto number = ReadDecimal(bytes, plan.precision, plan.scale);
      if (!number.has_value()) {
        return Fail("a decimal has more digits than its precision " +
                    std::to_string(plan.precision) + ", or than the 38 that are read");
      }
      value = Value::DecimalOf(*number, *arena_);
      return true;
    }
    case Make::kUuid:
      value = Value::String(UuidText(bytes, *arena_));
      return true;
    case Make::kDuration:
      value = DurationMap(bytes, *arena_);
      return true;
    default:
      value = Value::Bytes(bytes);
      return true;
  }
}

bool Decoder::ReadEnum(const Plan& plan, Value& value) {
  int64_t index = 0;
  if (!in_.Long(index)) return Fail("the symbol of an enum is missing");
  if (index < 0 || static_cast<uint64_t>(index) >= plan.symbols.size()) {
    return Fail("symbol " + std::to_string(index) + " of " + Describe(*plan.writer));
  }
  value = plan.symbols[static_cast<size_t>(index)];
  if (!value.missing()) return true;
  return Fail("the reader's enum has neither the symbol '" +
              plan.writer->symbols[static_cast<size_t>(index)] + "' nor a default");
}

bool Decoder::ReadRecord(const Plan& plan, int depth, Value& value) {
  // Records of nothing but nulls, in each other, would be work without end in no bytes.
  if (plan.writer->min_size == 0 && !Charge(1 + plan.fields.size())) return false;
  const std::span<MapEntry> entries = arena_->NewArray<MapEntry>(plan.prototype.size());
  std::ranges::copy(plan.prototype, entries.begin());
  for (const FieldPlan& field : plan.fields) {
    const bool read = field.plan == nullptr
                          ? Skip(*field.writer, depth + 1)
                          : Read(*field.plan, depth + 1, entries[field.reader_index].value);
    if (!read) [[unlikely]] {
      return FailIn(plan.writer->fields[static_cast<size_t>(&field - plan.fields.data())].name);
    }
  }
  value = Value::Map(entries);
  return true;
}

bool Decoder::ReadArray(const Plan& plan, int depth, Value& value) {
  const size_t first = items_.size();
  const uint64_t item_size = plan.writer->element->min_size;
  Block block;
  while (NextBlock(item_size, block)) {
    if (block.count == 0) {
      const std::span<Value> items = arena_->NewArray<Value>(items_.size() - first);
      std::copy(items_.begin() + static_cast<ptrdiff_t>(first), items_.end(), items.begin());
      items_.resize(first);
      value = Value::List(items);
      return true;
    }
    for (; block.count > 0; --block.count) {
      Value item;
      if (!Read(*plan.element, depth + 1, item)) return false;
      items_.push_back(item);
    }
    if (!EndBlock(block)) return false;
  }
  return false;
}

bool Decoder::ReadMap(const Plan& plan, int depth, Value& value) {
  const size_t first = entries_.size();
  const uint64_t item_size = uint64_t{1} + plan.writer->element->min_size;
  Block block;
  while (NextBlock(item_size, block)) {
    if (block.count == 0) {
      value = MapOf(first);
      return true;
    }
    for (; block.count > 0; --block.count) {
      std::string_view key;
      if (!ReadKey(key)) return false;
      Value item;
      if (!Read(*plan.element, depth + 1, item)) return FailIn(key);
      entries_.push_back({Value::String(key), item});
    }
    if (!EndBlock(block)) return false;
  }
  return false;
}

// Of equal keys the last wins, in the place of the first.
Value Decoder::MapOf(size_t first) {
  const std::span<MapEntry> all = std::span(entries_).subspan(first);
  const auto key_of = [&](uint32_t i) { return all[i].key.string_value(); };
  order_.clear();
  if (all.size() <= kManyKeys) {
    for (uint32_t i = 0; i < all.size(); ++i) {
      const auto same = std::ranges::find_if(
          order_, [&](uint32_t earlier) { return key_of(earlier) == key_of(i); });
      if (same == order_.end()) {
        order_.push_back(i);
      } else {
        all[*same].value = all[i].value;
      }
    }
  } else {
    for (uint32_t i = 0; i < all.size(); ++i) order_.push_back(i);
    std::ranges::sort(order_, [&](uint32_t a, uint32_t b) {
      return key_of(a) != key_of(b) ? key_of(a) < key_of(b) : a < b;
    });
    size_t kept = 0;
    for (size_t i = 0; i < order_.size(); ++i) {
      if (kept > 0 && key_of(order_[kept - 1]) == key_of(order_[i])) {
        all[order_[kept - 1]].value = all[order_[i]].value;
      } else {
        order_[kept++] = order_[i];
      }
    }
    order_.resize(kept);
    std::ranges::sort(order_);
  }
  const std::span<MapEntry> entries = arena_->NewArray<MapEntry>(order_.size());
  for (size_t i = 0; i < entries.size(); ++i) entries[i] = all[order_[i]];
  entries_.resize(first);
  return Value::Map(entries);
}

}  // namespace sidestream::serde::avro
