// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "registry/answer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace sidestream::registry {
namespace {

HttpAnswer Answer(int http_status, std::string body) {
  return {.http_status = http_status, .body = std::move(body)};
}

StatusCode CodeOf(int http_status, std::string body) {
  return ReadSchemaAnswer(Answer(http_status, std::move(body))).status().code();
}

TEST(AnswerTest, ReadsASchemaWithWhatItRefersTo) {
  const auto document = ReadSchemaAnswer(Answer(200, R"({
    "subject": "orders-value", "version": 3, "id": 17, "guid": "x", "schemaType": "PROTOBUF",
    "schema": "syntax = \"proto3\";",
    "references": [{"name": "a.proto", "subject": "a", "version": 2}]})"));
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_EQ(document->id, 17u);
  EXPECT_EQ(document->language, serde::SchemaLanguage::kProtobuf);
  EXPECT_EQ(document->text, "syntax = \"proto3\";");
  ASSERT_EQ(document->references.size(), 1u);
  EXPECT_EQ(document->references[0].name, "a.proto");
  EXPECT_EQ(document->references[0].subject, "a");
  EXPECT_EQ(document->references[0].version, 2);
}

TEST(AnswerTest, ASchemaWithoutALanguageIsAvro) {
  const auto document = ReadSchemaAnswer(Answer(200, R"({"schema": "\"string\""})"));
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_EQ(document->language, serde::SchemaLanguage::kAvro);
  EXPECT_EQ(document->id, std::nullopt);
}

// Each answer is classed by what there is to do about it.
TEST(AnswerTest, TellsTheRegistrysNoFromATroubleThatPasses) {
  EXPECT_EQ(CodeOf(404, R"({"error_code": 40403, "message": "Schema not found"})"),
            StatusCode::kBadRecord);
  EXPECT_EQ(CodeOf(409, R"({"error_code": 409, "message": "incompatible"})"),
            StatusCode::kBadRecord);
  EXPECT_EQ(CodeOf(422, R"({"error_code": 42201, "message": "Invalid schema"})"),
            StatusCode::kBadRecord);
  EXPECT_EQ(CodeOf(404, "<html>no such page</html>"), StatusCode::kUnavailable);
  EXPECT_EQ(CodeOf(404, R"({"error_code": 0, "message": "Could not find resource"})"),
            StatusCode::kUnavailable);
  EXPECT_EQ(CodeOf(200, "<html>please log in</html>"), StatusCode::kUnavailable);
  EXPECT_EQ(CodeOf(200, R"({"hello": 1})"), StatusCode::kUnavailable);
  EXPECT_EQ(CodeOf(200, "[]"), StatusCode::kUnavailable);
  EXPECT_EQ(CodeOf(200, ""), StatusCode::kUnavailable);
  EXPECT_EQ(CodeOf(500, "oops"), StatusCode::kUnavailable);
  EXPECT_EQ(CodeOf(503, R"({"error_code": 50301})"), StatusCode::kUnavailable);
  EXPECT_EQ(CodeOf(429, ""), StatusCode::kUnavailable);
  EXPECT_EQ(CodeOf(408, ""), StatusCode::kUnavailable);
  EXPECT_EQ(CodeOf(401, R"({"error_code": 401, "message": "Unauthorized"})"),
            StatusCode::kInvalidConfig);
  EXPECT_EQ(CodeOf(403, ""), StatusCode::kInvalidConfig);
  EXPECT_EQ(CodeOf(301, ""), StatusCode::kInvalidConfig);
  EXPECT_EQ(CodeOf(400, ""), StatusCode::kInvalidConfig);
}

TEST(AnswerTest, SaysTheRegistrysWords) {
  const auto document =
      ReadSchemaAnswer(Answer(404, R"({"error_code": 40403, "message": "Schema not found"})"));
  EXPECT_EQ(document.status().message(), "HTTP 404: Schema not found (40403)");
}

TEST(AnswerTest, RefusesWhatCannotBeASchema) {
  EXPECT_EQ(CodeOf(200, R"({"schema": "x", "schemaType": "THRIFT"})"), StatusCode::kBadRecord);
  EXPECT_EQ(CodeOf(200, R"({"schema": "x", "references": 7})"), StatusCode::kBadRecord);
  EXPECT_EQ(CodeOf(200, R"({"schema": "x", "references": [7]})"), StatusCode::kBadRecord);
  EXPECT_EQ(CodeOf(200, R"({"schema": "x", "references": [{"name": "a", "subject": "b"}]})"),
            StatusCode::kBadRecord);
  EXPECT_EQ(CodeOf(200, R"({"schema": "x",
                "references": [{"name": "a", "subject": "b", "version": 18446744073709551615}]})"),
            StatusCode::kBadRecord);
  std::string many = R"({"schema": "x", "references": [)";
  for (size_t i = 0; i <= kReferencesMax; ++i) {
    many +=
        fmt::format(R"({}{{"name": "{}", "subject": "s", "version": 1}})", i == 0 ? "" : ",", i);
  }
  EXPECT_EQ(CodeOf(200, many + "]}"), StatusCode::kBadRecord);
}

TEST(AnswerTest, DeepNestingIsNoAnswer) {
  const std::string deep = R"({"schema": "x", "references": )" + std::string(100'000, '[') +
                           std::string(100'000, ']') + "}";
  EXPECT_NE(CodeOf(200, deep), StatusCode::kFatal);
}

TEST(AnswerTest, ReadsTheIdOfARegistration) {
  const auto id = ReadIdAnswer(Answer(200, R"({"id": 12})"));
  ASSERT_TRUE(id.ok()) << id.status();
  EXPECT_EQ(*id, 12u);
  EXPECT_EQ(ReadIdAnswer(Answer(200, R"({"id": "12"})")).status().code(), StatusCode::kUnavailable);
  EXPECT_EQ(ReadIdAnswer(Answer(200, R"({"id": -1})")).status().code(), StatusCode::kUnavailable);
}

TEST(AnswerTest, WritesTheBodyOfALookup) {
  EXPECT_EQ(SchemaBody(serde::SchemaLanguage::kAvro, "\"int\""), R"({"schema":"\"int\""})");
  EXPECT_EQ(SchemaBody(serde::SchemaLanguage::kJson, "{}"),
            R"({"schema":"{}","schemaType":"JSON"})");
}

TEST(AnswerTest, EscapesSubjects) {
  EXPECT_EQ(EscapePathPart("orders-value"), "orders-value");
  EXPECT_EQ(EscapePathPart("a/b c?d#e%\xc3\xa9"), "a%2Fb%20c%3Fd%23e%25%C3%A9");
}

}  // namespace
}  // namespace sidestream::registry
