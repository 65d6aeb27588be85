// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A Protobuf schema as a graph: what a reader's tables are compiled from and what a value is
// encoded with. libprotobuf parses the text; nothing of it is left in here.
//
// Place in the flow: the text comes from a registry or a file; ProtoReader and ProtoWriter borrow
// the nodes and hold the schema.
//
// Imports are the reference texts of the schema, by the path of the import; google/protobuf/*.proto
// are always there.
//
// Bounds: kMaxProtoBytes of text, kMaxProtoNesting of braces, kMaxProtoFields.
//
// Threading: immutable after Parse; shared by any number of threads.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/status.h"
#include "serde/format.h"
#include "serde/value.h"

namespace sidestream::serde::protobuf {

inline constexpr size_t kMaxProtoBytes = size_t{4} << 20;
inline constexpr int kMaxProtoNesting = 100;
inline constexpr size_t kMaxProtoFields = 100'000;
/// Seconds of a Timestamp (the years 1 to 9999) and of a Duration (10,000 years either way).
inline constexpr int64_t kFirstSecond = -62'135'596'800;
inline constexpr int64_t kLastSecond = 253'402'300'799;
inline constexpr int64_t kMostSeconds = 315'576'000'000;
/// Deepest nesting of messages in data: what the official libraries read.
inline constexpr int kMaxMessageDepth = 100;

enum class FieldType : uint8_t {
  kDouble,
  kFloat,
  kInt64,
  kUint64,
  kInt32,
  kFixed64,
  kFixed32,
  kBool,
  kString,
  kGroup,  // neither read nor written
  kMessage,
  kBytes,
  kUint32,
  kEnum,
  kSfixed32,
  kSfixed64,
  kSint32,
  kSint64,
};

/// What stands in front of a field's bytes, beside its number.
enum class WireType : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kGroup = 3, kFixed32 = 5 };
WireType WireTypeOf(FieldType type);

/// Messages of google.protobuf that stand for a value of their own.
enum class Shape : uint8_t {
  kPlain,
  kTimestamp,
  kDuration,
  kWrapper,    // DoubleValue … BytesValue
  kStruct,     // map<string, Value>
  kValue,      // null, number, string, bool, Struct or ListValue
  kListValue,  // list of Value
};

struct Enum {
  struct Symbol {
    std::string name;
    int32_t number = 0;
  };
  std::string name;
  std::vector<Symbol> symbols;
  /// google.protobuf.NullValue: its value is null.
  bool null_value = false;
};

struct Message;

struct Field {
  std::string name;
  int32_t number = 0;
  FieldType type = FieldType::kInt32;
  bool repeated = false;  // also of a map
  bool map = false;       // `message` is the entry: key, value
  /// Written packed.
  bool packed = false;
  bool required = false;
  /// "Not set" differs from "set to the default".
  bool has_presence = false;
  /// proto2: a number that is no symbol counts as an unknown field.
  bool closed_enum = false;
  /// Index of the oneof, -1: none.
  int32_t oneof = -1;
  /// What an expression sees when the field is not set (proto_reader.h).
  Value unset;
  const Message* message = nullptr;
  const Enum* enumeration = nullptr;
};

struct Message {
  std::string name;  // full
  Shape shape = Shape::kPlain;
  std::vector<Field> fields;          // as declared
  std::vector<uint32_t> by_number;    // indices of fields
  std::vector<std::string> oneofs;    // names
  std::vector<int32_t> file_indexes;  // of a wire frame; empty: it is in another file
};

class ProtoSchema {
 public:
  /// Fails with kInvalidConfig: file, line, column and what libprotobuf says.
  static Result<std::shared_ptr<const ProtoSchema>> Parse(const SchemaText& schema);

  /// By its full name, or its name within the file's package; the file's first message when
  /// empty. Fails with kInvalidConfig.
  Result<const Message*> Find(std::string_view name) const;
  /// By the indexes of a wire frame. Fails with kBadRecord: the record names no message.
  Result<const Message*> At(std::span<const int32_t> indexes) const;

 private:
  friend class SchemaBuilder;
  ProtoSchema() = default;

  std::deque<Message> messages_;
  std::deque<Enum> enums_;
  std::string package_;
  /// Of the file itself, outer before inner.
  std::vector<const Message*> own_;
  Arena arena_;  // of the defaults
};

using ProtoSchemaPtr = std::shared_ptr<const ProtoSchema>;

}  // namespace sidestream::serde::protobuf
