// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The frame that registry-aware serializers put around a key or value: which schema the bytes
// behind it were written with. docs/formats/wire-frame.md has the bytes.
//
// Place in the flow: a reader of a registry's format takes the frame off and asks for the
// schema; a writer puts one on. Pure: it knows no registry.
//
// Threading: values and free functions.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/status.h"

namespace sidestream::serde {

/// A schema's id within one registry.
using SchemaId = uint32_t;
/// A schema's id everywhere: its 16 bytes in the order of its text.
using SchemaGuid = std::array<uint8_t, 16>;

/// Record headers that carry the frame instead of the bytes themselves.
inline constexpr std::string_view kKeySchemaHeader = "__key_schema_id";
inline constexpr std::string_view kValueSchemaHeader = "__value_schema_id";

/// Most message indexes of a frame: types nested that deep do not exist.
inline constexpr size_t kMaxMessageIndexes = 64;

struct WireFrame {
  std::variant<SchemaId, SchemaGuid> schema;
  /// Protobuf's message indexes begin here: behind the id, be it in the bytes or in a header.
  std::string_view after_id;
  /// The id came in a header: `after_id` is the rest of the header, and all bytes are the data.
  bool in_header = false;
};

/// The frame of `bytes`, or, where the record has one, of its header (kKeySchemaHeader,
/// kValueSchemaHeader), which goes first. The views point into the arguments. Fails with
/// kBadRecord.
Result<WireFrame> ReadWireFrame(std::string_view bytes,
                                std::optional<std::string_view> header = std::nullopt);

/// Appends magic byte 0 and the id: the form that every client reads.
void PutWireFrame(SchemaId id, std::string& out);

/// The path from a file's messages to a nested one, [0] for the first message. Removes what it
/// reads from `bytes`. Fails with kBadRecord.
Result<std::vector<int32_t>> TakeMessageIndexes(std::string_view& bytes);
void PutMessageIndexes(const std::vector<int32_t>& indexes, std::string& out);

/// "123e4567-e89b-12d3-a456-426614174000".
std::string GuidText(const SchemaGuid& guid);

}  // namespace sidestream::serde
