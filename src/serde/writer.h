// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Writer: from a Value to the bytes of a format.
//
// Place in the flow: the last step before a produce: sinks, and joins, which write a
// left key in the key format of their right side.
//
// "A sink takes its format's type only": string <- string; bytes <- bytes; int32, int64 <- int;
// float, double <- double, int; uuid <- string; json <- anything; what a schema says
// (avro/encoder.h, protobuf/proto_writer.h, json_schema_format.h) and csv (csv_format.h) take,
// stands there. An optional with a value stands for its value. Everything else is kBadRecord with a
// hint, never a silent conversion.
//
// JSON: no spaces, map entries in their order, an entry whose value is optional.none() left
// out; shortest digits that give the same double back, and ".0" behind a double without a
// fraction, so that it stays a double; NaN and infinities are refused;
// timestamp as RFC 3339, duration as protobuf's JSON mapping ("1.5s"), bytes as base64;
// int, uint and bool map keys as their text.
//
// Null: a record without value (tombstone) has no bytes, which the caller writes by not
// calling. JSON and Avro write Null where they can, the other formats refuse it.
//
// Threading: immutable; Write may be called from any thread.

#pragma once

#include <memory>
#include <string>
#include <utility>

#include "base/status.h"
#include "serde/format.h"
#include "serde/value.h"

namespace sidestream::serde {

class Writer {
 public:
  /// What writes the formats that need more than their kind. Threading: immutable.
  class Codec {
   public:
    virtual ~Codec() = default;
    /// As Writer::Write; `out` may have more in it when it fails. `value` is no optional.
    virtual Status Write(const Value& value, std::string& out) const = 0;
  };

  /// Requires a kind that needs nothing else: neither schema nor columns.
  explicit Writer(FormatKind format);
  Writer(FormatKind format, std::shared_ptr<const Codec> codec)
      : format_(format), codec_(std::move(codec)) {}

  /// Fails with kInvalidConfig: the schema or the columns cannot be used, or a frame is asked for
  /// and the schema has no id.
  static Result<Writer> Create(const FormatSpec& format);

  FormatKind format() const { return format_; }
  /// As FormatSpec::values.
  const SchemaType* values() const { return values_.get(); }

  /// Appends the bytes of `value` to `out`. Fails with kBadRecord and leaves `out` as it was.
  Status Write(const Value& value, std::string& out) const;

 private:
  static Result<Writer> CreateUnframed(const FormatSpec& format);

  FormatKind format_;
  std::shared_ptr<const Codec> codec_;
  std::shared_ptr<const SchemaType> values_;
  std::string frame_;  // in front of what the codec writes
};

}  // namespace sidestream::serde
