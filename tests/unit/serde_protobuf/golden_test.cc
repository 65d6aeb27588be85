// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// tests/golden/protobuf/vectors.ndjson: what Google's Protobuf for Python wrote is read as its
// reflection sees it, and what we write has its bytes.

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "serde/json_text.h"
#include "serde/reader.h"
#include "serde/writer.h"

namespace sidestream::serde::protobuf {
namespace {

std::string BytesOf(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

void CheckVector(const Value& line, Arena& arena) {
  const FormatSpec format{.kind = FormatKind::kProtobuf,
                          .schema = {std::string(line.Field("schema").string_value()), {}},
                          .message = std::string(line.Field("message").string_value())};
  const std::string bytes = BytesOf(line.Field("bytes").string_value());
  const auto reader = Reader::Create(format, {{{}, 0}});
  ASSERT_TRUE(reader.ok()) << reader.status();
  std::vector<Value> slots(1);
  const Status read = (*reader)->Read(bytes, slots, arena);
  ASSERT_TRUE(read.ok()) << read;

  std::string ours;
  ASSERT_TRUE(AppendJson(slots[0], ours).ok());
  JsonParser parser;
  const Result<Value> parsed = parser.Parse(ours, arena);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_TRUE(Value::Equal(*parsed, line.Field("value")))
      << "ours: " << ours << "\ntheirs: " << DebugString(line.Field("value"), 10'000);

  if (!line.Field("encodes").bool_value()) return;
  const auto writer = Writer::Create(format);
  ASSERT_TRUE(writer.ok()) << writer.status();
  std::string written;
  const Status encoded = writer->Write(slots[0], written);
  ASSERT_TRUE(encoded.ok()) << encoded;
  EXPECT_EQ(written, bytes);
}

TEST(ProtoGoldenTest, MessagesOfPythonAreReadAndWrittenAsPythonDoes) {
  std::ifstream file(SIDESTREAM_SOURCE_DIR "/tests/golden/protobuf/vectors.ndjson");
  JsonParser parser;
  int vectors = 0;
  for (std::string text; std::getline(file, text); ++vectors) {
    Arena arena;
    const Result<Value> line = parser.Parse(text, arena);
    ASSERT_TRUE(line.ok()) << line.status();
    SCOPED_TRACE(line->Field("name").string_value());
    CheckVector(*line, arena);
  }
  EXPECT_GE(vectors, 23);
}

}  // namespace
}  // namespace sidestream::serde::protobuf
