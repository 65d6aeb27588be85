// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Value: what an expression sees and a format reads or writes. Sixteen bytes,
// trivially copyable; strings, lists and maps are views into an Arena, a record's
// bytes or static memory.
//
// Ownership: a Value owns nothing. Whoever makes one says which arena it lives in;
// what must outlive the record is copied (CopyInto) into a longer-lived arena.
//
// Maps keep the order in which their entries came (JSON's key order survives), and
// keys are unique: the last of equal keys wins when a reader builds the map.
//
// Threading: values; the memory behind them is confined to the arena's thread.

#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/check.h"

namespace sidestream::serde {

class Decimal;
class Value;
struct MapEntry;
struct Message;

/// Nanoseconds since the epoch or of a duration: CEL's resolution.
struct Nanos {
  int64_t seconds = 0;
  int32_t nanos = 0;  // 0 .. 999'999'999; the value is seconds + nanos
  friend constexpr auto operator<=>(const Nanos&, const Nanos&) = default;
};

class Value {
 public:
  enum class Kind : uint8_t {
    kMissing,  // a field that is not there: never a result, an error where it is used
    kNull,
    kBool,
    kInt,
    kUint,
    kDouble,
    kString,
    kBytes,
    kTimestamp,  // CEL timestamp
    kDuration,   // CEL duration
    kList,
    kMap,
    kType,      // the value of CEL's type(x): its name
    kOptional,  // CEL optional: none, or one value
    kIp,        // net.IP: its canonical text
    kCidr,      // net.CIDR: its canonical text
    kJson,      // text of a JSON value, not null, that nobody looks into: from reader to JSON writer
    kMessage,   // a message of Protobuf (message.h)
    kDecimal,   // an exact number of decimal digits
  };

  constexpr Value() = default;  // kMissing
  static Value Null();
  static Value Bool(bool value);
  static Value Int(int64_t value);
  static Value Uint(uint64_t value);
  static Value Double(double value);
  /// `text` is borrowed and must be valid UTF-8 (readers check).
  static Value String(std::string_view text);
  static Value Bytes(std::string_view bytes);
  static Value TimestampOf(Nanos since_epoch, Arena& arena);
  static Value DurationOf(Nanos length, Arena& arena);
  static Value List(std::span<const Value> items);
  static Value Map(std::span<const MapEntry> entries);
  static Value Type(std::string_view name);
  /// `text` is borrowed and must be canonical: equal addresses have equal texts.
  static Value Ip(std::string_view text);
  static Value Cidr(std::string_view text);
  /// `text` is borrowed and must be one valid JSON value other than null.
  static Value Json(std::string_view text);
  /// `message` is borrowed, as lists and maps are.
  static Value MessageOf(const Message& message);
  static Value DecimalOf(const Decimal& number, Arena& arena);
  static Value OptionalNone();
  static Value OptionalOf(Value value, Arena& arena);

  Kind kind() const { return kind_; }
  bool missing() const { return kind_ == Kind::kMissing; }
  bool null() const { return kind_ == Kind::kNull; }

  /// Each requires the kind in its name.
  bool bool_value() const;
  int64_t int_value() const;
  uint64_t uint_value() const;
  double double_value() const;
  std::string_view string_value() const;  // kString, kBytes, kType, kIp, kCidr or kJson
  Nanos time_value() const;               // kTimestamp or kDuration
  const Decimal& decimal_value() const;
  std::span<const Value> list() const;
  std::span<const MapEntry> map() const;
  const Message& message() const;
  /// Requires kOptional; null pointer when none.
  const Value* optional_value() const;

  /// Entry of a map with the string key `name`, or kMissing. Requires kMap.
  Value Field(std::string_view name) const;

  /// A deep copy whose memory is all in `arena`.
  Value CopyInto(Arena& arena) const;

  /// CEL equality: numbers compare across int, uint and double, and across int, uint and
  /// decimal (a decimal is unequal to every double); NaN is unequal to itself.
  static bool Equal(const Value& a, const Value& b);

  /// CEL's `<`: among numbers (exact, between the kinds that Equal compares), bools, strings,
  /// bytes, timestamps and durations. Empty where CEL has no order; unordered with NaN.
  static std::optional<std::partial_ordering> Compare(const Value& a, const Value& b);

 private:
  /// Ends the process: an accessor was called on another kind.
  [[noreturn]] static void WrongKind(Kind kind);
  void Require(Kind kind) const {
    if (kind_ != kind) [[unlikely]]
      WrongKind(kind_);
  }
  static uint32_t SizeOf(size_t size) {
    CHECK(size <= UINT32_MAX) << size;
    return static_cast<uint32_t>(size);
  }

