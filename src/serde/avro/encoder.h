// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Encoder: from a Value to Avro's binary encoding.
//
// "A sink takes its format's type only":
//
// | Avro | takes |
// |---|---|
// | null, boolean, string, bytes, array | null, bool, string, bytes, list |
// | int, long | int and uint that fit |
// | float, double | double, int, uint (a finite number beyond a float is an error) |
// | enum, fixed | a string that is a symbol, bytes of this size |
// | map | map with string keys |
// | record | map: an entry that is no field is an error; a field without entry is its default, |
// |        | or an error where it has none |
// | decimal | decimal, string of digits ("12.5"), int, uint; no rounding |
// | uuid | string of 36 characters |
// | date | timestamp at midnight UTC |
// | time-* | duration within a day |
// | timestamp-*, local-timestamp-* | timestamp, int (epoch ms), RFC 3339 string |
// | duration | map {months, days, millis}, duration of up to 2^32 ms |
//
// What is finer than the unit of a time is cut off. An optional with a value stands for its
// value; none leaves the field out, elsewhere it is null.
//
// Branch of a union: the one that takes the value's kind as it is, before one that
// converts it (int before double before float before decimal; timestamp before date; record before
// map); of records the first one that has a field for every entry and an entry for every field
// without default; of equals the first.
//
// Everything else is kBadRecord with the place, never a silent conversion.
//
// Threading: immutable; Encode may be called from any thread.

#pragma once

#include <string>
#include <utility>

#include "base/status.h"
#include "serde/avro/schema.h"
#include "serde/value.h"

namespace sidestream::serde::avro {

class Encoder {
 public:
  /// The schema is held, as a schema is (schema.h).
  explicit Encoder(SchemaPtr schema) : schema_(std::move(schema)) {}

  /// Appends the bytes of `value` to `out`. Fails with kBadRecord and leaves `out` as it was.
  Status Encode(const Value& value, std::string& out) const;

 private:
  SchemaPtr schema_;
};

}  // namespace sidestream::serde::avro
