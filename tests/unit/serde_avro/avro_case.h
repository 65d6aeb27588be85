// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Short forms for tests of the Avro codec. Quotes in schemas may be written as '.

#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "serde/avro/decoder.h"
#include "serde/avro/encoder.h"
#include "serde/avro/resolution.h"
#include "serde/avro/schema.h"
#include "serde/value.h"

namespace sidestream::serde::avro {

inline std::string Quoted(std::string_view text) {
  std::string json(text);
  std::ranges::replace(json, '\'', '"');
  return json;
}

inline SchemaPtr MustParse(std::string_view text) {
  const Result<SchemaPtr> schema = Schema::Parse(Quoted(text));
  EXPECT_TRUE(schema.ok()) << schema.status() << "\n" << text;
  return schema.ok() ? *schema : *Schema::Parse("\"null\"");
}

/// The error of a schema; empty when it is fine.
inline std::string SchemaError(std::string_view text) {
  return Schema::Parse(Quoted(text)).status().message();
}

/// The wanted slots as text, " | " between them; or the error.
inline std::string ReadAs(std::string_view writer, std::string_view reader, std::string_view bytes,
                          const std::vector<std::vector<std::string>>& paths = {{}}) {
  std::vector<WantedPath> wanted;
  for (const auto& path : paths) wanted.push_back({path, wanted.size()});
  const auto resolution = Resolution::Compile(MustParse(writer), MustParse(reader), wanted);
  if (!resolution.ok()) return resolution.status().ToString();
  Arena arena;
  Decoder decoder;
  // What no one writes to must not be taken for a result.
  std::vector<Value> slots(wanted.size(), Value::String("untouched"));
  const Status status = decoder.Decode(**resolution, bytes, slots, arena);
  if (!status.ok()) return status.ToString();
  std::string text;
  for (const Value& slot : slots) {
    text += (&slot == slots.data() ? "" : " | ") + DebugString(slot, 2000);
  }
  return text;
}

inline std::string Read(std::string_view schema, std::string_view bytes) {
  return ReadAs(schema, schema, bytes);
}

/// The bytes as "0a 02"; or the error.
inline std::string Write(std::string_view schema, const Value& value) {
  std::string bytes = "kept";
  const Status status = Encoder(MustParse(schema)).Encode(value, bytes);
  EXPECT_TRUE(bytes.starts_with("kept"));
  if (!status.ok()) {
    EXPECT_EQ(bytes, "kept");
    return status.message();
  }
  std::string text;
  for (const char c : bytes.substr(4)) {
    static constexpr char kHex[] = "0123456789abcdef";
    if (!text.empty()) text += ' ';
    text += kHex[static_cast<uint8_t>(c) >> 4];
    text += kHex[static_cast<uint8_t>(c) & 15];
  }
  return text;
}

}  // namespace sidestream::serde::avro
