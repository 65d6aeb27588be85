// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The schema against the loader: what loads fits the schema, and what the checker of single
// fields refuses does not. valijson judges.

#include "topology/json_schema.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>
#include <vector>

#include "serde/json_writer.h"
#include "tests/unit/topology/fake_surroundings.h"
#include "topology/fields.h"
#include "topology/loader.h"
#include "topology/scalars.h"
#include "topology/yaml_node.h"

namespace sidestream::topology {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

std::string ReadText(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

/// As a reader of YAML 1.2 sees it; a null value where it is no YAML.
json AsJson(const std::string& yaml) {
  SourceFiles files;
  Findings findings(files);
  const YamlNode root = ParseYaml(files, files.Add("topology.yaml", yaml), findings);
  if (findings.has_errors()) return nullptr;
  Arena arena;
  std::string text;
  EXPECT_TRUE(serde::WriteJson(ToValue(root, arena), serde::JsonShape::kData, text).ok());
  return json::parse(text);
}

class JsonSchemaTest : public ::testing::Test {
 protected:
  JsonSchemaTest() { Use(SchemaFor::kWholeFile); }

  void Use(SchemaFor file) {
    const json text = json::parse(JsonSchema(file));
    schema_ = std::make_unique<valijson::Schema>();
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(Adapter(text), *schema_);
  }

  /// Empty when `yaml` fits, else the first thing that is wrong.
  std::string Refusal(const std::string& yaml) {
    const json document = AsJson(yaml);
    valijson::Validator validator;
    valijson::ValidationResults results;
    if (validator.validate(*schema_, Adapter(document), &results)) return "";
    valijson::ValidationResults::Error error;
    std::string text = "refused";
    while (results.popError(error)) {
      for (const std::string& part : error.context) text += part;
      text += ": " + error.description + "\n";
    }
    return text;
  }

  std::unique_ptr<valijson::Schema> schema_;
};

/// A whole file around some lines: streams.in (further fields), steps, and lines at the top.
std::string Around(const std::string& stream, const std::string& steps, const std::string& top) {
  return "version: 1\napplication: { id: x }\nstreams:\n  in:\n    topic: t\n" + stream +
         "pipelines:\n  p:\n    from: in\n    steps:\n" + steps + top;
}
std::string Stream(const std::string& line) {
  return Around("    " + line + "\n", "      - filter: true\n", "");
}
std::string Step(const std::string& line) { return Around("", "      - " + line + "\n", ""); }
std::string Top(const std::string& line) {
  return Around("", "      - filter: true\n", line + "\n");
}

/// Codes of what a schema can always judge: unknown keys, types, expressions. Values (SS2003) and
/// missing fields (SS2004) are also judged by what else stands in the file.
bool IsOfOneField(const Finding& finding) {
  static const std::set<std::string> codes{"SS2001", "SS2002", "SS2006", "SS2009"};
  return finding.severity == Severity::kError && codes.contains(finding.code);
}

std::vector<fs::path> CommittedTopologies() {
  const fs::path root(SIDESTREAM_SOURCE_DIR);
  std::vector<fs::path> files;
  for (const char* folder : {"config/topologies", "tests/golden", "tests/integration"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (entry.path().extension() == ".yaml") files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

TEST_F(JsonSchemaTest, JudgesEveryCommittedTopologyAsTheCheckerOfFieldsDoes) {
  FakeSurroundings surroundings;
  surroundings.variables["BROKERS"] = "kafka:9092";
  int fit = 0;
  int refused = 0;
  for (const fs::path& path : CommittedTopologies()) {
    SCOPED_TRACE(path.string());
    const std::string text = ReadText(path);
    const LoadedTopology loaded = LoadTopologyTexts({{"topology.yaml", text}}, surroundings);
    const std::string refusal = Refusal(text);
    if (loaded.ok()) {
      EXPECT_EQ(refusal, "");
      ++fit;
    }
    if (std::any_of(loaded.findings.begin(), loaded.findings.end(), IsOfOneField)) {
      EXPECT_NE(refusal, "") << Render(loaded.findings);
      ++refused;
    }
  }
  EXPECT_GE(fit, 15);
  EXPECT_GE(refused, 2);
}

TEST_F(JsonSchemaTest, TakesWhatTheLanguageAllows) {
  for (const std::string& text : {
           Stream("value: { format: json, fields: { id: int, \"items[].price\": double } }"),
           Stream("key: ${env:KEY_FORMAT}"),
           Stream("partitions: ${env:PARTITIONS:-3}"),
           Stream("partitions: '6'"),
           Stream("x-owner: { team: orders }"),
           Step("map: { a: 1, b: value.x }"),
           Step("map: 'null'"),
           Step("{ name: n, repartition: { partitions: 3 } }"),
           Step("{ name: n, aggregate: { group_by: { a: value.a }, value: count() } }"),
           Step("branch: [ { name: b, otherwise: true, steps: [ { filter: true } ] } ]"),
           Step("{ filter: value.ok, on_error: skip, x-note: why }"),
           Top("kafka: { bootstrap.servers: \"a:1\", consumer: { session.timeout.ms: 9000 } }"),
           Top("http: { port: 0 }"),
           Top("x-anchors: [ 1, { a: b } ]"),
           Top("errors: { dlq: { topic: letters.x, hold_key: true }, processing: dlq }"),
           Top("tests: [ { name: t, expect: { $dlq: { count: 0 } } } ]"),
           Top("tests: [ { name: t, advance: 1h30m, input: { in: [ { value: [1] } ] } } ]"),
       }) {
    EXPECT_EQ(Refusal(text), "") << text;
  }
}

TEST_F(JsonSchemaTest, RefusesWhatTheCheckerOfFieldsRefuses) {
  FakeSurroundings surroundings;
  for (const std::string& text : {
           Stream("tpoic: t"),
           Stream("key: strnig"),
           Stream("value: { fields: { id: int } }"),
           Stream("value: { format: json, fields: { id: integer } }"),
           Stream("partitions: 0"),
           Stream("partitions: many"),
           Stream("topics: []"),
           Stream("topics: t"),
           Stream("timestamp:"),
           Step("fliter: true"),
           Step("filter: [ value.ok ]"),
           Step("filter: ''"),
           Step("filter: value.x > ${env:LIMIT}"),
           Step("map: {}"),
           Step("set: value.x"),
           Step("{ filter: true, on_error: explode }"),
           Step("peek: { every: 5 }"),
           Step("branch: [ { when: true } ]"),
           Step("branch: [ { name: b, otherwise: false } ]"),
           Top("application: [ x ]"),
           Top("kafka: { bootstrap.servers: [ a ] }"),
           Top("http: { port: 70000 }"),
           Top("tests: [ { name: t, advance: 5 } ]"),
           Top("tests: [ { name: t, advance: 1s1m } ]"),
           Top("tests: [ { name: t, end: 'true' } ]"),
           Top("tests: [ { input: {} } ]"),
           Top("tests: [ { name: t, expect: { $all: { count: 0 } } } ]"),
           Top("streems: {}"),
           std::string("version: 2\napplication: { id: x }\npipelines: { p: { from: a } }\n"),
           std::string("version: 1\napplication: { workers: two }\npipelines: {}\n"),
           std::string("version: 1\napplication: { id: x, state: { memory: 5 apples } }\n"),
       }) {
    EXPECT_NE(Refusal(text), "") << text;
    EXPECT_FALSE(LoadTopologyTexts({{"t.yaml", text}}, surroundings).ok()) << text;
  }
}

TEST_F(JsonSchemaTest, AStepHasOneVerbAndANameWhereTopicsNeedIt) {
  EXPECT_NE(Refusal(Step("{ on_error: skip }")), "");
  EXPECT_NE(Refusal(Step("{ filter: true, map: value }")), "");
  EXPECT_NE(Refusal(Step("aggregate: { group_by: key, value: count() }")), "");
  EXPECT_NE(Refusal(Step("repartition: {}")), "");
}

TEST_F(JsonSchemaTest, APartRequiresNothingThatAnotherFileMayHold) {
  const std::string part = "http: { port: 9000 }\napplication: { workers: 2 }\n";
  EXPECT_NE(Refusal(part), "");
  Use(SchemaFor::kPart);
  EXPECT_EQ(Refusal(part), "");
  EXPECT_EQ(Refusal(ReadText(fs::path(SIDESTREAM_SOURCE_DIR) / "config/sidecar.yaml")), "");
  EXPECT_NE(Refusal(Step("branch: [ { when: true } ]")), "");
}

TEST_F(JsonSchemaTest, EveryFieldStandsInItWithItsHelp) {
  const std::string text = JsonSchema();
  for (const Field& field : AllFields()) {
    if (field.path.ends_with("<name>") || field.path.ends_with("[]")) continue;
    const std::string help = json(std::string(field.help)).dump();
    EXPECT_NE(text.find("\"description\": " + help), std::string::npos) << field.path;
  }
}

}  // namespace
}  // namespace sidestream::topology
