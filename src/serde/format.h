// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The formats of keys and values, as a topology file declares them: a kind, and
// for json the types of named fields (`fields: { id: int, "items[].price": double }`).
//
// Place in the flow: topology parses the YAML into a FormatSpec; Reader and Writer
// are made from one.
//
// Threading: values.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "serde/value.h"

namespace sidestream::serde {

/// The bytes are those of Kafka's own (de)serializers; json is UTF-8 text.
enum class FormatKind : uint8_t {
  kString,  // UTF-8
  kBytes,   // as they are
  kInt32,   // 4 bytes, big-endian two's complement
  kInt64,   // 8 bytes, big-endian two's complement
  kFloat,   // 4 bytes, big-endian IEEE 754
  kDouble,  // 8 bytes, big-endian IEEE 754
  kUuid,    // text of 36 characters
  kJson,
};

/// Types that `fields:` may give. Null fits each of them.
enum class FieldType : uint8_t {
  kInt,        // a JSON number without a fraction that fits 64 bits
  kDouble,     // any JSON number
  kString,     // a JSON string
  kBool,       // true or false
  kBytes,      // a JSON string in base64
  kTimestamp,  // epoch milliseconds as a number, or an RFC 3339 string
  kDuration,   // a JSON string such as "1.5s"
  kDecimal,    // a JSON number with its digits, or a string of one
};

/// A type for the fields that `path` names: names joined by dots, `[]` behind a name
/// for each element of a list: "id", "address.zip", "items[].price", "tags[]".
struct FieldSpec {
  std::string path;
  FieldType type = FieldType::kString;
  friend bool operator==(const FieldSpec&, const FieldSpec&) = default;
};

/// How a key or value is laid out.
struct FormatSpec {
  FormatKind kind = FormatKind::kBytes;
  /// kJson only.
  std::vector<FieldSpec> fields;
  friend bool operator==(const FormatSpec&, const FormatSpec&) = default;
};

/// Names as a topology file has them, in the order of the enum: for errors and schemas.
std::span<const std::string_view> FormatNames();
std::span<const std::string_view> FieldTypeNames();
std::string_view FormatName(FormatKind kind);
std::string_view FieldTypeName(FieldType type);

/// Fail with kInvalidConfig and a message that lists the valid names.
Result<FormatKind> ParseFormatKind(std::string_view name);
Result<FieldType> ParseFieldType(std::string_view name);

/// One step of a field path: into the field `name`, or into each element of a list.
struct FieldPathStep {
  bool each_element = false;
  std::string name;  // empty when each_element
};

/// Splits a path of FieldSpec. Fails with kInvalidConfig.
Result<std::vector<FieldPathStep>> ParseFieldPath(std::string_view path);

/// Whether a value of `kind` can stand in `format` at all ("a sink takes its format's type
/// only"), for checks at load where types are known. Single values may still not fit (an int
/// above 32 bits in int32). Null is not asked for: it is no bytes in every format.
bool FormatTakes(FormatKind format, Value::Kind kind);

}  // namespace sidestream::serde
