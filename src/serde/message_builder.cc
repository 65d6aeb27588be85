// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/message_builder.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

namespace sidestream::serde {
namespace {

using Kind = Value::Kind;

std::string_view KindText(FieldKind kind) {
  constexpr std::string_view kTexts[] = {"a bool",   "an int32", "an int64", "a uint32",
                                         "a uint64", "a float",  "a double", "a string",
                                         "bytes",    "an enum",  "a message"};
  return kTexts[static_cast<size_t>(kind)];
}

class FieldConverter {
 public:
  FieldConverter(const MessageType& type, const MessageField& field, Arena& arena)
      : type_(type), field_(field), arena_(arena) {}

  // Missing: null, which leaves the field out.
  Result<Value> Convert(const Value& given) const {
    if (field_.map) return ConvertMap(given);
    if (field_.repeated) return ConvertList(given);
    return ConvertOne(field_, given);
  }

 private:
  Status Refuse(const Value& given, std::string_view wanted) const {
    return Status::BadRecord("field " + field_.name + " of " + type_.name + " holds " +
                             std::string(wanted) + ", not " + DebugString(given, 60));
  }

  Result<Value> ConvertList(const Value& given) const {
    if (given.kind() != Kind::kList) return Refuse(given, "a list");
    const std::span<Value> items = arena_.NewArray<Value>(given.list().size());
    size_t count = 0;
    for (const Value& item : given.list()) {
      ASSIGN_OR_RETURN(const Value made, ConvertOne(field_, item));
      if (!made.missing()) items[count++] = made;
    }
    return Value::List(items.first(count));
  }

  Result<Value> ConvertMap(const Value& given) const {
    if (given.kind() != Kind::kMap) return Refuse(given, "a map");
    const std::span<MapEntry> entries = arena_.NewArray<MapEntry>(given.map().size());
    size_t count = 0;
    for (const MapEntry& entry : given.map()) {
      ASSIGN_OR_RETURN(const Value key, ConvertOne(field_.message->fields[0], entry.key));
      ASSIGN_OR_RETURN(const Value made, ConvertOne(field_.message->fields[1], entry.value));
      if (!made.missing()) entries[count++] = {key, made};
    }
    return Value::Map(entries.first(count));
  }

  // Missing: null, which leaves it out.
  Result<Value> ConvertOne(const MessageField& field, const Value& given) const {
    if (field.kind != FieldKind::kMessage) return ConvertScalar(field, given);
    switch (field.message->well_known) {
      case WellKnown::kAny:
        return given.kind() == Kind::kList || given.kind() == Kind::kMap
                   ? ToJsonValue(given, arena_)
                   : Packable(given);
      case WellKnown::kValue:
        return ToJsonValue(given, arena_);
      case WellKnown::kStruct:
        if (given.kind() != Kind::kMap) return Refuse(given, "a map");
        return ToJsonValue(given, arena_);
      case WellKnown::kListValue:
        if (given.kind() != Kind::kList) return Refuse(given, "a list");
        return ToJsonValue(given, arena_);
      default:
        break;
    }
    if (given.null()) return Value();
    switch (field.message->well_known) {
      case WellKnown::kWrapper:
        return ConvertScalar(field.message->fields[0], given);
      case WellKnown::kTimestamp:
        if (given.kind() != Kind::kTimestamp) return Refuse(given, "a timestamp");
        return given;
      case WellKnown::kDuration:
        if (given.kind() != Kind::kDuration) return Refuse(given, "a duration");
        return given;
      default:
        if (given.kind() != Kind::kMessage || given.message().type->name != field.message->name)
          return Refuse(given, "a " + field.message->name);
        return given;
    }
  }

  Result<Value> Packable(const Value& given) const {
    switch (given.kind()) {
      case Kind::kNull:
      case Kind::kBool:
      case Kind::kInt:
      case Kind::kUint:
      case Kind::kDouble:
      case Kind::kString:
      case Kind::kBytes:
      case Kind::kTimestamp:
      case Kind::kDuration:
      case Kind::kMessage:
        return given;
      default:
        return Refuse(given, "what a message can hold");
    }
  }

