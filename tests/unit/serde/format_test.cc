// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/format.h"

#include <gtest/gtest.h>

namespace sidestream::serde {
namespace {

std::string Describe(std::string_view path) {
  const auto steps = ParseFieldPath(path);
  if (!steps.ok()) return "error";
  std::string text;
  for (const FieldPathStep& step : *steps) text += step.each_element ? "*/" : step.name + "/";
  return text;
}

TEST(FormatTest, EveryNameParsesToItself) {
  for (const std::string_view name : FormatNames()) {
    ASSERT_TRUE(ParseFormatKind(name).ok()) << name;
    EXPECT_EQ(FormatName(*ParseFormatKind(name)), name);
  }
  for (const std::string_view name : FieldTypeNames()) {
    ASSERT_TRUE(ParseFieldType(name).ok()) << name;
    EXPECT_EQ(FieldTypeName(*ParseFieldType(name)), name);
  }
}

TEST(FormatTest, AnUnknownNameIsAnErrorWithTheKnownOnes) {
  for (const std::string_view name : {"Avro", "proto", "json-schema", "JSON", ""}) {
    const auto kind = ParseFormatKind(name);
    ASSERT_FALSE(kind.ok()) << name;
    EXPECT_EQ(kind.status().code(), StatusCode::kInvalidConfig);
    EXPECT_NE(kind.status().message().find(
                  "string, bytes, int32, int64, float, double, uuid, json, avro, "
                  "protobuf, json_schema, csv"),
              std::string::npos);
  }
  EXPECT_FALSE(ParseFieldType("number").ok());
}

TEST(FormatTest, FieldPathsSplitAtDotsAndBrackets) {
  EXPECT_EQ(Describe("id"), "id/");
  EXPECT_EQ(Describe("items[].price"), "items/*/price/");
  EXPECT_EQ(Describe("a.b[][].c d"), "a/b/*/*/c d/");
  EXPECT_EQ(Describe("tags[]"), "tags/*/");
}

TEST(FormatTest, WrongFieldPathsAreErrors) {
  for (const std::string_view path :
       {"", ".", "a.", ".a", "a..b", "[]", "[].a", "a[0]", "a[", "a]b", "a[]b", "a[].", "a[].[]"}) {
    EXPECT_EQ(Describe(path), "error") << path;
  }
}

TEST(FormatTest, ASinkTakesItsFormatsTypeOnly) {
  using Kind = Value::Kind;
  EXPECT_TRUE(FormatTakes(FormatKind::kString, Kind::kString));
  EXPECT_FALSE(FormatTakes(FormatKind::kString, Kind::kBytes));
  EXPECT_FALSE(FormatTakes(FormatKind::kBytes, Kind::kString));
  EXPECT_FALSE(FormatTakes(FormatKind::kInt64, Kind::kDouble));
  EXPECT_TRUE(FormatTakes(FormatKind::kFloat, Kind::kInt));
  EXPECT_TRUE(FormatTakes(FormatKind::kUuid, Kind::kString));
  EXPECT_TRUE(FormatTakes(FormatKind::kJson, Kind::kMap));
  EXPECT_FALSE(FormatTakes(FormatKind::kJson, Kind::kType));
}

}  // namespace
}  // namespace sidestream::serde
