// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "harness/test_store.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <utility>
#include <variant>

#include "base/arena.h"
#include "harness/test_difference.h"
#include "operators/dedup/stored_ids.h"
#include "operators/process/stored_state.h"
#include "operators/window/stored_results.h"
#include "serde/json_text.h"

namespace sidestream::harness {
namespace {

using operators::StoredIds;
using operators::StoredResults;
using operators::StoredState;
using serde::Value;

/// A step whose store can be read.
struct Step {
  const topology::AggregateNode* aggregate = nullptr;
  const topology::Segment* results = nullptr;  // of the aggregate
  const topology::ProcessNode* process = nullptr;
  const topology::DedupNode* dedup = nullptr;

  /// Whether a key may have several windows at once.
  bool lists() const {
    return aggregate != nullptr && aggregate->window && topology::HasBounds(*aggregate->window);
  }
};

/// Empty: no such step has a store of this name.
std::optional<Step> FindStep(const topology::Plan& plan, const std::string& name) {
  for (const topology::SubTopology& part : plan.sub_topologies) {
    const auto named = [&](int32_t store) {
      return part.stores[static_cast<size_t>(store)].name == name;
    };
    for (const topology::Node& node : part.nodes) {
      const auto* aggregate = std::get_if<topology::AggregateNode>(&node.operation);
      const auto* process = std::get_if<topology::ProcessNode>(&node.operation);
      const auto* dedup = std::get_if<topology::DedupNode>(&node.operation);
      if (aggregate != nullptr && named(aggregate->store)) {
        const auto results = static_cast<size_t>(aggregate->results_segment);
        return Step{.aggregate = aggregate, .results = &part.segments[results]};
      }
      if (process != nullptr && named(process->store)) return Step{.process = process};
      if (dedup != nullptr && named(dedup->store)) return Step{.dedup = dedup};
    }
  }
  return std::nullopt;
}

/// What is there of one key: results by the window's end, the state of a script, or known ids.
using Results = std::vector<Result<Value>>;

class StoreReader {
 public:
  explicit StoreReader(const Step& step) : step_(step) {}

  /// By key as text. Values live as long as this.
  Result<std::map<std::string, Results>> Read(const std::vector<TaskRows>& tasks, Timestamp now) {
    if (step_.process != nullptr) return ReadState(tasks, now);
    if (step_.dedup != nullptr) return ReadIds(tasks, now);
    ASSIGN_OR_RETURN(const auto stored,
                     StoredResults::Create(*step_.aggregate, *step_.results, now));
    std::map<std::string, Results> keys;
    for (const TaskRows& task : tasks) {
      ASSIGN_OR_RETURN(const auto entries, stored->Read(task.rows, task.watermark, arena_));
      for (const StoredResults::Entry& entry : entries) {
        keys[TextOf(entry.key)].push_back(entry.result.ok() ? AsJson(*entry.result)
                                                            : entry.result.status());
      }
    }
    return keys;
  }

  /// One value for what `expect_store` says of a key. Fails with the first result that does.
  Result<Value> Whole(const Results& results) {
    if (!step_.lists()) return results.front();
    const std::span<Value> values = arena_.NewArray<Value>(results.size());
    for (size_t i = 0; i < results.size(); ++i) {
      RETURN_IF_ERROR(results[i].status());
      values[i] = *results[i];
    }
    return Value::List(values);
  }

 private:
  Result<std::map<std::string, Results>> ReadState(const std::vector<TaskRows>& tasks,
                                                   Timestamp now) {
    ASSIGN_OR_RETURN(const auto stored, StoredState::Create(*step_.process));
    std::map<std::string, Results> keys;
    for (const TaskRows& task : tasks) {
      const operators::CallTime time{operators::EndsBy(task.watermark), now};
      ASSIGN_OR_RETURN(const auto entries, stored->Read(task.rows, time, arena_));
      for (const StoredState::Entry& entry : entries) {
        keys[TextOf(entry.key)].push_back(AsJson(entry.state));
      }
    }
    return keys;
  }

  Result<std::map<std::string, Results>> ReadIds(const std::vector<TaskRows>& tasks,
                                                 Timestamp now) {
    ASSIGN_OR_RETURN(const auto stored, StoredIds::Create(*step_.dedup));
    std::map<std::string, Results> keys;
    for (const TaskRows& task : tasks) {
      const Timestamp clock = step_.dedup->wall_clock ? now : operators::EndsBy(task.watermark);
      ASSIGN_OR_RETURN(const auto entries, stored->Read(task.rows, clock, arena_));
      for (const StoredIds::Entry& entry : entries) {
        keys[TextOf(entry.key)].push_back(AsJson(entry.state));
      }
    }
    return keys;
  }

  /// A text key as it is, any other as JSON.
  static std::string TextOf(const Value& key) {
    return key.kind() == Value::Kind::kString ? std::string(key.string_value()) : JsonOf(key);
  }
  /// So that it compares with what a file can say.
  Result<Value> AsJson(const Value& value) {
    return parser_.Parse(arena_.Copy(JsonOf(value)), arena_);
  }

  const Step step_;
  serde::JsonParser parser_;
  Arena arena_;
};

}  // namespace

Result<std::vector<TestFailure>> CompareStore(const std::string& step, const Value& expected,
                                              const std::string& location,
                                              EmbeddedApplication& application) {
  std::vector<TestFailure> failures;
  const auto fail = [&](std::string what) -> TestFailure& {
    return failures.emplace_back(TestFailure{"store " + step, location, std::move(what), {}, {}});
  };
  const std::optional<Step> found_step = FindStep(application.plan(), step);
  if (!found_step) {
    fail("there is no such store");
    return failures;
  }
  ASSIGN_OR_RETURN(const auto tasks, application.StoreRows(step));
  StoreReader reader(*found_step);
  ASSIGN_OR_RETURN(const auto results, reader.Read(tasks, application.now()));
  for (const serde::MapEntry& entry : expected.map()) {
    const std::string key(entry.key.string_value());
    if (found_step->lists() && entry.value.kind() != Value::Kind::kList) {
      fail("of " + key + " a list is expected: a result for each window that has not ended");
      continue;
    }
    const auto found = results.find(key);
    if (found == results.end() && !found_step->lists()) {
      fail("there is no row of " + key);
      continue;
    }
    const Result<Value> whole = reader.Whole(found == results.end() ? Results() : found->second);
    if (!whole.ok()) {
      fail(fmt::format("the result of {} cannot be computed: {}", key, whole.status().message()));
      continue;
    }
    std::vector<Difference> differences;
    AppendDifferences("", entry.value, *whole, Fields::kAll, differences);
    if (differences.empty()) continue;
    fail("the row of " + key + " differs").differences = std::move(differences);
  }
  return failures;
}

}  // namespace sidestream::harness
