// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "topology/schemas.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/fake_schema_source.h"
#include "tests/unit/topology/fake_surroundings.h"
#include "topology/loader.h"

namespace sidestream::topology {
namespace {

constexpr const char* kOrder =
    R"({"type":"record","name":"Order","namespace":"shop","fields":[{"name":"id","type":"long"}]})";

class SchemasTest : public ::testing::Test {
 protected:
  SchemasTest() { source_->Put(5, serde::SchemaLanguage::kAvro, kOrder); }

  /// A topology from stream `in` to stream `out`, with these formats of their values.
  void Load(const std::string& in, const std::string& out, const std::string& registry = "") {
    loaded_ = LoadTopologyTexts({{"t.yaml",
                                  "version: 1\napplication: { id: app }\n"
                                  "schema_registry: { url: 'http://registry'" +
                                      registry +
                                      " }\n"
                                      "streams:\n  in: { topic: orders, value: " +
                                      in + " }\n  out: { topic: paid, value: " + out +
                                      " }\npipelines:\n  p: { from: in, to: out }\n"}},
                                FakeSurroundings());
    ASSERT_TRUE(loaded_.ok()) << Render(loaded_.findings);
  }

  Status Resolve(IdsFor ids = IdsFor::kWritten) {
    Findings findings(loaded_.files);
    Status status = ResolveSchemas(loaded_.model, source_, ids, findings);
    findings_ = findings.Take();
    return status;
  }

  const serde::FormatSpec& Value(size_t stream) const {
    return loaded_.model.streams[stream].value;
  }

  std::shared_ptr<FakeSchemaSource> source_ = std::make_shared<FakeSchemaSource>();
  LoadedTopology loaded_;
  std::vector<Finding> findings_;
};

TEST_F(SchemasTest, TakesTheNewestVersionsOfTheSubjects) {
  source_->PutSubject("orders-value", 5);
  source_->PutSubject("paid-value", 5);
  Load("avro", "avro");
  ASSERT_TRUE(Resolve().ok());
  EXPECT_TRUE(findings_.empty()) << Render(findings_);
  EXPECT_EQ(source_->asked, (std::vector<std::string>{"latest orders-value", "latest paid-value"}));
  EXPECT_EQ(Value(0).schema.text, kOrder);
  EXPECT_NE(Value(0).values, nullptr);
  EXPECT_EQ(Value(0).schema_id, std::nullopt) << "nobody writes it";
  EXPECT_EQ(Value(1).schema_id, 5u);
  source_->asked.clear();
  ASSERT_TRUE(Resolve().ok());
  EXPECT_TRUE(source_->asked.empty()) << "what is resolved stays";
}

TEST_F(SchemasTest, WhatIsOnlyReadNeedsNoSubject) {
  source_->PutSubject("paid-value", 5);
  Load("avro", "avro");
  ASSERT_TRUE(Resolve().ok());
  EXPECT_TRUE(findings_.empty()) << Render(findings_);
  EXPECT_TRUE(Value(0).schema.text.empty());
  EXPECT_EQ(Value(0).schemas, source_);
}

TEST_F(SchemasTest, WhatIsWrittenNeedsASchema) {
  source_->PutSubject("orders-value", 5);
  Load("avro", "avro");
  ASSERT_TRUE(Resolve().ok());
  ASSERT_EQ(findings_.size(), 1u);
  EXPECT_EQ(findings_[0].code, "SS5009");
  EXPECT_NE(findings_[0].message.find("paid-value"), std::string::npos) << findings_[0].message;
}

TEST_F(SchemasTest, ASubjectOfAnotherLanguageIsAFinding) {
  source_->Put(6, serde::SchemaLanguage::kJson, "{}");
  source_->PutSubject("orders-value", 6);
  source_->PutSubject("paid-value", 5);
  Load("avro", "avro");
  ASSERT_TRUE(Resolve().ok());
  ASSERT_EQ(findings_.size(), 1u);
  EXPECT_NE(findings_[0].message.find("is JSON"), std::string::npos) << findings_[0].message;
}

TEST_F(SchemasTest, ADeclaredSchemaIsLookedUpWhereItIsWritten) {
  const std::string declared = "{ format: avro, schema: '" + std::string(kOrder) + "' }";
  Load(declared, declared);
  ASSERT_TRUE(Resolve().ok());
  EXPECT_TRUE(findings_.empty()) << Render(findings_);
  EXPECT_EQ(source_->asked, std::vector<std::string>{"find paid-value"});
  EXPECT_EQ(Value(1).schema_id, 5u);
  ASSERT_TRUE(Resolve(IdsFor::kAll).ok());
  EXPECT_EQ(Value(0).schema_id, 5u) << "tests write their inputs too";
}

TEST_F(SchemasTest, SubjectsAreNamedByTheStrategy) {
  const std::string declared = "{ format: avro, schema: '" + std::string(kOrder) + "' }";
  Load("string", declared, ", subject_strategy: record_name");
  ASSERT_TRUE(Resolve().ok());
  Load("string", declared, ", subject_strategy: topic_record_name");
  ASSERT_TRUE(Resolve().ok());
  Load("string", "{ format: avro, subject: mine, schema: '" + std::string(kOrder) + "' }",
       ", subject_strategy: record_name");
  ASSERT_TRUE(Resolve().ok());
  EXPECT_EQ(source_->asked,
            (std::vector<std::string>{"find shop.Order", "find paid-shop.Order", "find mine"}));
  Load("string", "avro", ", subject_strategy: record_name");
  ASSERT_TRUE(Resolve().ok());
  ASSERT_EQ(findings_.size(), 1u);
  EXPECT_EQ(findings_[0].code, "SS5009");
}

TEST_F(SchemasTest, SaysWhatItWaitsFor) {
  Load("avro", "avro");
  source_->answer = Status::Unavailable("on its way");
  EXPECT_EQ(Resolve().code(), StatusCode::kUnavailable);
  EXPECT_EQ(source_->asked.size(), 2u) << "all is asked for at once";
  source_->answer = Status::InvalidConfig("refused");
  EXPECT_EQ(Resolve().code(), StatusCode::kInvalidConfig);
}

TEST_F(SchemasTest, WithoutARegistryThereIsNoFrame) {
  loaded_ = LoadTopologyTexts({{"t.yaml", R"(version: 1
application: { id: app }
streams:
  in: { topic: orders, value: avro }
  out: { topic: paid, value: { format: avro, framing: confluent, schema: '"int"' } }
pipelines:
  p: { from: in, to: out }
)"}},
                              FakeSurroundings());
  ASSERT_EQ(loaded_.findings.size(), 2u) << Render(loaded_.findings);
  EXPECT_EQ(loaded_.findings[0].code, "SS2004") << "no schema";
  EXPECT_EQ(loaded_.findings[1].code, "SS2005") << "no registry";
}

}  // namespace
}  // namespace sidestream::topology
