// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// JSON that fits a JSON Schema: what is read and what is written is validated.
//
// Place in the flow: Reader, Writer and TypeOfFormat come here for FormatKind::kJsonSchema; a
// registry's reader makes one validator per schema.
//
// What validation costs: the text is parsed a second time into a tree, which is walked
// against the schema: several times the cost of format json, and allocations for each record.
// Topologies that must be fast read `json` with `fields:`.
//
// Rules:
// - Draft 7, and what older drafts have in common with it. Newer keywords are ignored, as the
//   specification says of unknown ones. `format` is checked for date, time and date-time.
// - Where the schema plainly says integer or number, the reader gives int or double (an integer
//   beyond 64 bits is an error); so 5 is 5.0 where a number is wanted.
// - References (`$ref`) lead into the schema itself, or to one of its reference texts by their
//   name. A chain of references and combinations that leads back to itself without stepping into
//   the value is an error of the schema: validation would not end.
// - Patterns are matched by recursion; a string longer than kPatternBytes is an error where
//   the schema has patterns or formats.
//
// Threading: immutable; Validate may be called from any thread, one at a time runs.

#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "serde/format.h"
#include "serde/reader.h"
#include "serde/schema_type.h"
#include "serde/writer.h"

namespace sidestream::serde {

inline constexpr size_t kJsonSchemaBytes = size_t{4} << 20;
inline constexpr size_t kPatternBytes = 8'192;

class JsonSchemaValidator {
 public:
  /// Fails with kInvalidConfig.
  static Result<std::shared_ptr<const JsonSchemaValidator>> Create(const SchemaText& schema);
  virtual ~JsonSchemaValidator() = default;

  /// Fails with kBadRecord: the place in the value as a JSON pointer, the keyword, the reason:
  /// "does not fit the JSON Schema: at /items/0/price: minimum: ...". Requires JSON that was
  /// read without an error.
  virtual Status Validate(std::string_view json) const = 0;

  /// What the schema plainly says of its values.
  virtual const SchemaType& type() const = 0;
};

/// `fields:` that make the numbers of a value what `type` says.
std::vector<FieldSpec> NumberFields(const SchemaType& type);

Result<std::unique_ptr<Reader>> CreateJsonSchemaReader(const SchemaText& schema,
                                                       std::vector<WantedPath> wanted);
Result<std::shared_ptr<const Writer::Codec>> CreateJsonSchemaCodec(const SchemaText& schema);
Result<SchemaType> TypeOfJsonSchema(const SchemaText& schema);

}  // namespace sidestream::serde
