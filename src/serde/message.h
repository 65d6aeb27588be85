// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Messages of Protobuf as values: what a message type is, and a message with the fields that
// it has. No vendor is in here: types come from a MessageTypes (message_types.h), messages from a
// reader or from NewMessage (message_builder.h).
//
// CEL does not see the well-known types as messages: a Timestamp is a timestamp, a Struct a
// map, an Int64Value an int or null, an Any what is in it. So no field holds such a message, but
// for an Any whose type nobody knows.
//
// Invariants: entries are ordered by field number; a field without presence that holds its default
// is no entry, nor is an empty list or map. So equal messages have equal entries.
//
// Ownership: a message borrows its type, which must outlive it, and its entries as any Value does.
//
// Threading: types are immutable after they are made; messages are values.

#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/status.h"
#include "serde/value.h"

namespace sidestream::serde {

struct MessageType;
struct MessageField;

/// How the number or text of a field is limited; what CEL sees of it is fewer kinds.
enum class FieldKind : uint8_t {
  kBool,
  kInt32,
  kInt64,
  kUint32,
  kUint64,
  kFloat,
  kDouble,
  kString,
  kBytes,
  kEnum,
  kMessage,
};

enum class WellKnown : uint8_t {
  kNone,
  kAny,
  kTimestamp,
  kDuration,
  kStruct,
  kValue,
  kListValue,
  kWrapper,  // Int64Value and its kin
  kFieldMask,
};

struct EnumType {
  std::string name;
  std::vector<std::pair<std::string, int32_t>> values;  // as declared

  /// Empty where the number has no name.
  std::string_view NameOf(int32_t number) const;
  bool IsNull() const { return name == "google.protobuf.NullValue"; }
};

struct MessageField {
  std::string name;       // of an extension: its full name
  std::string json_name;  // of an extension: "[full.name]"
  int32_t number = 0;
  FieldKind kind = FieldKind::kBool;
  bool repeated = false;                 // a list; not set where `map` is
  bool map = false;                      // `message` is the type of entries: fields key and value
  bool presence = false;                 // set and default are two things
  int oneof = -1;                        // fields of a type with the same number exclude each other
  const MessageType* message = nullptr;  // kMessage
  const EnumType* enumeration = nullptr;  // kEnum
  Value initial;                          // what CEL reads where it is not set
};

struct MessageEntry {
  const MessageField* field = nullptr;
  Value value;
};

struct Message {
  const MessageType* type = nullptr;
  std::span<const MessageEntry> entries;
  std::string_view unknown;  // as on the wire: fields that the type does not have

  /// Null where it is not set.
  const Value* Find(const MessageField& field) const;
  /// The value of `field`, or what it reads as where it is not set.
  const Value& Get(const MessageField& field) const;
};

struct MessageType {
  std::string name;  // "com.example.Order"
  WellKnown well_known = WellKnown::kNone;
  std::vector<MessageField> fields;  // by number, extensions too
  std::map<std::string, const MessageField*, std::less<>> by_name;
  Message empty;  // a message without any entry

  /// An extension has its full name. Null: there is none.
  const MessageField* Find(std::string_view field) const;
  /// Names of all fields, for suggestions.
  std::vector<std::string> FieldNames() const;
};

/// As CEL has it: fields one by one, NaN unequal to itself, unknown fields by their bytes.
bool EqualMessages(const Message& a, const Message& b);

/// A map of what `message` holds, one level deep, by field name: every field that is set, and
/// the defaults of those without presence. What has no form for messages stores this.
Value AsMap(const Message& message, Arena& arena);

/// What protobuf's JSON mapping makes of `message`, one level deep: mostly a map by JSON name, in
/// which 64-bit integers and enums are texts. Fails with kBadRecord for what the mapping has no
/// form for: an Any of a type that is not known.
Result<Value> AsJson(const Message& message, Arena& arena);

}  // namespace sidestream::serde
