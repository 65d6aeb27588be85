// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Whole applications whose records name the schemas that they were written with, on the embedded
// broker: records wait for their schema, and none is lost or overtaken.

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "harness/embedded_application.h"
#include "serde/wire_frame.h"
#include "tests/support/fake_schema_source.h"
#include "topology/build_plan.h"
#include "topology/loader.h"
#include "topology/schemas.h"

namespace sidestream::harness {
namespace {

using Texts = std::vector<std::string>;

std::string Framed(serde::SchemaId id, std::string_view data) {
  std::string bytes;
  serde::PutWireFrame(id, bytes);
  return bytes.append(data);
}

class RegistryTest : public ::testing::Test {
 protected:
  RegistryTest() {
    for (const serde::SchemaId id : {1, 2}) {
      schemas_->Put(id, serde::SchemaLanguage::kAvro,
                    R"({"type":"record","name":"Order","fields":[{"name":"id","type":"int"}]})");
    }
  }

  /// A topology from stream `in`, in Avro, to stream `out`, in JSON.
  void Start(const std::string& errors = "fail", const std::string& steps = "") {
    loaded_ = topology::LoadTopologyTexts(
        {{"t.yaml", "version: 1\napplication: { id: app }\nerrors: { deserialization: " + errors +
                        " }\nschema_registry: { url: 'http://registry' }\n"
                        "streams:\n  in: { topic: in, key: string, value: avro, partitions: 2 }\n"
                        "  out: { topic: out, key: string, value: json }\n"
                        "pipelines:\n  p:\n    from: in\n    to: out\n" +
                        steps}},
        topology::ProcessSurroundings());
    ASSERT_TRUE(loaded_.ok()) << topology::Render(loaded_.findings);
    topology::Findings findings(loaded_.files);
    ASSERT_TRUE(
        topology::ResolveSchemas(loaded_.model, schemas_, topology::IdsFor::kWritten, findings)
            .ok());
    const topology::PlanResult result = topology::BuildPlan(
        loaded_.model, loaded_.files, topology::DeclaredPartitionCounts(loaded_.model, 1));
    ASSERT_NE(result.plan, nullptr) << topology::Render(result.findings);
    auto started = EmbeddedApplication::Start(loaded_.model, result.plan, {});
    ASSERT_TRUE(started.ok()) << started.status();
    application_ = std::move(*started);
  }

  void Feed(Partition partition, const std::string& value, const std::string& schema_header = "") {
    FedRecord record{.topic = "in", .key = "k", .value = value, .partition = partition};
    if (!schema_header.empty()) {
      record.headers.emplace_back(std::string(serde::kValueSchemaHeader), schema_header);
    }
    const Status fed = application_->Feed(record);
    ASSERT_TRUE(fed.ok()) << fed;
  }

  Texts Output() {
    Texts values;
    auto records = application_->TakeOutput();
    EXPECT_TRUE(records.ok()) << records.status();
    for (const CollectedRecord& record : *records) {
      values.push_back(record.value.value_or("null"));
      EXPECT_TRUE(record.headers.empty());
    }
    return values;
  }

  std::shared_ptr<FakeSchemaSource> schemas_ = std::make_shared<FakeSchemaSource>();
  topology::LoadedTopology loaded_;
  std::unique_ptr<EmbeddedApplication> application_;
};

TEST_F(RegistryTest, RecordsWaitForTheirSchemaAndOthersGoOn) {
  Start();
  schemas_->late[1] = 200;
  Feed(0, Framed(1, "\x02"));
  Feed(0, Framed(1, "\x04"));
  Feed(0, Framed(2, "\x06"));
  Feed(1, Framed(2, "\x08"));
  const Status settled = application_->Settle();
  ASSERT_TRUE(settled.ok()) << settled;
  EXPECT_EQ(schemas_->late[1], -1) << "asked until it was there, then no more";
  EXPECT_EQ(Output(), (Texts{R"({"id":4})", R"({"id":1})", R"({"id":2})", R"({"id":3})"}));
}

TEST_F(RegistryTest, ASchemaThatCannotBeHadMeetsThePolicy) {
  Start("skip");
  Feed(0, Framed(1, "\x02"));
  Feed(0, Framed(99, "\x04"));
  Feed(0, "no frame");
  Feed(0, Framed(1, "\x06"));
  const Status settled = application_->Settle();
  ASSERT_TRUE(settled.ok()) << settled;
  EXPECT_EQ(Output(), (Texts{R"({"id":1})", R"({"id":3})"}));

  Start("fail");
  Feed(0, Framed(99, "\x04"));
  const Status failed = application_->Settle();
  EXPECT_EQ(failed.code(), StatusCode::kBadRecord);
  EXPECT_NE(failed.message().find("no schema 99"), std::string::npos) << failed;
}

TEST_F(RegistryTest, ARegistryThatStaysAwayStopsTheApplicationAndSkipsNothing) {
  Start("skip");
  schemas_->answer = Status::Fatal("the schema registry gave no answer for 600 s");
  Feed(0, Framed(1, "\x02"));
  EXPECT_EQ(application_->Settle().code(), StatusCode::kFatal);
  EXPECT_TRUE(Output().empty());
}

// The frame goes with the bytes, over a topic of our own, too; the header that had it is gone.
TEST_F(RegistryTest, AFrameInAHeaderIsPutInFrontOfTheBytes) {
  Start("fail", "    steps:\n      - name: spread\n        repartition: { partitions: 3 }\n");
  schemas_->late[1] = 50;
  Feed(0, "\x0e", Framed(1, ""));
  Feed(1, Framed(2, "\x10"));
  const Status settled = application_->Settle();
  ASSERT_TRUE(settled.ok()) << settled;
  Texts output = Output();
  std::sort(output.begin(), output.end());
  EXPECT_EQ(output, (Texts{R"({"id":7})", R"({"id":8})"}));
}

}  // namespace
}  // namespace sidestream::harness
