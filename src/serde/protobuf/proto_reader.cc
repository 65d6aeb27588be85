// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/protobuf/proto_reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "serde/utf8.h"

namespace sidestream::serde::protobuf {
namespace {

constexpr WireType kEndGroup = static_cast<WireType>(4);

bool IsSymbol(const Enum& enumeration, int32_t number) {
  return std::ranges::find(enumeration.symbols, number, &Enum::Symbol::number) !=
         enumeration.symbols.end();
}

}  // namespace

Status ProtoReader::Read(std::optional<std::string_view> bytes, std::span<Value> slots,
                         Arena& arena) {
  for (const size_t slot : plan_->all_slots()) slots[slot] = Value();
  found_null_ = !bytes.has_value();
  if (found_null_) {
    for (const SlotPick& pick : plan_->whole()) {
      if (pick.names.empty()) slots[pick.slot] = Value::Null();
    }
    return Status::Ok();
  }
  arena_ = &arena;
  slots_ = slots;
  begin_ = bytes->data();
  values_left_ = kValuesPerRecord + 16 * uint64_t{bytes->size()};
  failed_at_ = begin_;
  path_.clear();
  std::span<Cell> cells;
  if (!NewCells(plan_->root(), cells) || !ReadMessage(plan_->root(), *bytes, cells, 0)) {
    return Error();
  }
  failed_at_ = nullptr;
  if (!plan_->reads_whole()) return FinishSlots(plan_->slots(), cells) ? Status::Ok() : Error();
  Value whole;
  if (!Finish(plan_->root(), cells, whole)) return Error();
  for (const SlotPick& pick : plan_->whole()) slots[pick.slot] = PickFrom(whole, pick);
  return Status::Ok();
}

bool ProtoReader::ReadMessage(const MessagePlan& plan, std::string_view bytes,
                              std::span<Cell> cells, int depth) {
  if (depth > kMaxMessageDepth) return Fail("messages are nested deeper than 100");
  WireCursor in(bytes);
  while (!in.done()) {
    failed_at_ = in.position();
    uint64_t tag = 0;
    if (!in.Varint(tag) || tag > UINT32_MAX || tag >> 3 == 0) return Fail("no tag of a field");
    const auto type = static_cast<WireType>(tag & 7);
    const auto number = static_cast<uint32_t>(tag >> 3);
    const FieldPlan* const field = plan.Find(number);
    if (field == nullptr || (type != field->wire && !(field->packable && type == WireType::kBytes)))
        [[unlikely]] {
      if (!Skip(type, number, in)) return false;
      continue;
    }
    Cell& cell = cells[static_cast<size_t>(field - plan.fields.data())];
    bool known = true;
    // A number that a closed enum does not know is no member: it takes nobody's place.
    const bool skip = field->only_clears && !field->field->closed_enum;
    const bool read = skip                  ? Skip(type, number, in)
                      : type != field->wire ? ReadPacked(*field, in, cell)
                                            : ReadField(*field, in, cell, depth, known);
    if (!read) [[unlikely]]
      return FailIn(*field->field);
    if (!known) continue;
    for (const uint32_t rival : field->rivals) cells[rival] = Cell();
  }
  return true;
}

bool ProtoReader::ReadField(const FieldPlan& plan, WireCursor& in, Cell& cell, int depth,
                            bool& known) {
  const Field& field = *plan.field;
  Value value;
  if (field.type == FieldType::kMessage) {
    std::string_view bytes;
    return in.Bytes(bytes) ? ReadSubmessage(plan, bytes, cell, depth) : Fail("ends too early");
  }
  if (plan.wire == WireType::kBytes) {
    std::string_view bytes;
    if (!in.Bytes(bytes)) return Fail("ends too early");
    if (field.type == FieldType::kString && !IsUtf8(bytes)) return Fail("a string is not UTF-8");
    value = field.type == FieldType::kString ? Value::String(bytes) : Value::Bytes(bytes);
  } else if (!ReadNumber(field, in, value, known)) {
    return false;
  }
  if (!known) return true;
  if (field.repeated) return Append(cell, value);
  cell.value = value;
  return true;
}

bool ProtoReader::ReadNumber(const Field& field, WireCursor& in, Value& value, bool& known) {
  uint64_t wide = 0;
  uint32_t narrow = 0;
  bool there = false;
  switch (WireTypeOf(field.type)) {
    case WireType::kFixed64:
      there = in.Fixed(wide);
      break;
    case WireType::kFixed32:
      there = in.Fixed(narrow);
      break;
    default:
      there = in.Varint(wide);
      break;
  }
  if (!there) return Fail("a number is missing or too long");
  switch (field.type) {
    case FieldType::kDouble:
      value = Value::Double(std::bit_cast<double>(wide));
      return true;
    case FieldType::kFloat:
      value = Value::Double(static_cast<double>(std::bit_cast<float>(narrow)));
      return true;
    case FieldType::kInt64:
    case FieldType::kSfixed64:
      value = Value::Int(static_cast<int64_t>(wide));
      return true;
    case FieldType::kUint64:
    case FieldType::kFixed64:
      value = Value::Uint(wide);
      return true;
    case FieldType::kInt32:
      value = Value::Int(static_cast<int32_t>(wide));
      return true;
    case FieldType::kUint32:
      value = Value::Uint(static_cast<uint32_t>(wide));
      return true;
    case FieldType::kFixed32:
      value = Value::Uint(narrow);
      return true;
    case FieldType::kSfixed32:
      value = Value::Int(static_cast<int32_t>(narrow));
      return true;
    case FieldType::kSint32:
      value = Value::Int(ZigZag(static_cast<uint32_t>(wide)));
      return true;
    case FieldType::kSint64:
      value = Value::Int(ZigZag(wide));
      return true;
    case FieldType::kBool:
      value = Value::Bool(wide != 0);
      return true;
    default:
      break;
  }
  const auto number = static_cast<int32_t>(wide);
  known = !field.closed_enum || IsSymbol(*field.enumeration, number);
  unknown_symbol_ = unknown_symbol_ || !known;
  value = field.enumeration->null_value ? Value::Null() : Value::Int(number);
  return true;
}

bool ProtoReader::ReadPacked(const FieldPlan& plan, WireCursor& in, Cell& cell) {
  std::string_view bytes;
  if (!in.Bytes(bytes)) return Fail("a packed list ends too early");
  WireCursor elements(bytes);
  while (!elements.done()) {
    Value value;
    bool known = true;
    if (!ReadNumber(*plan.field, elements, value, known)) return false;
    if (known && !Append(cell, value)) return false;
  }
  return true;
}

bool ProtoReader::ReadSubmessage(const FieldPlan& plan, std::string_view bytes, Cell& cell,
                                 int depth) {
  if (plan.field->map) return ReadEntry(plan, bytes, cell, depth);
  std::span<Cell> cells;
  if (plan.field->repeated) {
    Value value;
    return NewCells(*plan.message, cells) && ReadMessage(*plan.message, bytes, cells, depth + 1) &&
           Finish(*plan.message, cells, value) && Append(cell, value);
  }
  if (cell.message == nullptr) {
    if (!NewCells(*plan.message, cells)) return false;
    cell.message = cells.data();
  }
  return ReadMessage(*plan.message, bytes, {cell.message, plan.message->fields.size()}, depth + 1);
}

bool ProtoReader::ReadEntry(const FieldPlan& plan, std::string_view bytes, Cell& cell, int depth) {
  const bool outer_unknown = std::exchange(unknown_symbol_, false);
  const MessagePlan& entry = *plan.message;
  std::array<Cell, 2> cells;
  if (!ReadMessage(entry, bytes, cells, depth + 1)) return false;
  const bool unknown = std::exchange(unknown_symbol_, outer_unknown);
  // An entry whose value is no symbol counts as unknown as a whole.
  if (unknown && cells[1].value.missing() && entry.fields[1].field->closed_enum) return true;
  Value key;
  Value value;
  if (!FinishField(entry.fields[0], cells[0], key)) return false;
  if (entry.fields[1].field->type == FieldType::kMessage && cells[1].message == nullptr) {
    std::span<Cell> empty;
    if (!NewCells(*entry.fields[1].message, empty)) return false;
    cells[1].message = empty.data();
  }
  if (!FinishField(entry.fields[1], cells[1], value)) return FailIn(*entry.fields[1].field);
  return Append(cell, key) && Append(cell, value);
}

bool ProtoReader::Skip(WireType type, uint32_t number, WireCursor& in) {
  uint64_t varint = 0;
  std::string_view bytes;
  switch (type) {
    case WireType::kVarint:
      return in.Varint(varint) || Fail("a number is missing or too long");
    case WireType::kFixed64:
      return in.Skip(8) || Fail("a number ends too early");
    case WireType::kFixed32:
      return in.Skip(4) || Fail("a number ends too early");
    case WireType::kBytes:
      return in.Bytes(bytes) || Fail("a field ends too early");
    case WireType::kGroup:
      return SkipGroup(number, in);
    default:
      return Fail("a wire type that does not exist, or the end of no group");
  }
}

bool ProtoReader::SkipGroup(uint32_t number, WireCursor& in) {
  groups_.assign(1, number);
  while (!groups_.empty()) {
    uint64_t tag = 0;
    if (!in.Varint(tag) || tag > UINT32_MAX || tag >> 3 == 0) return Fail("a group is not closed");
    const auto type = static_cast<WireType>(tag & 7);
    const auto inner = static_cast<uint32_t>(tag >> 3);
    if (type == kEndGroup) {
      if (groups_.back() != inner) return Fail("another group ends");
      groups_.pop_back();
    } else if (type == WireType::kGroup) {
      if (groups_.size() > static_cast<size_t>(kMaxMessageDepth)) {
        return Fail("groups are nested deeper than 100");
      }
      groups_.push_back(inner);
    } else if (!Skip(type, inner, in)) {
      return false;
    }
  }
  return true;
}

bool ProtoReader::NewCells(const MessagePlan& plan, std::span<Cell>& cells) {
  if (!Charge(1 + plan.fields.size())) return false;
  cells = arena_->NewArray<Cell>(plan.fields.size());
  return true;
}

bool ProtoReader::Append(Cell& cell, const Value& value) {
  if (cell.size == cell.capacity) {
    const uint32_t capacity = cell.capacity == 0 ? 4 : cell.capacity * 2;
    if (!Charge(capacity - cell.capacity)) return false;
    const std::span<Value> items = arena_->NewArray<Value>(capacity);
    std::copy_n(cell.items, cell.size, items.begin());
    cell.items = items.data();
    cell.capacity = capacity;
  }
  cell.items[cell.size++] = value;
  return true;
}

bool ProtoReader::Charge(uint64_t values) {
  if (values > values_left_) return Fail("more values than a record of this size may have");
  values_left_ -= values;
  return true;
}

bool ProtoReader::Fail(std::string_view reason) {
  reason_ = reason;
  return false;
}

bool ProtoReader::FailIn(const Field& field) {
  path_.push_back(field.name);
  return false;
}

Status ProtoReader::Error() const {
  std::string message = "not a Protobuf message of this schema: ";
  for (auto name = path_.rbegin(); name != path_.rend(); ++name) message += *name + ".";
  if (!path_.empty()) message.back() = ':';
  message += (path_.empty() ? "" : " ") + reason_;
  if (failed_at_ != nullptr) {
    message += ", in the field at byte " + std::to_string(failed_at_ - begin_);
  }
  return Status::BadRecord(std::move(message));
}

}  // namespace sidestream::serde::protobuf
