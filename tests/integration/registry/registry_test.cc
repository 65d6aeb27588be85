// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A real schema registry and real Kafka: our client against the registry, and records that go from
// the official serializers of another language through `sidestream run` to the official
// deserializers.
//
// Wants SIDESTREAM_TEST_BOOTSTRAP, SIDESTREAM_TEST_REGISTRY (URL of the Confluent API) and
// SIDESTREAM_PROGRAM; for the serializers SIDESTREAM_TEST_NODE_MODULES, else that part is skipped.

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "registry/client.h"
#include "registry/curl_transport.h"
#include "tests/integration/cluster_edit.h"
#include "tests/integration/cluster_view.h"
#include "tests/integration/spawned.h"
#include "tests/support/temp_dir.h"

namespace sidestream::integration {
namespace {

using Lines = std::vector<std::string>;

constexpr Milliseconds kWait{120'000};
constexpr const char* kOrder = R"({"type":"record","name":"Order","namespace":"shop","fields":[
    {"name":"id","type":"long"},{"name":"user","type":["null","string"]},
    {"name":"amount","type":"double"}]})";

std::string Wanted(const char* variable) {
  const char* text = std::getenv(variable);
  CHECK(text != nullptr && *text != '\0') << variable << " is not set: scripts/test.sh broker";
  return text;
}

std::string UniqueName() {
  return std::to_string(SystemClock().WallTime().value()) + "-" + std::to_string(getpid());
}

class RegistryClientTest : public ::testing::Test {
 protected:
  void Make(bool auto_register) {
    client_ = std::make_unique<registry::Client>(
        registry::ClientOptions{.urls = {Wanted("SIDESTREAM_TEST_REGISTRY")},
                                .auto_register = auto_register},
        registry::NewCurlTransport({.timeout = kWait}), clock_, 1);
  }

