// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "harness/test_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "base/arena.h"
#include "harness/embedded_application.h"
#include "harness/test_expectation.h"
#include "operators/aggregate/aggregate_row.h"
#include "serde/json_text.h"
#include "serde/key_codec.h"
#include "serde/ndjson.h"
#include "serde/reader.h"
#include "serde/value_codec.h"
#include "topology/build_plan.h"
#include "topology/fields.h"

namespace sidestream::harness {
namespace {

/// An input record and where it stands among those of all streams.
struct Turn {
  Timestamp when;
  const topology::StreamModel* stream = nullptr;
  const topology::TestInputRecord* record = nullptr;
};

/// Records of a stream as listed; streams interleave by the highest `at` so far.
std::vector<Turn> TurnsOf(const topology::Model& model, const topology::TestModel& test) {
  std::vector<Turn> turns;
  for (const auto& [name, records] : test.input) {
    const topology::StreamModel* stream = model.FindStream(name.text);
    Timestamp highest = ManualClock::kStart;
    for (const topology::TestInputRecord& record : records) {
      if (record.at) highest = std::max(highest, *record.at);
      turns.push_back({highest, stream, &record});
    }
  }
  std::stable_sort(turns.begin(), turns.end(),
                   [](const Turn& a, const Turn& b) { return a.when < b.when; });
  return turns;
}

Result<std::optional<std::string>> Encode(const serde::FormatSpec& format,
                                          const std::optional<serde::Value>& value) {
  std::string bytes;
  if (!value) return std::optional<std::string>();
  ASSIGN_OR_RETURN(const bool present, serde::EncodeText(format.kind, *value, bytes));
  return present ? std::optional(std::move(bytes)) : std::nullopt;
}

Result<FedRecord> RecordOf(const Turn& turn) {
  FedRecord fed;
  fed.topic = turn.stream->topics.front().text;
  ASSIGN_OR_RETURN(fed.key, Encode(turn.stream->key, turn.record->key));
  ASSIGN_OR_RETURN(fed.value, Encode(turn.stream->value, turn.record->value));
  if (turn.record->raw) fed.value = turn.record->raw;
  fed.timestamp = turn.record->at;
  fed.partition = turn.record->partition;
  for (const auto& [name, value] : turn.record->headers) fed.headers.emplace_back(name, value);
  return fed;
}

class TestRun {
 public:
  TestRun(const topology::Model& model, const topology::SourceFiles& files,
          const topology::TestModel& test, const TestOptions& options)
      : model_(model), files_(files), test_(test), options_(options) {}

  std::vector<std::string> Run() {
    if (const Status status = RunAll(); !status.ok()) failures_.push_back(status.message());
    return std::move(failures_);
  }

 private:
  Status RunAll() {
    RETURN_IF_ERROR(StartApplication());
    for (const Turn& turn : TurnsOf(model_, test_)) {
      application_->AdvanceTo(turn.when);
      Result<FedRecord> record = RecordOf(turn);
      if (!record.ok()) {
        return record.status().WithContext(files_.Location(turn.record->position));
      }
      RETURN_IF_ERROR(application_->Feed(*record));
      RETURN_IF_ERROR(Commit());
    }
    if (test_.advance) {
      application_->AdvanceTo(application_->now() + test_.advance->count());
      RETURN_IF_ERROR(Commit());
    }
    for (const topology::TestExpectation& expected : test_.expect) {
      RETURN_IF_ERROR(CheckStream(expected));
    }
    for (const auto& [step, expected] : test_.expect_store) {
      RETURN_IF_ERROR(CheckStore(step.text, expected));
    }
    return Status::Ok();
  }

  Status StartApplication() {
    topology::PartitionCounts counts;
    for (const std::string& topic : topology::UserTopicNames(model_)) {
      counts[topic] = test_.partitions;
    }
    topology::PlanResult result = topology::BuildPlan(model_, files_, counts);
    if (result.plan == nullptr) return Status::InvalidConfig(topology::Render(result.findings));
    ASSIGN_OR_RETURN(application_,
                     EmbeddedApplication::Start(
                         model_, std::move(result.plan),
                         {.instances = options_.instances, .commit_interval = Milliseconds(1)}));
    return Commit();
  }

  /// Everything that was fed is committed; its output is put to what came before.
  Status Commit() {
    RETURN_IF_ERROR(application_->Settle());
    ASSIGN_OR_RETURN(std::vector<CollectedRecord> records, application_->TakeOutput());
    for (CollectedRecord& record : records) {
      output_[record.partition.topic].push_back(std::move(record));
    }
    if (!options_.crash_at_every_commit) return Status::Ok();
    RETURN_IF_ERROR(application_->CrashAndRestart());
    return application_->Settle();
  }

  Status CheckStream(const topology::TestExpectation& expected) {
    if (expected.stream.text == topology::kDeadLetterStream) return CheckLetters(expected);
    const topology::StreamModel* stream = model_.FindStream(expected.stream.text);
    std::vector<CollectedRecord> records;
    for (const topology::Named& topic : stream->topics) {
      const std::vector<CollectedRecord>& of_topic = output_[topic.text];
      records.insert(records.end(), of_topic.begin(), of_topic.end());
    }
    ASSIGN_OR_RETURN(const std::vector<std::string> failures,
                     CompareRecords(expected, *stream, records, files_));
    failures_.insert(failures_.end(), failures.begin(), failures.end());
    return Status::Ok();
  }