  Result<Value> ConvertScalar(const MessageField& field, const Value& given) const {
    switch (field.kind) {
      case FieldKind::kBool:
        return Same(field, given, Kind::kBool);
      case FieldKind::kInt32:
        return Int32(field, given);
      case FieldKind::kInt64:
        return Same(field, given, Kind::kInt);
      case FieldKind::kUint32:
        if (given.kind() == Kind::kUint && given.uint_value() > UINT32_MAX)
          return OutOfRange(field, given);
        return Same(field, given, Kind::kUint);
      case FieldKind::kUint64:
        return Same(field, given, Kind::kUint);
      case FieldKind::kFloat:
        if (given.kind() != Kind::kDouble) return Refuse(given, KindText(field.kind));
        // Too large for a float is infinite (IEC 559).
        return Value::Double(static_cast<double>(static_cast<float>(given.double_value())));
      case FieldKind::kDouble:
        return Same(field, given, Kind::kDouble);
      case FieldKind::kString:
        return Same(field, given, Kind::kString);
      case FieldKind::kBytes:
        return Same(field, given, Kind::kBytes);
      case FieldKind::kEnum:
        if (field.enumeration->IsNull()) return Same(field, given, Kind::kNull);
        return Int32(field, given);
      case FieldKind::kMessage:
        break;
    }
    return Refuse(given, KindText(field.kind));
  }

  Result<Value> Same(const MessageField& field, const Value& given, Kind kind) const {
    if (given.kind() == kind) return given;
    return Refuse(given, KindText(field.kind));
  }

  Result<Value> Int32(const MessageField& field, const Value& given) const {
    if (given.kind() == Kind::kInt &&
        (given.int_value() < INT32_MIN || given.int_value() > INT32_MAX)) {
      return OutOfRange(field, given);
    }
    return Same(field, given, Kind::kInt);
  }

  Status OutOfRange(const MessageField& field, const Value& given) const {
    return Status::BadRecord(DebugString(given, 60) + " is out of the range of field " +
                             field_.name + " of " + type_.name + ", which holds " +
                             std::string(KindText(field.kind)));
  }

  const MessageType& type_;
  const MessageField& field_;
  Arena& arena_;
};

// Whether a field without presence is as if it were not set.
bool IsInitial(const MessageField& field, const Value& value) {
  if (field.map) return value.map().empty();
  if (field.repeated) return value.list().empty();
  if (value.kind() == Kind::kDouble)
    return value.double_value() == 0 && !std::signbit(value.double_value());
  return Value::Equal(value, field.initial);
}

// The entries of a message under construction, by number.
class Entries {
 public:
  Entries(size_t capacity, Arena& arena) : entries_(arena.NewArray<MessageEntry>(capacity)) {}

  void Put(const MessageField& field, const Value& value) {
    const auto replaced = [&](const MessageEntry& entry) {
      return entry.field == &field || (field.oneof >= 0 && entry.field->oneof == field.oneof);
    };
    const auto end = entries_.begin() + static_cast<ptrdiff_t>(count_);
    count_ =
        static_cast<size_t>(std::remove_if(entries_.begin(), end, replaced) - entries_.begin());
    if (value.missing() || (!field.presence && IsInitial(field, value))) return;
    size_t at = count_++;
    for (; at > 0 && entries_[at - 1].field->number > field.number; --at) {
      entries_[at] = entries_[at - 1];
    }
    entries_[at] = {&field, value};
  }
  std::span<const MessageEntry> all() const { return entries_.first(count_); }

 private:
  std::span<MessageEntry> entries_;
  size_t count_ = 0;
};

}  // namespace

Result<Value> NewMessage(const MessageTypes& types, const MessageType& type,
                         std::span<const MessageEntry> fields, Arena& arena) {
  Entries entries(fields.size(), arena);
  for (const MessageEntry& given : fields) {
    ASSIGN_OR_RETURN(const Value value,
                     FieldConverter(type, *given.field, arena).Convert(given.value));
    entries.Put(*given.field, value);
  }
  ASSIGN_OR_RETURN(const Value made, Unpack(types, Message{&type, entries.all(), {}}, arena));
  if (made.kind() == Kind::kMessage && type.well_known == WellKnown::kAny &&
      made.message().type == &type) {
    return Status::BadRecord("cannot convert an Any of an unknown type: " + DebugString(made, 80));
  }
  return made;
}

}  // namespace sidestream::serde
