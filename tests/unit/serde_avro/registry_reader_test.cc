// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Records whose frame names the schema that they were written with.

#include "serde/registry_reader.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "serde/wire_frame.h"
#include "serde/writer.h"
#include "tests/support/fake_schema_source.h"

namespace sidestream::serde {
namespace {

constexpr const char* kOld = R"({"type":"record","name":"Order","fields":[
    {"name":"id","type":"int"}]})";
constexpr const char* kNew = R"({"type":"record","name":"Order","fields":[
    {"name":"id","type":"long"},{"name":"note","type":"string","default":"none"}]})";

class RegistryReaderTest : public ::testing::Test {
 protected:
  RegistryReaderTest() {
    source_->Put(1, SchemaLanguage::kAvro, kOld);
    source_->Put(2, SchemaLanguage::kAvro, kNew);
    source_->Put(3, SchemaLanguage::kJson, "{}");
    source_->Put(4, SchemaLanguage::kAvro, "{no schema");
  }

  FormatSpec Format(std::string schema = "") {
    return {.kind = FormatKind::kAvro,
            .schema = {std::move(schema), {}},
            .framing = Framing::kConfluent,
            .schemas = source_};
  }

  std::unique_ptr<Reader> MakeReader(const FormatSpec& format) {
    auto reader = Reader::Create(format, {{{"id"}, 0}, {{"note"}, 1}});
    EXPECT_TRUE(reader.ok()) << reader.status();
    return std::move(*reader);
  }

  static std::string Framed(SchemaId id, std::string_view data) {
    std::string bytes;
    PutWireFrame(id, bytes);
    return bytes.append(data);
  }

  std::shared_ptr<FakeSchemaSource> source_ = std::make_shared<FakeSchemaSource>();
  Arena arena_;
  std::array<Value, 2> slots_;
};

TEST_F(RegistryReaderTest, ReadsEachRecordByItsWritersSchema) {
  const auto reader = MakeReader(Format());
  EXPECT_TRUE(reader->asks_registry());
  ASSERT_TRUE(reader->Read(Framed(1, "\x0e"), slots_, arena_).ok());
  EXPECT_EQ(slots_[0].int_value(), 7);
  EXPECT_TRUE(slots_[1].missing());
  ASSERT_TRUE(reader->Read(Framed(2, "\x10\x02x"), slots_, arena_).ok());
  EXPECT_EQ(slots_[0].int_value(), 8);
  EXPECT_EQ(slots_[1].string_value(), "x");
}

TEST_F(RegistryReaderTest, ReadsOldRecordsAsTheReadersSchema) {
  const auto reader = MakeReader(Format(kNew));
  ASSERT_TRUE(reader->Read(Framed(1, "\x0e"), slots_, arena_).ok());
  EXPECT_EQ(slots_[0].int_value(), 7);
  EXPECT_EQ(slots_[1].string_value(), "none");
}

TEST_F(RegistryReaderTest, AsksForASchemaOnce) {
  const auto reader = MakeReader(Format());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(reader->Read(Framed(1, "\x0e"), slots_, arena_).ok());
  EXPECT_EQ(source_->asked, std::vector<std::string>{"id 1"});
}

TEST_F(RegistryReaderTest, SaysThatARecordMustWaitForItsSchema) {
  const auto reader = MakeReader(Format());
  source_->answer = Status::Unavailable("on its way");
  EXPECT_EQ(reader->Ready(Framed(1, "\x0e")).code(), StatusCode::kUnavailable);
  source_->answer = Status::Ok();
  EXPECT_TRUE(reader->Ready(Framed(1, "\x0e")).ok());
  source_->answer = Status::Unavailable("on its way");
  EXPECT_TRUE(reader->Read(Framed(1, "\x0e"), slots_, arena_).ok()) << "what is here is kept";
}

TEST_F(RegistryReaderTest, WhatCannotBeHadIsTheRecordsFault) {
  const auto reader = MakeReader(Format());
  const auto code = [&](std::string_view bytes) {
    return reader->Read(bytes, slots_, arena_).code();
  };
  EXPECT_EQ(code(Framed(99, "x")), StatusCode::kBadRecord);
  EXPECT_EQ(code(Framed(3, "x")), StatusCode::kBadRecord) << "a JSON Schema";
  EXPECT_EQ(code(Framed(4, "x")), StatusCode::kBadRecord) << "does not parse";
  EXPECT_EQ(code(Framed(1, "")), StatusCode::kBadRecord) << "no data";
  EXPECT_EQ(code("{}"), StatusCode::kBadRecord) << "no frame";
  EXPECT_EQ(code(""), StatusCode::kBadRecord);
  EXPECT_EQ(reader->Read(std::nullopt, slots_, arena_).code(), StatusCode::kOk);
  EXPECT_TRUE(reader->found_null());
}

TEST_F(RegistryReaderTest, ReadsTheFormWithAGuid) {
  SchemaGuid guid{};
  guid[15] = 9;
  source_->PutGuid(guid, 1);
  const auto reader = MakeReader(Format());
  const std::string bytes = '\1' + std::string(guid.begin(), guid.end()) + '\x0e';
  ASSERT_TRUE(reader->Read(bytes, slots_, arena_).ok());
  EXPECT_EQ(slots_[0].int_value(), 7);
}

TEST_F(RegistryReaderTest, KeepsABoundedNumberOfSchemas) {
  for (SchemaId id = 10; id < 10 + 2 * kWriterSchemas; ++id) {
    source_->Put(id, SchemaLanguage::kAvro, kOld);
  }
  const auto reader = MakeReader(Format());
  for (SchemaId id = 10; id < 10 + 2 * kWriterSchemas; ++id) {
    ASSERT_TRUE(reader->Read(Framed(id, "\x0e"), slots_, arena_).ok());
    ASSERT_TRUE(reader->Read(Framed(10, "\x0e"), slots_, arena_).ok());
  }
  EXPECT_EQ(source_->asked.size(), 2 * kWriterSchemas) << "the one in use stays";
  ASSERT_TRUE(reader->Read(Framed(11, "\x0e"), slots_, arena_).ok());
  EXPECT_EQ(source_->asked.size(), 2 * kWriterSchemas + 1);
}

TEST_F(RegistryReaderTest, AWriterPutsTheFrameInFront) {
  FormatSpec format = Format(kNew);
  EXPECT_EQ(Writer::Create(format).status().code(), StatusCode::kInvalidConfig) << "no id";
  format.schema_id = 2;
  const auto writer = Writer::Create(format);
  ASSERT_TRUE(writer.ok()) << writer.status();
  const std::array<MapEntry, 2> entries{MapEntry{Value::String("id"), Value::Int(8)},
                                        MapEntry{Value::String("note"), Value::String("x")}};
  std::string out = "before";
  ASSERT_TRUE(writer->Write(Value::Map(entries), out).ok());
  EXPECT_EQ(out, "before" + Framed(2, "\x10\x02x"));
  out = "before";
  EXPECT_FALSE(writer->Write(Value::Int(1), out).ok());
  EXPECT_EQ(out, "before");
}

}  // namespace
}  // namespace sidestream::serde
