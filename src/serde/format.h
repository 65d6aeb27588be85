// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The formats of keys and values, as a topology file declares them: a kind, for json and csv
// the types of named fields (`fields: { id: int, "items[].price": double }`), for avro,
// protobuf and json_schema the schema.
//
// Place in the flow: topology parses the YAML into a FormatSpec; Reader and Writer
// are made from one.
//
// A format whose schemas a registry has: the reader of its frames (wire_frame.h) makes one Reader
// per writer's schema with Reader::CreateFor, when a record of that schema is first met, and keeps
// a bounded number of them; its writer puts the frame in front of what
// Writer::Create(format) writes with the schema that was chosen.
//
// Threading: values.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
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
  kAvro,        // binary encoding of a schema
  kProtobuf,    // a message of a .proto file
  kJsonSchema,  // JSON that fits a schema
  kCsv,         // one line
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

/// A schema's text and the texts that it uses, directly or not, each behind what it uses itself.
struct SchemaText {
  /// `name`: how it is used: a type's name (Avro), the path of an import (Protobuf), a URI (JSON
  /// Schema).
  struct Reference {
    std::string name;
    std::string text;
    friend bool operator==(const Reference&, const Reference&) = default;
  };
  std::string text;
  std::vector<Reference> references;
  friend bool operator==(const SchemaText&, const SchemaText&) = default;
};

/// What stands in front of the bytes of a schema.
enum class Framing : uint8_t {
  kNone,
  kConfluent,  // wire_frame.h
};

/// How a line of CSV is cut.
struct CsvLayout {
  std::vector<std::string> columns;
  char delimiter = ',';
  char quote = '"';
  /// A field of this text without quotes is null.
  std::string null_text;
  friend bool operator==(const CsvLayout&, const CsvLayout&) = default;
};

class SchemaSource;
struct SchemaType;

/// How a key or value is laid out.
struct FormatSpec {
  FormatKind kind = FormatKind::kBytes;
  /// kJson and kCsv.
  std::vector<FieldSpec> fields;
  /// kAvro, kProtobuf, kJsonSchema.
  SchemaText schema;
  /// kProtobuf: full name; empty: the first message of the file.
  std::string message;
  Framing framing = Framing::kNone;
  /// In the registry; empty: made of the topic's name or the schema's.
  std::string subject;
  /// What writers put into frames; known once the registry was asked.
  std::optional<uint32_t> schema_id;
  /// Who has the schemas that frames name. Shared: every reader of the format asks, whenever it was
  /// made and however long it lives.
  std::shared_ptr<SchemaSource> schemas;
  CsvLayout csv;
  /// What the values are, as far as the schema or the columns say so (schema_type.h); null: not
  /// asked for. Follows from the rest.
  std::shared_ptr<const SchemaType> values;

  friend bool operator==(const FormatSpec& a, const FormatSpec& b) {
    return a.kind == b.kind && a.fields == b.fields && a.SameBytes(b);
  }
  /// Whether bytes of the one are bytes of the other as they are.
  bool SameBytes(const FormatSpec& other) const {
    return kind == other.kind && schema == other.schema && message == other.message &&
           framing == other.framing && csv == other.csv;
  }
};

/// Whether `kind` needs FormatSpec::schema.
inline bool HasSchema(FormatKind kind) {
  return kind == FormatKind::kAvro || kind == FormatKind::kProtobuf ||
         kind == FormatKind::kJsonSchema;
}

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
