// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// SchemaSource: where schemas come from that a record or a topology only names. The port
// between the formats and a schema registry.
//
// Place in the flow: readers ask for the schema that a record's frame names (wire_frame.h), while
// records wait; the start of an application asks for the schemas of subjects. registry::Client
// answers over HTTP, harness::LocalSchemas from what a topology file declares.
//
// Nobody is ever blocked: every question is answered at once, with
//   ok            the schema; it never changes
//   kUnavailable  it is on its way (asking set that off); ask again later
//   kBadRecord    it cannot be had: the registry says there is none, or what it has cannot be used
//   kInvalidConfig  the registry refuses us
//   kFatal        the registry could not be reached for longer than is waited
//
// Threading: any thread.

#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/status.h"
#include "serde/format.h"
#include "serde/wire_frame.h"

namespace sidestream::serde {

enum class SchemaLanguage : uint8_t { kAvro, kProtobuf, kJson };

/// "AVRO", "PROTOBUF", "JSON": the registry's words.
std::string_view SchemaLanguageName(SchemaLanguage language);
/// Requires HasSchema(kind).
SchemaLanguage LanguageOf(FormatKind kind);

struct RegisteredSchema {
  SchemaLanguage language = SchemaLanguage::kAvro;
  /// 0 where only a GUID was asked for, and the registry does not tell the id.
  SchemaId id = 0;
  SchemaText schema;
};

/// Shared: caches, readers and writers hold one for different times.
using RegisteredSchemaPtr = std::shared_ptr<const RegisteredSchema>;

class SchemaSource {
 public:
  virtual ~SchemaSource() = default;

  virtual Result<RegisteredSchemaPtr> ById(SchemaId id) = 0;
  virtual Result<RegisteredSchemaPtr> ByGuid(const SchemaGuid& guid) = 0;
  /// The newest version of a subject.
  virtual Result<RegisteredSchemaPtr> Latest(std::string_view subject) = 0;
  /// This schema in a subject, with its id; where it is not there it is registered if the source is
  /// allowed to, else that is kBadRecord.
  virtual Result<RegisteredSchemaPtr> Find(std::string_view subject, SchemaLanguage language,
                                           const SchemaText& schema) = 0;
};

}  // namespace sidestream::serde
