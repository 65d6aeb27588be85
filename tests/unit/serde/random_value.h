// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Random Values for property tests, from one seed.

#pragma once

#include <bit>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "serde/decimal.h"
#include "serde/utf8.h"
#include "serde/value.h"

namespace sidestream::serde {

/// Makes Values in an arena. With a small domain equal values come up often.
class RandomValues {
 public:
  enum class Domain {
    kJson,   // what JSON can hold and give back with its kind
    kAny,    // every kind but double NaN
    kSmall,  // kJson with few different leaves
  };

  RandomValues(uint64_t seed, Domain domain, Arena& arena)
      : random_(seed), domain_(domain), arena_(arena) {}

  Value Make(int depth = 4) {
    switch (random_.Below(depth > 0 ? 10 : 7)) {
      case 0:
        return domain_ == Domain::kAny && random_.OneIn(2) ? Other() : Value::Null();
      case 1:
        return Value::Bool(random_.OneIn(2));
      case 2:
      case 3:
        return Number();
      case 4:
      case 5:
      case 6:
        return domain_ == Domain::kAny && random_.OneIn(4) ? Other() : Value::String(Text());
      case 7:
        return List(depth);
      default:
        return Map(depth);
    }
  }

  /// A value that is `==` to `value`: other kinds of numbers, other order of entries.
  Value Twist(const Value& value) {
    switch (value.kind()) {
      case Value::Kind::kInt:
        return TwistInt(value.int_value());
      case Value::Kind::kDouble:
        return TwistDouble(value.double_value());
      case Value::Kind::kList: {
        const std::span<Value> items = arena_.NewArray<Value>(value.list().size());
        for (size_t i = 0; i < items.size(); ++i) items[i] = Twist(value.list()[i]);
        return Value::List(items);
      }
      case Value::Kind::kMap: {
        const std::span<MapEntry> entries = arena_.NewArray<MapEntry>(value.map().size());
        for (size_t i = 0; i < entries.size(); ++i) {
          entries[i] = {value.map()[i].key, Twist(value.map()[i].value)};
          std::swap(entries[i], entries[Index(i + 1)]);
        }
        return Value::Map(entries);
      }
      default:
        return value;
    }
  }

  Random& random() { return random_; }

 private:
  size_t Index(size_t bound) {
    return static_cast<size_t>(random_.Below(static_cast<int64_t>(bound)));
  }

  Value Number() {
    if (domain_ == Domain::kSmall) {
      const int64_t number = random_.Below(3) - 1;
      return random_.OneIn(2) ? Value::Int(number) : Value::Double(static_cast<double>(number) / 2);
    }
    switch (random_.Below(5)) {
      case 0:
        return Value::Int(random_.Below(200) - 100);
      case 1:
        return Value::Int(static_cast<int64_t>(random_.Next() >> random_.Below(64)));
      case 2:
        return Value::Uint(random_.Next() | uint64_t{1} << 63);
      case 3:
        return Value::Double(static_cast<double>(random_.Below(2000)) / 8 - 100);
      default: {
        const auto number = std::bit_cast<double>(random_.Next());
        return Value::Double(std::isfinite(number) ? number : 0.5);
      }
    }
  }

  Value Other() {
    switch (random_.Below(7)) {
      case 6:
        return Value::DecimalOf(
            *Decimal::Of(random_.Below(20'000) - 10'000, static_cast<int>(random_.Below(128))),
            arena_);
      case 0:
        return Value::TimestampOf({random_.Below(1'000'000) - 500'000, 5}, arena_);
      case 1:
        return Value::DurationOf({random_.Below(1'000) - 500, 999'999'999}, arena_);
      case 2:
        return Value::OptionalNone();
      case 3:
        return Value::OptionalOf(Make(1), arena_);
      case 4:
        return Value::Type("map");
      default:
        return Value::Bytes(arena_.Copy(std::string(Index(9), static_cast<char>(random_.Next()))));
    }
  }

  std::string_view Text() {
    if (domain_ == Domain::kSmall) return random_.OneIn(2) ? "a" : "b";
    char text[4 * 40];
    char* end = text;
    for (size_t left = Index(40); left > 0; --left) {
      // Every range that is written in its own way.
      static constexpr uint32_t kBounds[] = {0x20, 0x80, 0x80, 0x80, 0x800, 0xd800, 0x110000};
      const uint32_t bound = kBounds[Index(std::size(kBounds))];
      const auto point = static_cast<uint32_t>(random_.Below(bound));
      end = PutUtf8(point >= 0xd800 && point < 0xe000 ? 0xfffd : point, end);
    }
    return arena_.Copy({text, static_cast<size_t>(end - text)});
  }

  Value List(int depth) {
    const std::span<Value> items = arena_.NewArray<Value>(Index(4));
    for (Value& item : items) item = Make(depth - 1);
    return Value::List(items);
  }

  Value Map(int depth) {
    std::vector<MapEntry> entries;
    const size_t size = random_.OneIn(50) ? 100 : Index(4);
    for (size_t i = 0; i < size; ++i) {
      const Value key = Value::String(Text());
      bool taken = false;
      for (const MapEntry& entry : entries) taken = taken || Value::Equal(entry.key, key);
      if (!taken) entries.push_back({key, Make(size > 10 ? 0 : depth - 1)});
    }
    return Value::Map(entries).CopyInto(arena_);
  }

  Value TwistInt(int64_t value) {
    const int64_t choice = random_.Below(3);
    const auto number = static_cast<double>(value);
    if (choice == 1 && value >= 0) return Value::Uint(static_cast<uint64_t>(value));
    if (choice == 2 && Value::Equal(Value::Int(value), Value::Double(number))) {
      return Value::Double(number);
    }
    return Value::Int(value);
  }

  Value TwistDouble(double value) {
    if (value == 0) return random_.OneIn(2) ? Value::Double(-value) : Value::Int(0);
    if (value != std::trunc(value) || value < -0x1p63 || value >= 0x1p64)
      return Value::Double(value);
    return value < 0 ? Value::Int(static_cast<int64_t>(value))
                     : Value::Uint(static_cast<uint64_t>(value));
  }

  Random random_;
  const Domain domain_;
  Arena& arena_;
};

}  // namespace sidestream::serde
