// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// ProtoWriter: from a Value to Protobuf's wire format.
//
// "A sink takes its format's type only":
//
// | Protobuf | takes |
// |---|---|
// | int32 … sfixed64 | int and uint that fit |
// | float, double | double, int, uint (a finite number beyond a float is an error) |
// | bool, string, bytes | bool, string, bytes |
// | enum | a symbol's name, or an int (proto2: of a symbol) |
// | message | map: an entry that is no field is an error |
// | repeated | list |
// | map | map; keys that are no strings may be given as their text, as JSON has them |
// | Timestamp | timestamp, int (epoch ms), RFC 3339 string |
// | Duration | duration, string ("1.5s") |
// | DoubleValue … BytesValue | what its value takes |
// | Struct, ListValue, Value | map with string keys; list; null, bool, string, number (an integer
// beyond | |                          | 2^53 is an error), list, map |
//
// Null and optional.none() leave a field unset (in a Value null is a value), and are errors in
// lists and maps. An optional with a value stands for its value. Two members of a oneof, and a
// `required` field without value, are errors. Groups are not written.
//
// Fields are written in the order of their numbers; with implicit presence a default is left out;
// so the bytes are those of the official libraries.
//
// Everything else is kBadRecord with the place, never a silent conversion.
//
// Threading: immutable; Encode may be called from any thread.

#pragma once

#include <string>
#include <utility>

#include "base/status.h"
#include "serde/protobuf/proto_schema.h"
#include "serde/value.h"

namespace sidestream::serde::protobuf {

class ProtoWriter {
 public:
  /// `message` is one of `schema`, which is held.
  ProtoWriter(ProtoSchemaPtr schema, const Message& message)
      : schema_(std::move(schema)), message_(message) {}

  /// Appends the bytes of `value` to `out`; there may be more in it when it fails.
  Status Encode(const Value& value, std::string& out) const;

 private:
  const ProtoSchemaPtr schema_;
  const Message& message_;
};

}  // namespace sidestream::serde::protobuf
