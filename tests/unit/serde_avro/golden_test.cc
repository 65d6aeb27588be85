// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// tests/golden/avro/vectors.ndjson: what Apache Avro for Java wrote is read as Java reads it, what
// we write has Java's bytes, and schemas have Java's canonical form and fingerprint.

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <span>
#include <string>

#include "serde/avro/canonical_form.h"
#include "serde/decimal.h"
#include "serde/json_text.h"
#include "tests/unit/serde_avro/avro_case.h"

namespace sidestream::serde::avro {
namespace {

std::string BytesOf(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

void CheckSchema(const Schema& schema, const Value& line) {
  const Result<std::string> canonical = CanonicalForm(schema);
  ASSERT_TRUE(canonical.ok()) << canonical.status();
  EXPECT_EQ(*canonical, line.Field("canonical").string_value());
  char fingerprint[17];
  std::snprintf(fingerprint, sizeof fingerprint, "%016llx",
                static_cast<unsigned long long>(Fingerprint(*canonical)));
  EXPECT_EQ(fingerprint, line.Field("fingerprint").string_value());
}

// The first fields of a record alone must be what they are in the whole.
void CheckSlots(const SchemaPtr& writer, const SchemaPtr& reader, std::string_view bytes,
                const Value& whole) {
  if (whole.kind() != Value::Kind::kMap) return;
  for (const MapEntry& entry : whole.map()) {
    const std::string name(entry.key.string_value());
    const auto resolution = Resolution::Compile(writer, reader, {{{name}, 0}});
    ASSERT_TRUE(resolution.ok()) << resolution.status();
    Arena arena;
    Decoder decoder;
    Value slot;
    const Status status = decoder.Decode(**resolution, bytes, {&slot, 1}, arena);
    EXPECT_TRUE(status.ok()) << name << ": " << status;
    EXPECT_EQ(DebugString(slot, 5000), DebugString(entry.value, 5000)) << name;
  }
}

// The vectors have decimals as strings of their digits.
Value WithDecimalsAsText(const Value& value, Arena& arena) {
  switch (value.kind()) {
    case Value::Kind::kDecimal:
      return Value::String(arena.Copy(value.decimal_value().ToText()));
    case Value::Kind::kList: {
      const std::span<Value> items = arena.NewArray<Value>(value.list().size());
      for (size_t i = 0; i < items.size(); ++i) {
        items[i] = WithDecimalsAsText(value.list()[i], arena);
      }
      return Value::List(items);
    }
    case Value::Kind::kMap: {
      const std::span<MapEntry> entries = arena.NewArray<MapEntry>(value.map().size());
      for (size_t i = 0; i < entries.size(); ++i) {
        entries[i] = {value.map()[i].key, WithDecimalsAsText(value.map()[i].value, arena)};
      }
      return Value::Map(entries);
    }
    default:
      return value;
  }
}

void CheckVector(const Value& line) {
  const auto writer = Schema::Parse(line.Field("schema").string_value());
  ASSERT_TRUE(writer.ok()) << writer.status();
  CheckSchema(**writer, line);
  const Value reader_text = line.Field("reader");
  const auto reader = reader_text.missing() ? writer : Schema::Parse(reader_text.string_value());
  ASSERT_TRUE(reader.ok()) << reader.status();
  const auto resolution = Resolution::Compile(*writer, *reader, {{{}, 0}});
  ASSERT_TRUE(resolution.ok()) << resolution.status();

  const std::string bytes = BytesOf(line.Field("bytes").string_value());
  Arena arena;
  Decoder decoder;
  Value value;
  const Status decoded = decoder.Decode(**resolution, bytes, {&value, 1}, arena);
  ASSERT_TRUE(decoded.ok()) << decoded;
  std::string ours;
  std::string javas;
  ASSERT_TRUE(AppendJson(WithDecimalsAsText(value, arena), ours).ok());
  ASSERT_TRUE(AppendJson(line.Field("value"), javas).ok());
  EXPECT_EQ(ours, javas);
  CheckSlots(*writer, *reader, bytes, value);

  if (!line.Field("encodes").bool_value()) return;
  std::string written;
  const Status encoded = Encoder(*writer).Encode(value, written);
  EXPECT_TRUE(encoded.ok()) << encoded;
  EXPECT_EQ(written, bytes);
}

TEST(AvroGoldenTest, JavaAndWeAgree) {
  std::ifstream file(std::string(SIDESTREAM_SOURCE_DIR) + "/tests/golden/avro/vectors.ndjson");
  int lines = 0;
  for (std::string text; std::getline(file, text); ++lines) {
    Arena arena;
    JsonParser json;
    const Result<Value> line = json.Parse(text, arena);
    ASSERT_TRUE(line.ok()) << line.status();
    SCOPED_TRACE(std::string(line->Field("name").string_value()));
    CheckVector(*line);
  }
  EXPECT_GT(lines, 80);
}

}  // namespace
}  // namespace sidestream::serde::avro
