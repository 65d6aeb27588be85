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

class Value;
struct MapEntry;

/// Nanoseconds since the epoch or of a duration: CEL's resolution.
struct Nanos {
  int64_t seconds = 0;
  int32_t nanos = 0;  // 0 .. 999'999'999; the value is seconds + nanos
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
  std::string_view string_value() const;  // kString, kBytes or kType
  Nanos time_value() const;               // kTimestamp or kDuration
  std::span<const Value> list() const;
  std::span<const MapEntry> map() const;
  /// Requires kOptional; null pointer when none.
  const Value* optional_value() const;

  /// Entry of a map with the string key `name`, or kMissing. Requires kMap.
  Value Field(std::string_view name) const;

  /// A deep copy whose memory is all in `arena`.
  Value CopyInto(Arena& arena) const;

  /// CEL equality: numbers compare across int, uint and double; NaN is unequal to itself.
  static bool Equal(const Value& a, const Value& b);

  /// CEL's `<`: among numbers (exact across int, uint and double), bools, strings, bytes, timestamps
  /// and durations. Empty where CEL has no order; unordered with NaN.
  static std::optional<std::partial_ordering> Compare(const Value& a, const Value& b);

 private:
  Kind kind_ = Kind::kMissing;
  uint32_t size_ = 0;  // length of string, bytes, list, map
  union {
    bool bool_;
    int64_t int_ = 0;
    uint64_t uint_;
    double double_;
    const char* chars_;
    const Nanos* nanos_;
    const Value* values_;
    const MapEntry* entries_;
  };
};

static_assert(sizeof(Value) == 16);

struct MapEntry {
  Value key;
  Value value;
};

/// "null_type", "bool", "int" …: CEL's names, for messages and type().
std::string_view KindName(Value::Kind kind);

/// JSON-like text for messages and logs; at most `limit` bytes.
std::string DebugString(const Value& value, size_t limit = 200);

}  // namespace sidestream::serde
