// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// An Avro schema as a graph: what a resolution is compiled from and what a value is
// encoded with. Written from the Avro 1.12 specification.
//
// Place in the flow: the text comes from a registry or a file; Resolution (reading) and
// AvroEncoder (writing) borrow the nodes and hold the schema.
//
// What the parser decides where the specification leaves room:
// - A logical type that is unknown, or does not fit its type, is ignored, as specified.
// - A default that does not fit its field fails where it is needed, not where it is parsed: old
//   schemas have such defaults, and a reader that finds the field in the data never looks at it.
// - The default of a union may fit any branch (1.12), the first that fits is taken.
// - A record that contains itself with no union, array or map between is an error: no
//   finite bytes hold one.
//
// Bounds: kMaxSchemaBytes of text, kMaxSchemaDepth of nesting, kMaxSchemaNodes.
//
// Threading: immutable after Parse; shared by any number of threads. Schemas are held by
// shared_ptr because a cache, readers of several tasks and writers use one for different times.

#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace sidestream::serde::avro {

inline constexpr size_t kMaxSchemaBytes = size_t{4} << 20;
inline constexpr int kMaxSchemaDepth = 100;
inline constexpr size_t kMaxSchemaNodes = 100'000;
/// Digits of a decimal; a schema with more is read as its bytes.
inline constexpr int kMaxDecimalPrecision = 1'000;

enum class Type : uint8_t {
  kNull,
  kBoolean,
  kInt,
  kLong,
  kFloat,
  kDouble,
  kBytes,
  kString,
  kRecord,
  kEnum,
  kArray,
  kMap,
  kUnion,
  kFixed,
};

/// "null", "record" …: the specification's words.
std::string_view TypeName(Type type);

enum class LogicalType : uint8_t {
  kNone,
  kDecimal,  // bytes or fixed
  kUuid,     // string or fixed(16)
  kDate,     // int
  kTimeMillis,
  kTimeMicros,
  kTimestampMillis,
  kTimestampMicros,
  kTimestampNanos,
  kLocalTimestampMillis,
  kLocalTimestampMicros,
  kLocalTimestampNanos,
  kDuration,  // fixed(12)
};

struct Node;

struct Field {
  std::string name;
  std::vector<std::string> aliases;
  const Node* type = nullptr;
  /// The default, as the binary encoding of `type`.
  std::optional<std::string> default_bytes;
  /// Not ok: there is a default and it does not fit. Then there are no default_bytes.
  Status default_error;
};

/// One type. Which members have a meaning depends on `type`.
struct Node {
  Type type = Type::kNull;
  LogicalType logical = LogicalType::kNone;
  int precision = 0;  // kDecimal
  int scale = 0;      // kDecimal
  /// Record, enum, fixed: the name with its namespace.
  std::string name;
  /// With their namespaces.
  std::vector<std::string> aliases;
  std::vector<Field> fields;           // record
  std::vector<std::string> symbols;    // enum
  std::optional<size_t> enum_default;  // index of the symbol
  size_t fixed_size = 0;
  const Node* element = nullptr;      // items of an array, values of a map
  std::vector<const Node*> branches;  // union
  /// Fewest bytes that an encoded value takes, at most UINT32_MAX. 0 only where every value
  /// takes none: null, empty records, fixed(0).
  uint32_t min_size = 0;
  /// Every value takes min_size bytes.
  bool fixed_width = false;
};

/// The name behind the last dot.
std::string_view UnqualifiedName(std::string_view name);

/// What a message calls a node: "int", "record shop.Order", "array of string".
std::string Describe(const Node& node);

class Schema {
 public:
  /// `references` are schemas whose named types `text` uses, each after those that it uses
  /// itself, as a registry gives them. Fails with kInvalidConfig; the message has the
  /// place in the schema ("fields.items.items.price: unknown type 'decimel'").
  static Result<std::shared_ptr<const Schema>> Parse(std::string_view text,
                                                     std::span<const std::string> references = {});

  const Node& root() const { return *root_; }
  /// All nodes, in the order in which they were opened.
  const std::deque<Node>& nodes() const { return nodes_; }

 private:
  friend class SchemaParser;
  Schema() = default;

  std::deque<Node> nodes_;
  const Node* root_ = nullptr;
};

using SchemaPtr = std::shared_ptr<const Schema>;

}  // namespace sidestream::serde::avro
