// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What a registry's answer means: from HTTP status and bytes to a document or to the reaction that
// the client owes. Pure; every byte of an answer is foreign.
//
// Threading: free functions.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "registry/transport.h"
#include "serde/schema_source.h"

namespace sidestream::registry {

/// A schema as the registry has it: what it refers to is only named.
struct SchemaDocument {
  /// Not told where the question named it.
  std::optional<serde::SchemaId> id;
  serde::SchemaLanguage language = serde::SchemaLanguage::kAvro;
  std::string text;
  struct Reference {
    std::string name;
    std::string subject;
    int32_t version = 0;
  };
  std::vector<Reference> references;
};

/// Most references of one schema.
inline constexpr size_t kReferencesMax = 256;

/// The document of a registry's answer to a question after a schema. Fails with
/// kUnavailable    no answer, 5xx, 408, 429, or not what a registry says: try again
/// kBadRecord      the registry's no: not there (404 with its error code), not allowed in this
///                 subject (409), not valid (422), or a language that we do not know
/// kInvalidConfig  401, 403, and other answers that no repetition changes
Result<SchemaDocument> ReadSchemaAnswer(const HttpAnswer& answer);

/// The id of an answer to a registration. Fails as ReadSchemaAnswer().
Result<serde::SchemaId> ReadIdAnswer(const HttpAnswer& answer);

/// The body that looks a schema up or registers it.
std::string SchemaBody(serde::SchemaLanguage language, std::string_view text);

/// `text` as a part of a URL's path.
std::string EscapePathPart(std::string_view text);

}  // namespace sidestream::registry
