// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What the values of a format are, as its schema says: the part of Avro, Protobuf, JSON Schema and
// CSV that an expression's types are made of.
//
// Null fits every type. What a schema leaves open, and what lies below a type that contains itself,
// is kAny.
//
// Threading: immutable once made.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/status.h"
#include "serde/format.h"
#include "serde/value.h"

namespace sidestream::serde {

struct SchemaField;

struct SchemaType {
  enum class Kind : uint8_t {
    kAny,
    kScalar,
    kList,
    kMap,
    kObject,  // a map of named fields
  };

  static SchemaType Scalar(Value::Kind kind);
  static SchemaType List(SchemaType element);
  static SchemaType Map(Value::Kind key, SchemaType value);

  Kind kind = Kind::kAny;
  Value::Kind scalar = Value::Kind::kMissing;  // kScalar; kMap: of the keys
  std::vector<SchemaType> element;             // kList, kMap: one
  std::vector<SchemaField> fields;             // kObject
  bool closed = false;                         // kObject: there are no other fields
};

struct SchemaField {
  std::string name;
  SchemaType type;
};

/// Fields of a schema that get a type; what is beyond is kAny.
inline constexpr size_t kTypedFields = 10'000;

/// `value`, which came from JSON, with what JSON only has as text: where `type` says bytes,
/// timestamp or duration, a text that stands for one (base64, RFC 3339, "1.5s") becomes it.
/// Everything else stays as it is, for the writer to judge. The result lives in `arena` and where
/// `value` lives.
Value FromText(const SchemaType& type, const Value& value, Arena& arena);

/// The type of all values of `format` with the schema that it has. Null where nothing is known.
/// Fails with kInvalidConfig as Reader::Create.
Result<std::shared_ptr<const SchemaType>> TypeOfFormat(const FormatSpec& format);

}  // namespace sidestream::serde
