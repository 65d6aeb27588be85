// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The model: a topology file as typed data, with the place of everything that a later
// check may have to point at. Expressions are still text.
//
// Place in the flow: LoadTopology (loader.h) reads it; BuildPlan makes a plan of it; app
// takes settings from it; `sidestream test` takes the cases.
//
// Threading: values.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/arena.h"
#include "base/clock.h"
#include "serde/format.h"
#include "serde/value.h"
#include "topology/plan.h"
#include "topology/yaml_node.h"

namespace sidestream::topology {

enum class ProcessingGuarantee { kExactlyOnce, kAtLeastOnce };

/// A text and where it stands.
struct Named {
  std::string text;
  Position position;
};

/// Text of an expression; the scalar that it stood in, to map positions.
struct ExpressionText {
  YamlNode scalar;
  const std::string& text() const { return scalar.text; }
};

struct NamedExpression {
  Named name;
  ExpressionText expression;
};

/// A bare expression, or a map of them.
struct ExpressionOrFields {
  std::optional<ExpressionText> expression;
  std::vector<NamedExpression> fields;
};

struct ApplicationModel {
  std::string id;
  ProcessingGuarantee guarantee = ProcessingGuarantee::kExactlyOnce;
  Milliseconds commit_interval{0};
  std::optional<int32_t> workers;      // empty: auto
  std::optional<int32_t> parallelism;  // empty: highest upstream count
  std::optional<int32_t> format;       // empty: newest
  std::string state_dir;
  std::optional<int64_t> state_memory;  // empty: from the cgroup limit
  int32_t standby_replicas = 0;
  /// A map; lives in Model::constants.
  serde::Value vars;
};

/// Properties of librdkafka as written; the more special maps go over `common`.
struct KafkaModel {
  std::map<std::string, std::string> common;
  std::map<std::string, std::string> consumer;
  std::map<std::string, std::string> producer;
  std::map<std::string, std::string> admin;
};

enum class SubjectStrategy { kTopicName, kRecordName, kTopicRecordName };

/// The schema registry; nobody is asked where there is no URL.
struct SchemaRegistryModel {
  std::vector<std::string> urls;
  std::string username;
  std::string password;
  std::string token;
  std::string ca_file;
  std::string certificate_file;
  std::string key_file;
  std::string key_password;
  bool auto_register = false;
  SubjectStrategy subject_strategy = SubjectStrategy::kTopicName;
  Milliseconds cache_ttl{0};
  Milliseconds timeout{0};
  Milliseconds max_wait{0};
};

struct ErrorsModel {
  ErrorAction deserialization = ErrorAction::kFail;
  ErrorAction processing = ErrorAction::kFail;
  ErrorAction production = ErrorAction::kFail;
  /// Empty: named after the application.
  std::optional<Named> dead_letter_topic;
  /// `hold_key: true`, and where it stands.
  std::optional<Position> hold_key;
};

struct StreamModel {
  Named name;
  std::vector<Named> topics;  // one, or several of `topics:`
  bool topic_list = false;
  serde::FormatSpec key;
  serde::FormatSpec value;
  bool declares_key = false;
  std::optional<ErrorAction> on_error;
  /// `cdc: debezium`.
  std::optional<Position> changes;
  std::optional<ExpressionText> timestamp;
  Dated dated = Dated::kByRecord;
  /// Its expressions stand beside it.
  Watermark watermark;
  bool declares_watermark = false;
  std::optional<ExpressionText> watermark_when;
  std::optional<ExpressionText> watermark_value;
  bool drop_tombstones = false;
  StartFrom start_from = StartFrom::kEarliest;
  bool bounded = false;
  std::optional<int32_t> partitions;
};

struct StepModel;

struct FilterModel {
  ExpressionText condition;
};
struct MapModel {
  ExpressionOrFields value;
};
struct SetModel {
  std::vector<NamedExpression> fields;
};
struct UnsetModel {
  std::vector<Named> fields;
};
struct HeadersModel {
  std::vector<NamedExpression> set;
  std::vector<Named> unset;
};
struct FlatMapModel {
  ExpressionText list;
};
struct RekeyModel {
  ExpressionText key;
};
struct RepartitionModel {
  std::optional<int32_t> partitions;
  Position partitions_position;
};
struct PeekModel {
  ExpressionText log;
  int64_t every = 1;
};
struct FoldModel {
  ExpressionText init;
  ExpressionText step;
  std::optional<ExpressionText> merge;
};
struct AggregateModel {
  ExpressionOrFields group_by;
  ExpressionOrFields result;  // value or fields
  std::optional<FoldModel> fold;  // in place of them
  std::optional<Window> window;
  Milliseconds allowed_lateness{0};
  Emit emit = Emit::kChanges;
  Milliseconds emit_every{0};
  OutputKey output_key = OutputKey::kPlain;
  std::optional<Ttl> ttl;
};
struct DedupModel {
  std::optional<ExpressionText> key;  // empty: the record's
  int64_t ttl_ms = 0;
  bool wall_clock = false;
  bool keep_last = false;
};
struct ProcessModel {
  YamlNode script;
  struct Store {
    Named name;
    ProcessStore::Kind kind = ProcessStore::Kind::kValue;
    std::optional<Ttl> ttl;
  };
  std::vector<Store> stores;
  std::vector<Named> outputs;
};
struct BranchModel {
  struct Entry {
    Named name;
    std::optional<ExpressionText> when;  // empty: otherwise
    std::vector<StepModel> steps;
    std::optional<Named> to;
  };
  std::vector<Entry> entries;
};

struct StepModel {
  std::string verb;
  Position position;
  std::optional<Named> name;
  std::optional<ErrorAction> on_error;
  std::variant<FilterModel, MapModel, SetModel, UnsetModel, HeadersModel, FlatMapModel, RekeyModel,
               RepartitionModel, PeekModel, AggregateModel, DedupModel, ProcessModel, BranchModel>
      operation;
};

struct PipelineModel {
  Named name;
  std::vector<Named> from;
  std::vector<StepModel> steps;
  std::optional<Named> to;
};

struct HttpModel {
  std::string address;
  int32_t port = 0;
};

enum class MatchMode { kExact, kOrdered, kUnordered, kContains, kLastPerKey };

/// A record that a case puts in. Values live in Model::constants.
struct TestInputRecord {
  Position position;
  std::optional<serde::Value> key;    // empty: null
  std::optional<serde::Value> value;  // empty: null
  std::optional<std::string> raw;     // bytes of the value, in place of it
  std::optional<Timestamp> at;        // empty: where the clock stands
  std::map<std::string, std::string> headers;
  std::optional<int32_t> partition;
};

struct TestExpectedRecord {
  Position position;
  std::optional<serde::Value> key;  // empty: not compared
  std::optional<serde::Value> value;
  std::optional<serde::Value> has;
  std::optional<Timestamp> timestamp;
  std::map<std::string, std::string> headers;
};

struct TestExpectation {
  Named stream;
  MatchMode match = MatchMode::kExact;
  std::optional<int64_t> count;
  /// Empty: records are not compared, only counted.
  std::optional<std::vector<TestExpectedRecord>> records;
};

struct TestModel {
  Named name;
  int32_t partitions = 3;
  std::vector<std::pair<Named, std::vector<TestInputRecord>>> input;
  std::optional<Milliseconds> advance;
  bool end = false;
  std::vector<TestExpectation> expect;
  /// Step name and a map of keys to results.
  std::vector<std::pair<Named, serde::Value>> expect_store;
};

/// Where snapshots lie; without the section all is empty.
struct CheckpointModel {
  std::string location;
  /// Zero: no periodic ones.
  Milliseconds interval{0};
  int32_t retain = 0;
};

struct Model {
  ApplicationModel application;
  KafkaModel kafka;
  SchemaRegistryModel schema_registry;
  ErrorsModel errors;
  std::vector<StreamModel> streams;  // in the file's order
  std::vector<PipelineModel> pipelines;
  HttpModel http;
  CheckpointModel checkpoint;
  std::vector<TestModel> tests;
  /// Memory of all Values above.
  std::shared_ptr<Arena> constants = std::make_shared<Arena>();

  const StreamModel* FindStream(std::string_view name) const;
  const PipelineModel* FindPipeline(std::string_view name) const;
};

}  // namespace sidestream::topology