  /// Asks until there is an answer.
  template <typename Ask>
  Result<serde::RegisteredSchemaPtr> Answer(const Ask& ask) {
    for (;;) {
      auto answer = ask();
      if (answer.ok() || answer.status().code() != StatusCode::kUnavailable) return answer;
      client_->Step(Milliseconds(1'000));
    }
  }

  const SystemClock clock_;
  const std::string subject_ = "registry-" + UniqueName() + "-value";
  std::unique_ptr<registry::Client> client_;
};

TEST_F(RegistryClientTest, RegistersFindsAndReadsASchema) {
  const auto find = [&] {
    return client_->Find(subject_, serde::SchemaLanguage::kAvro, {kOrder, {}});
  };
  Make(/*auto_register=*/false);
  EXPECT_EQ(Answer(find).status().code(), StatusCode::kBadRecord)
      << "nothing is registered unasked";
  Make(/*auto_register=*/true);
  const auto registered = Answer(find);
  ASSERT_TRUE(registered.ok()) << registered.status();
  Make(/*auto_register=*/false);
  const auto found = Answer(find);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ((*found)->id, (*registered)->id);
  const auto latest = Answer([&] { return client_->Latest(subject_); });
  ASSERT_TRUE(latest.ok()) << latest.status();
  EXPECT_EQ((*latest)->id, (*registered)->id);
  const auto by_id = Answer([&] { return client_->ById((*registered)->id); });
  ASSERT_TRUE(by_id.ok()) << by_id.status();
  EXPECT_EQ((*by_id)->schema.text, (*latest)->schema.text);
}

TEST_F(RegistryClientTest, TellsWhatIsNotThere) {
  Make(/*auto_register=*/false);
  EXPECT_EQ(Answer([&] { return client_->ById(2'000'000'000); }).status().code(),
            StatusCode::kBadRecord);
  EXPECT_EQ(Answer([&] { return client_->Latest(subject_); }).status().code(),
            StatusCode::kBadRecord);
}

class OfficialSerializersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* modules = std::getenv("SIDESTREAM_TEST_NODE_MODULES");
    if (modules == nullptr || *modules == '\0') {
      GTEST_SKIP() << "NOT TESTED: the official serializers are not there "
                      "(SIDESTREAM_TEST_NODE_MODULES; scripts/setup.sh --with-broker needs npm)";
    }
    setenv("NODE_PATH", modules, 1);
    edit_.CreateTopic(in_, 1);
    edit_.CreateTopic(out_, 1);
  }

  std::string Write(const std::string& name, const std::string& text) {
    std::ofstream(dir_.path() / name) << text;
    return dir_.path() / name;
  }

  static Lines LinesOf(const std::string& text) {
    Lines lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }

  Lines Official(const std::string& verb, const std::string& format, const std::string& topic,
                 const Lines& input, const Command& more = {}) {
    Command command{
        "node",    std::string(SIDESTREAM_SOURCE_DIR) + "/tests/integration/registry/official.cjs",
        verb,      format,
        registry_, topic};
    command.insert(command.end(), more.begin(), more.end());
    std::string text;
    for (const std::string& line : input) text += line + "\n";
    const ToolResult result = RunTool(command, text);
    EXPECT_EQ(result.exit_code, 0) << result.output;
    return LinesOf(result.output);
  }

  static std::string FromHex(const std::string& hex) {
    std::string bytes;
    for (size_t i = 0; i + 1 < hex.size(); i += 2) {
      bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    }
    return bytes;
  }
  static std::string ToHex(std::string_view bytes) {
    std::string hex;
    for (const char byte : bytes) {
      const auto value = static_cast<unsigned char>(byte);
      hex += "0123456789abcdef"[value >> 4];
      hex += "0123456789abcdef"[value & 15];
    }
    return hex;
  }

  /// The official serializer writes `values` to the input.
  void Feed(const std::string& format, const std::string& schema, const Lines& values) {
    std::vector<FedRecord> records;
    for (const std::string& hex :
         Official("write", format, in_, values, {Write("input.schema", schema)})) {
      records.push_back({"k", FromHex(hex)});
    }
    ASSERT_EQ(records.size(), values.size());
    edit_.Feed(in_, records);
  }

  /// Runs a topology over all of the input; it is given the stream formats and the steps.
  void Run(const std::string& in_format, const std::string& out_format, const std::string& steps) {
    const std::string file = Write(
        "topology.yaml",
        "version: 1\napplication: { id: " + application_ + ", state: { dir: '" +
            (dir_.path() / "state").string() + "' } }\nkafka: { bootstrap.servers: '" + bootstrap_ +
            "' }\nhttp: { address: 127.0.0.1, port: 0 }\nschema_registry: { url: '" + registry_ +
            "', auto_register: true, timeout: 2m }\nstreams:\n  in: { topic: '" + in_ +
            "', key: string, value: " + in_format + ", end_at: latest }\n  out: { topic: '" + out_ +
            "', key: string, value: " + out_format +
            " }\npipelines:\n  p:\n    from: in\n    to: out\n" + steps);
    BackgroundProgram program(
        {Wanted("SIDESTREAM_PROGRAM"), "run", "-f", file, "--log-format", "text"}, Variables{},
        dir_.path() / "run.log");
    const MonotonicTime deadline = clock_.Now() + kWait;
    while (program.running()) {
      ASSERT_LT(clock_.Now(), deadline) << ReadText(program.log());
      std::this_thread::sleep_for(Milliseconds(100));
    }
    ASSERT_EQ(program.End(SIGTERM, kWait), 0) << ReadText(program.log());
  }

  /// What the official deserializer reads from the output.
  Lines Output(const std::string& format) {
    Lines frames;
    view_.ReadAll(out_, [&](const TopicPartition&, const kafka::Record& record) {
      frames.push_back(ToHex(record.value.value_or("")));
    });
    return Official("read", format, out_, frames);
  }

  const SystemClock clock_;
  const std::string bootstrap_ = Wanted("SIDESTREAM_TEST_BOOTSTRAP");
  const std::string registry_ = Wanted("SIDESTREAM_TEST_REGISTRY");
  ClusterView view_{bootstrap_};
  ClusterEdit edit_{view_, {{"bootstrap.servers", bootstrap_}}};
  const std::string run_ = UniqueName();
  const std::string application_ = "official-" + run_;
  const std::string in_ = "in-" + run_;
  const std::string out_ = "out-" + run_;
  testing::TempDir dir_;
};

TEST_F(OfficialSerializersTest, AvroIsReadAndWritten) {
  Feed("avro", kOrder,
       {R"({"id":1,"user":"ann","amount":12.5})", R"({"id":2,"user":null,"amount":2.5})",
        R"({"id":3,"user":"bob","amount":99})"});
  Run("avro",
      R"({ format: avro, schema: '{"type":"record","name":"Paid","fields":[)"
      R"({"name":"order","type":"long"},{"name":"who","type":["null","string"]},)"
      R"({"name":"cents","type":"long"}]}' })",
      "    steps:\n      - filter: value.amount > 10.0\n"
      "      - map: { order: value.id, who: value.user, cents: int(value.amount * 100.0) }\n");
  EXPECT_EQ(Output("avro"), (Lines{R"({"order":1,"who":"ann","cents":1250})",
                                   R"({"order":3,"who":"bob","cents":9900})"}));
}

TEST_F(OfficialSerializersTest, WhatIsNotChangedLeavesInItsFrame) {
  Feed("avro", kOrder, {R"({"id":1,"user":"ann","amount":12.5})"});
  Run("avro", "{ format: avro, subject: '" + in_ + "-value' }", "");
  EXPECT_EQ(Output("avro"), Lines{R"({"id":1,"user":"ann","amount":12.5})"});
}

TEST_F(OfficialSerializersTest, JsonSchemaIsReadAndWritten) {
  Feed("json_schema",
       R"({"title":"Order","type":"object","properties":{"id":{"type":"integer"},)"
       R"("amount":{"type":"number"}},"required":["id"]})",
       {R"({"id":1,"amount":12.5})", R"({"id":2})"});
  Run("json_schema",
      R"({ format: json_schema, schema: '{"title":"Paid","type":"object","properties":)"
      R"({"order":{"type":"integer"}},"required":["order"]}' })",
      "    steps:\n      - map: { order: value.id }\n");
  EXPECT_EQ(Output("json_schema"), (Lines{R"({"order":1})", R"({"order":2})"}));
}

// The official client registers a descriptor in base64 and writes the second message of its file.
TEST_F(OfficialSerializersTest, ProtobufIsReadAndWritten) {
  Feed("protobuf", "",
       {R"({"id":1,"amount":12.5,"customer":{"name":"ann"},"tags":["a","b"]})",
        R"({"id":2,"amount":2.5})"});
  Run("protobuf", "{ format: protobuf, subject: '" + in_ + "-value', message: shop.Order }",
      "    steps:\n      - filter: value.amount > 10.0\n"
      "      - map: { id: value.id + 100, amount: value.amount, customer: value.customer }\n");
  EXPECT_EQ(Output("protobuf"),
            Lines{R"({"id":101,"amount":12.5,"tags":[],"customer":{"name":"ann"}})"});
}

// What Debezium's Avro converter makes: the envelope with a row before and a row after.
TEST_F(OfficialSerializersTest, DebeziumEnvelopesInAvroAreRead) {
  Feed("avro",
       R"({"type":"record","name":"Envelope","namespace":"shop.public.orders","fields":[)"
       R"({"name":"before","type":["null",{"type":"record","name":"Value","fields":[)"
       R"({"name":"id","type":"long"},{"name":"status","type":["null","string"]}]}]},)"
       R"({"name":"after","type":["null","Value"]},)"
       R"({"name":"source","type":{"type":"record","name":"Source","fields":[)"
       R"({"name":"ts_ms","type":"long"},{"name":"table","type":"string"}]}},)"
       R"({"name":"op","type":"string"},{"name":"ts_ms","type":["null","long"]}]})",
       {R"({"before":null,"after":{"id":1,"status":"new"},"source":{"ts_ms":5,"table":"orders"},)"
        R"("op":"c","ts_ms":6})",
        R"({"before":{"id":1,"status":"new"},"after":{"id":1,"status":"paid"},)"
        R"("source":{"ts_ms":7,"table":"orders"},"op":"u","ts_ms":8})",
        R"({"before":{"id":1,"status":"paid"},"after":null,"source":{"ts_ms":9,"table":"orders"},)"
        R"("op":"d","ts_ms":10})"});
  Run("avro, cdc: debezium",
      R"({ format: avro, schema: '{"type":"record","name":"Change","fields":[)"
      R"({"name":"op","type":"string"},{"name":"status","type":["null","string"]},)"
      R"({"name":"was","type":["null","string"]}]}' })",
      "    steps:\n      - map:\n          op: meta.op\n"
      "          status: 'value == null ? null : value.status'\n"
      "          was: 'old == null ? null : old.status'\n");
  EXPECT_EQ(Output("avro"), (Lines{R"({"op":"c","status":"new","was":null})",
                                   R"({"op":"u","status":"paid","was":"new"})",
                                   R"({"op":"d","status":null,"was":"paid"})"}));
}

}  // namespace
}  // namespace sidestream::integration
