// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// tests/golden/registry/vectors.ndjson: what the official serializers wrote is read, and what we
// write has their bytes.

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <string>

#include "serde/json_text.h"
#include "serde/reader.h"
#include "serde/writer.h"
#include "tests/support/fake_schema_source.h"

namespace sidestream::serde {
namespace {

std::string BytesOf(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

void CheckVector(const Value& line) {
  const auto source = std::make_shared<FakeSchemaSource>();
  FormatSpec format;
  const auto kind = ParseFormatKind(line.Field("format").string_value());
  ASSERT_TRUE(kind.ok()) << kind.status();
  format.kind = *kind;
  format.framing = Framing::kConfluent;
  format.schemas = source;
  const auto id = static_cast<SchemaId>(line.Field("id").int_value());
  const std::string schema(line.Field("schema").string_value());
  const std::string bytes = BytesOf(line.Field("bytes").string_value());
  const Value expected = line.Field("value");
  if (const Value message = line.Field("message"); !message.missing()) {
    format.message = std::string(message.string_value());
  }
  source->Put(id, LanguageOf(format.kind), schema);

  const auto reader = Reader::Create(format, {{{}, 0}});
  ASSERT_TRUE(reader.ok()) << reader.status();
  Arena arena;
  std::array<Value, 1> slots;
  const Status read = (*reader)->Read(bytes, slots, arena);
  ASSERT_TRUE(read.ok()) << read;
  EXPECT_TRUE(Value::Equal(slots[0], expected)) << DebugString(slots[0], 5000);

  format.schema.text = schema;
  format.schema_id = id;
  const auto writer = Writer::Create(format);
  ASSERT_TRUE(writer.ok()) << writer.status();
  std::string written;
  const Status wrote = writer->Write(expected, written);
  ASSERT_TRUE(wrote.ok()) << wrote;
  EXPECT_EQ(written, bytes);
}

TEST(RegistryGoldenTest, OfficialFramesAreReadAndWritten) {
  std::ifstream file(std::string(SIDESTREAM_SOURCE_DIR) + "/tests/golden/registry/vectors.ndjson");
  int lines = 0;
  JsonParser parser;
  for (std::string text; std::getline(file, text); ++lines) {
    Arena arena;
    const auto line = parser.Parse(text, arena);
    ASSERT_TRUE(line.ok()) << line.status();
    SCOPED_TRACE(std::string(line->Field("name").string_value()));
    CheckVector(*line);
  }
  EXPECT_GE(lines, 5);
}

}  // namespace
}  // namespace sidestream::serde