  Status CheckLetters(const topology::TestExpectation& expected) {
    std::map<std::string, const topology::StreamModel*> streams;
    for (const topology::StreamModel& stream : model_.streams) {
      for (const topology::Named& topic : stream.topics) streams.emplace(topic.text, &stream);
    }
    ASSIGN_OR_RETURN(
        const std::vector<std::string> failures,
        CompareLetters(expected, streams, output_[topology::DeadLetterTopicOf(model_)], files_));
    failures_.insert(failures_.end(), failures.begin(), failures.end());
    return Status::Ok();
  }

  Status CheckStore(const std::string& store, const serde::Value& expected) {
    const topology::Store* planned = FindStore(store);
    if (planned == nullptr) {
      failures_.push_back(fmt::format("store {}: there is no such store", store));
      return Status::Ok();
    }
    ASSIGN_OR_RETURN(const auto rows, application_->StoreRows(store));
    std::map<std::string, std::string> results;
    for (const auto& [key, row] : rows) {
      ASSIGN_OR_RETURN(const std::string text, KeyText(*planned, key));
      ASSIGN_OR_RETURN(results[text], ResultText(store, row));
    }
    for (const serde::MapEntry& entry : expected.map()) {
      const std::string key(entry.key.string_value());
      std::string wanted;
      RETURN_IF_ERROR(serde::AppendJson(entry.value, wanted));
      const auto found = results.find(key);
      if (found == results.end()) {
        failures_.push_back(fmt::format("store {}: no row of {}", store, key));
      } else if (!SameJson(found->second, wanted)) {
        failures_.push_back(
            fmt::format("store {}: {} is {}, expected {}", store, key, found->second, wanted));
      }
    }
    return Status::Ok();
  }

  bool SameJson(const std::string& a, const std::string& b) {
    Arena arena;
    const auto left = parser_.Parse(a, arena);
    const auto right = parser_.Parse(b, arena);
    return left.ok() && right.ok() && serde::Value::Equal(*left, *right);
  }

  const topology::Store* FindStore(const std::string& name) const {
    for (const topology::SubTopology& part : application_->plan().sub_topologies) {
      for (const topology::Store& store : part.stores) {
        if (store.name == name) return &store;
      }
    }
    return nullptr;
  }

  /// A text key as it is, any other as JSON.
  Result<std::string> KeyText(const topology::Store& store, const std::string& bytes) {
    Arena arena;
    ASSIGN_OR_RETURN(const serde::Value key, KeyValue(store, bytes, arena));
    if (key.kind() == serde::Value::Kind::kString) return std::string(key.string_value());
    std::string text;
    RETURN_IF_ERROR(serde::AppendJson(key, text));
    return text;
  }

  Result<serde::Value> KeyValue(const topology::Store& store, std::string_view bytes,
                                Arena& arena) {
    if (store.key.computed) {
      // docs/formats/aggregate-row.md: the kind stands in front.
      if (bytes.empty()) return Status::TaskCorrupted("a store has an empty key");
      ASSIGN_OR_RETURN(const serde::KeyKind kind,
                       serde::ParseKeyKind(static_cast<uint8_t>(bytes.front())));
      return serde::DecodeKey(kind, bytes.substr(1), parser_, arena);
    }
    ASSIGN_OR_RETURN(const auto reader,
                     serde::Reader::Create(store.key.format, {{.fields = {}, .slot = 0}}));
    std::array<serde::Value, 1> slots;
    RETURN_IF_ERROR(reader->Read(bytes, slots, arena));
    return slots[0].CopyInto(arena);
  }

  /// The result that was sent last, as JSON.
  Result<std::string> ResultText(const std::string& store, const std::string& bytes) {
    Arena arena;
    std::vector<operators::Accumulator> accumulators = AccumulatorsOf(store);
    ASSIGN_OR_RETURN(const operators::AggregateRow row,
                     operators::DecodeAggregateRow(bytes, accumulators, arena));
    std::string text = "null";
    if (!row.sent) return text;
    ASSIGN_OR_RETURN(const serde::Value value, serde::DecodeValue(*row.sent, arena));
    text.clear();
    RETURN_IF_ERROR(serde::AppendJson(value, text));
    return text;
  }

  /// As many as the rows of `store` hold.
  std::vector<operators::Accumulator> AccumulatorsOf(const std::string& store) const {
    for (const topology::SubTopology& part : application_->plan().sub_topologies) {
      for (const topology::Node& node : part.nodes) {
        const auto* aggregate = std::get_if<topology::AggregateNode>(&node.operation);
        if (aggregate == nullptr) continue;
        if (part.stores[static_cast<size_t>(aggregate->store)].name == store) {
          return std::vector<operators::Accumulator>(aggregate->calls.size());
        }
      }
    }
    return {};
  }

  const topology::Model& model_;
  const topology::SourceFiles& files_;
  const topology::TestModel& test_;
  const TestOptions options_;
  serde::JsonParser parser_;
  std::unique_ptr<EmbeddedApplication> application_;
  std::map<std::string, std::vector<CollectedRecord>> output_;
  std::vector<std::string> failures_;
};

}  // namespace

std::vector<std::string> RunTest(const topology::Model& model, const topology::SourceFiles& files,
                                 const topology::TestModel& test, const TestOptions& options) {
  return TestRun(model, files, test, options).Run();
}

}  // namespace sidestream::harness
