// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Records as lines of JSON, for `run --embedded` and tests:
//   {"key":"u1","value":{"n":1},"timestamp":1767225600000,"headers":{"h":"x"},"partition":0}
//
// Every field may be absent. A key or value is what its format holds: a JSON string for string,
// uuid and bytes, a number for int32 to double, anything for json, what their writers take for
// formats with a schema and csv; null or absent is Kafka's null. Bytes that are no UTF-8 text are
// {"base64": "..."}. A header is a string, {"base64": "..."}, null, or a list of these where a name
// comes more than once. `timestamp` is epoch milliseconds or RFC 3339.
//
// Threading: free functions; the parser is the caller's.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/ids.h"
#include "base/status.h"
#include "serde/json_text.h"
#include "serde/reader.h"
#include "serde/value.h"
#include "serde/writer.h"

namespace sidestream::serde {

/// A header in a line; without value it is null.
struct TextHeader {
  std::string_view name;
  std::optional<std::string_view> value;
};

/// A record before its formats are applied. Views and values point into the line and the arena.
struct TextRecord {
  Value key = Value::Null();
  Value value = Value::Null();
  std::optional<Timestamp> timestamp;
  std::optional<Partition> partition;
  std::vector<TextHeader> headers;
};

/// Parses one line. Fails with kBadRecord: no JSON object, an unknown field (named, with the
/// known ones), or a field of the wrong type.
Result<TextRecord> ParseTextRecord(std::string_view line, JsonParser& parser, Arena& arena);

/// Headers from their JSON object, as in a line.
Result<std::vector<TextHeader>> ParseTextHeaders(const Value& headers, Arena& arena);

/// Appends the bytes of `value` by Writer's rules; and for bytes: a string gives its UTF-8,
/// {"base64": "..."} what it stands for; inside of a value with a schema a text stands for what
/// FromText (schema_type.h) makes of it. False: no bytes (Kafka's null).
Result<bool> EncodeText(const Writer& writer, const Value& value, std::string& out);

/// Appends one JSON value that EncodeText turns back into `bytes`. Bytes that do not fit
/// the reader's format are shown as bytes. `reader` has the whole value in slot 0.
void AppendText(std::optional<std::string_view> bytes, Reader& reader, std::string& out);

/// A record as it lies on a topic, to be printed.
struct PrintedRecord {
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  Timestamp timestamp;
  std::optional<Partition> partition;
  std::span<const TextHeader> headers;
};

/// Appends the record as one line with its newline. The readers as for AppendText.
void AppendTextRecord(const PrintedRecord& record, Reader& key_reader, Reader& value_reader,
                      std::string& out);

}  // namespace sidestream::serde
