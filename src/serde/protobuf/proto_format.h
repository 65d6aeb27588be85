// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Protobuf as a format: its readers, its writers and the types of its values, from schemas as text.
//
// Place in the flow: Reader, Writer and TypeOfFormat (reader.h, writer.h, schema_type.h) come here
// for FormatKind::kProtobuf. All functions fail with kInvalidConfig: the schema does not parse
// (with the place in it), or has no such message.
//
// Threading: free functions.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "serde/format.h"
#include "serde/reader.h"
#include "serde/schema_type.h"
#include "serde/writer.h"

namespace sidestream::serde::protobuf {

/// Reads messages of `schema`: the one of `indexes` (of a wire frame; then kBadRecord when there
/// is none), else of `message`, else the first.
Result<std::unique_ptr<Reader>> CreateReader(const SchemaText& schema, std::string_view message,
                                             std::span<const int32_t> indexes,
                                             std::vector<WantedPath> wanted);

Result<std::shared_ptr<const Writer::Codec>> CreateCodec(const SchemaText& schema,
                                                         std::string_view message);

/// A message inside itself is kAny.
Result<SchemaType> TypeOfSchema(const SchemaText& schema, std::string_view message);

/// Full name of `message`, or of the first one.
Result<std::string> NameOf(const SchemaText& schema, std::string_view message);

/// What a wire frame says of `message` (PutMessageIndexes).
Result<std::vector<int32_t>> IndexesOf(const SchemaText& schema, std::string_view message);

}  // namespace sidestream::serde::protobuf