  Kind kind_ = Kind::kMissing;
  uint32_t size_ = 0;  // length of string, bytes, list, map
  union {
    bool bool_;
    int64_t int_ = 0;
    uint64_t uint_;
    double double_;
    const char* chars_;
    const Nanos* nanos_;
    const Decimal* decimal_;
    const Value* values_;
    const MapEntry* entries_;
    const Message* message_;
  };
};

static_assert(sizeof(Value) == 16);

struct MapEntry {
  Value key;
  Value value;
};

/// "null_type", "bool", "int" …: CEL's names, for texts to people.
std::string_view KindName(Value::Kind kind);

/// What CEL's type() says: the name of the kind, or of the message type.
std::string_view TypeName(const Value& value);

/// JSON-like text for messages and logs; at most `limit` bytes.
std::string DebugString(const Value& value, size_t limit = 200);

// Small and on the path of every record: inline.

inline Value Value::Null() {
  Value v;
  v.kind_ = Kind::kNull;
  return v;
}
inline Value Value::Bool(bool value) {
  Value v;
  v.kind_ = Kind::kBool;
  v.bool_ = value;
  return v;
}
inline Value Value::Int(int64_t value) {
  Value v;
  v.kind_ = Kind::kInt;
  v.int_ = value;
  return v;
}
inline Value Value::Uint(uint64_t value) {
  Value v;
  v.kind_ = Kind::kUint;
  v.uint_ = value;
  return v;
}
inline Value Value::Double(double value) {
  Value v;
  v.kind_ = Kind::kDouble;
  v.double_ = value;
  return v;
}
inline Value Value::String(std::string_view text) {
  Value v;
  v.kind_ = Kind::kString;
  v.size_ = SizeOf(text.size());
  v.chars_ = text.data();
  return v;
}
inline Value Value::Bytes(std::string_view bytes) {
  Value v = String(bytes);
  v.kind_ = Kind::kBytes;
  return v;
}
inline Value Value::Type(std::string_view name) {
  Value v = String(name);
  v.kind_ = Kind::kType;
  return v;
}
inline Value Value::Ip(std::string_view text) {
  Value v = String(text);
  v.kind_ = Kind::kIp;
  return v;
}
inline Value Value::Cidr(std::string_view text) {
  Value v = String(text);
  v.kind_ = Kind::kCidr;
  return v;
}
inline Value Value::Json(std::string_view text) {
  Value v = String(text);
  v.kind_ = Kind::kJson;
  return v;
}
inline Value Value::List(std::span<const Value> items) {
  Value v;
  v.kind_ = Kind::kList;
  v.size_ = SizeOf(items.size());
  v.values_ = items.data();
  return v;
}
inline Value Value::Map(std::span<const MapEntry> entries) {
  Value v;
  v.kind_ = Kind::kMap;
  v.size_ = SizeOf(entries.size());
  v.entries_ = entries.data();
  return v;
}

inline Value Value::MessageOf(const Message& message) {
  Value v;
  v.kind_ = Kind::kMessage;
  v.message_ = &message;
  return v;
}

inline bool Value::bool_value() const {
  Require(Kind::kBool);
  return bool_;
}
inline int64_t Value::int_value() const {
  Require(Kind::kInt);
  return int_;
}
inline uint64_t Value::uint_value() const {
  Require(Kind::kUint);
  return uint_;
}
inline double Value::double_value() const {
  Require(Kind::kDouble);
  return double_;
}
inline std::string_view Value::string_value() const {
  if (kind_ != Kind::kString && kind_ != Kind::kBytes && kind_ != Kind::kIp &&
      kind_ != Kind::kCidr && kind_ != Kind::kJson)
    Require(Kind::kType);
  return {chars_, size_};
}
inline Nanos Value::time_value() const {
  if (kind_ != Kind::kTimestamp) Require(Kind::kDuration);
  return *nanos_;
}
inline const Decimal& Value::decimal_value() const {
  Require(Kind::kDecimal);
  return *decimal_;
}
inline std::span<const Value> Value::list() const {
  Require(Kind::kList);
  return {values_, size_};
}
inline std::span<const MapEntry> Value::map() const {
  Require(Kind::kMap);
  return {entries_, size_};
}
inline const Message& Value::message() const {
  Require(Kind::kMessage);
  return *message_;
}

/// An optional with a value stands for its value; kMissing stands for none.
inline Value Unwrap(Value value) {
  while (value.kind() == Value::Kind::kOptional) {
    const Value* const inner = value.optional_value();
    value = inner == nullptr ? Value() : *inner;
  }
  return value;
}

}  // namespace sidestream::serde
