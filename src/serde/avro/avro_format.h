// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Avro as a format: its readers, its writers and the types of its values, from schemas as text.
//
// Place in the flow: Reader, Writer and TypeOfFormat (reader.h, writer.h, schema_type.h) come here
// for FormatKind::kAvro. All functions fail with kInvalidConfig: the schema does not parse (with
// the place in it), or reader and writer do not meet.
//
// Threading: free functions.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "serde/format.h"
#include "serde/reader.h"
#include "serde/schema_type.h"
#include "serde/writer.h"

namespace sidestream::serde::avro {

/// Reads data of `writer` as `reader`, or as it was written where `reader` has no text.
Result<std::unique_ptr<Reader>> CreateReader(const SchemaText& writer, const SchemaText& reader,
                                             std::vector<WantedPath> wanted);

Result<std::shared_ptr<const Writer::Codec>> CreateCodec(const SchemaText& schema);

/// Full name of the record, enum or fixed; empty where the type has none.
Result<std::string> NameOf(const SchemaText& schema);

/// A union of null and one other type is that type; other unions are kAny.
Result<SchemaType> TypeOfSchema(const SchemaText& schema);

}  // namespace sidestream::serde::avro
