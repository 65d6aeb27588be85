// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Reading `tests:`.

#include "topology/test_reader.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "base/clock.h"
#include "expression/text.h"
#include "topology/fields.h"
#include "topology/scalars.h"

namespace sidestream::topology {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

/// Takes exactly `count` digits.
std::optional<int64_t> Digits(std::string_view& text, size_t count) {
  if (text.size() < count) return std::nullopt;
  int64_t number = 0;
  for (size_t i = 0; i < count; ++i) {
    if (!IsDigit(text[i])) return std::nullopt;
    number = number * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return number;
}

bool Take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

/// HH:MM[:SS[.fff]]; leaves what follows in `text`.
std::optional<int64_t> TimeOfDay(std::string_view& text) {
  const auto hours = Digits(text, 2);
  if (!hours || *hours > 23 || !Take(text, ':')) return std::nullopt;
  const auto minutes = Digits(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  int64_t total = (*hours * 60 + *minutes) * 60'000;
  if (!Take(text, ':')) return total;
  const auto seconds = Digits(text, 2);
  if (!seconds || *seconds > 59) return std::nullopt;
  total += *seconds * 1000;
  if (!Take(text, '.')) return total;
  int64_t scale = 100;
  if (text.empty() || !IsDigit(text.front())) return std::nullopt;
  while (!text.empty() && IsDigit(text.front())) {
    total += (text.front() - '0') * scale;
    scale /= 10;
    text.remove_prefix(1);
  }
  return total;
}

std::optional<Timestamp> Rfc3339(std::string_view text) {
  const auto year = Digits(text, 4);
  if (!year || !Take(text, '-')) return std::nullopt;
  const auto month = Digits(text, 2);
  if (!month || !Take(text, '-')) return std::nullopt;
  const auto day = Digits(text, 2);
  if (!day || !(Take(text, 'T') || Take(text, 't') || Take(text, ' '))) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  const auto time = TimeOfDay(text);
  if (!time) return std::nullopt;
  int64_t zone = 0;
  if (text != "Z" && text != "z") {
    const int64_t sign = text.starts_with('-') ? -1 : 1;
    if (!Take(text, '+') && !Take(text, '-')) return std::nullopt;
    const auto offset = TimeOfDay(text);
    if (!offset || !text.empty()) return std::nullopt;
    zone = sign * *offset;
  }
  const int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return Timestamp(days * 86'400'000 + *time - zone);
}

class TestReader {
 public:
  TestReader(Model& model, bool names_lost, Findings& findings)
      : model_(model), names_lost_(names_lost), findings_(findings) {}

  TestModel Read(const YamlNode& node) {
    TestModel test;
    if (const YamlNode* name = node.Find("name")) test.name = {name->text, name->position};
    const YamlNode* partitions = node.Find("partitions");
    test.partitions = static_cast<int32_t>(
        ParseInteger(partitions == nullptr ? DefaultOf("tests[].partitions") : partitions->text)
            .value_or(3));
    if (const YamlNode* input = node.Find("input")) {
      for (const YamlEntry& entry : input->entries) ReadInput(entry, test);
    }
    if (const YamlNode* advance = node.Find("advance")) test.advance = ParseDuration(advance->text);
    const YamlNode* end = node.Find("end");
    test.end = end != nullptr && end->text == "true";
    if (const YamlNode* expect = node.Find("expect")) {
      for (const YamlEntry& entry : expect->entries) ReadExpectation(entry, test);
    }
    if (const YamlNode* stores = node.Find("expect_store")) {
      for (const YamlEntry& entry : stores->entries) ReadStore(entry, test);
    }
    return test;
  }

 private:
  std::optional<serde::Value> ValueOf(const YamlNode& node, std::string_view key) {
    const YamlNode* child = node.Find(key);
    if (child == nullptr) return std::nullopt;
    return ToValue(*child, *model_.constants);
  }

  static std::map<std::string, std::string> Headers(const YamlNode& node) {
    std::map<std::string, std::string> headers;
    if (const YamlNode* map = node.Find("headers")) {
      for (const YamlEntry& entry : map->entries) headers[entry.key] = entry.value.text;
    }
    return headers;
  }

  bool KnowsStream(const YamlEntry& entry) {
    if (model_.FindStream(entry.key) != nullptr) return true;
    if (names_lost_) return false;
    std::vector<std::string> names;
    for (const StreamModel& stream : model_.streams) names.push_back(stream.name.text);
    const std::string nearest = expression::NearestName(entry.key, names);
    findings_.Error("SS3002", entry.key_position, fmt::format("there is no stream {}", entry.key),
                    nearest.empty() ? "" : fmt::format("did you mean {}?", nearest));
    return false;
  }

  void ReadInput(const YamlEntry& entry, TestModel& test) {
    if (!KnowsStream(entry)) return;
    std::vector<TestInputRecord> records;
    for (const YamlNode& node : entry.value.items) records.push_back(ReadInputRecord(node, test));
    test.input.emplace_back(Named{entry.key, entry.key_position}, std::move(records));
  }

  TestInputRecord ReadInputRecord(const YamlNode& node, const TestModel& test) {
    TestInputRecord record;
    record.position = node.position;
    record.key = ValueOf(node, "key");
    record.value = ValueOf(node, "value");
    if (const YamlNode* raw = node.Find("raw")) {
      record.raw = raw->text;
      if (record.value) {
        findings_.Error("SS2005", raw->position, "raw and value exclude each other");
      }
    }
    if (const YamlNode* at = node.Find("at")) {
      record.at = ParseAt(at->text);
      if (!record.at) {
        findings_.Error("SS2003", at->position,
                        fmt::format("{} is no time of a record", Describe(*at)),
                        "write 90s, \"10:30\" or \"2026-01-01T10:30:00Z\"");
      }
    }
    record.headers = Headers(node);
    if (const YamlNode* partition = node.Find("partition")) {
      record.partition = static_cast<int32_t>(ParseInteger(partition->text).value_or(0));
      if (*record.partition >= test.partitions) {
        findings_.Error("SS2003", partition->position,
                        fmt::format("this test has partitions 0 to {}", test.partitions - 1));
      }
    }
    return record;
  }

  void ReadExpectation(const YamlEntry& entry, TestModel& test) {
    if (entry.key != kDeadLetterStream && !KnowsStream(entry)) return;
    TestExpectation expectation;
    expectation.stream = {entry.key, entry.key_position};
    const YamlNode* match = entry.value.Find("match");
    const std::string mode =
        match == nullptr ? std::string(DefaultOf("tests[].expect.<name>.match")) : match->text;
    expectation.match = mode == "ordered"        ? MatchMode::kOrdered
                        : mode == "unordered"    ? MatchMode::kUnordered
                        : mode == "contains"     ? MatchMode::kContains
                        : mode == "last_per_key" ? MatchMode::kLastPerKey
                                                 : MatchMode::kExact;
    if (const YamlNode* count = entry.value.Find("count")) {
      expectation.count = ParseInteger(count->text);
    }
    if (const YamlNode* records = entry.value.Find("records")) {
      expectation.records.emplace();
      for (const YamlNode& node : records->items) {
        expectation.records->push_back(ReadExpectedRecord(node));
      }
    }
    if (!expectation.records && !expectation.count && !entry.value.damaged) {
      findings_.Error("SS2004", entry.key_position,
                      fmt::format("nothing is expected of {}", entry.key),
                      "add records: or count:");
    }
    test.expect.push_back(std::move(expectation));
  }

  TestExpectedRecord ReadExpectedRecord(const YamlNode& node) {
    TestExpectedRecord record;
    record.position = node.position;
    record.key = ValueOf(node, "key");
    record.value = ValueOf(node, "value");
    record.has = ValueOf(node, "has");
    if (record.value && record.has) {
      findings_.Error("SS2005", node.Find("has")->position, "has and value exclude each other");
    }
    if (const YamlNode* timestamp = node.Find("timestamp")) {
      const auto millis = ParseInteger(timestamp->text);
      record.timestamp = millis ? std::optional(Timestamp(*millis)) : ParseAt(timestamp->text);
      if (!record.timestamp || record.timestamp->value() < 0) {
        findings_.Error("SS2003", timestamp->position,
                        fmt::format("{} is no timestamp", Describe(*timestamp)),
                        "write epoch milliseconds, or as in at:");
      }
    }
    record.headers = Headers(node);
    return record;
  }

  static bool HasReadStore(const std::vector<StepModel>& steps, std::string_view name) {
    for (const StepModel& step : steps) {
      const bool read =
          step.verb == "aggregate" || step.verb == "dedup" || step.verb == "process";
      if (read && step.name && step.name->text == name) return true;
      if (const auto* branch = std::get_if<BranchModel>(&step.operation)) {
        for (const BranchModel::Entry& entry : branch->entries) {
          if (HasReadStore(entry.steps, name)) return true;
        }
      }
    }
    return false;
  }

  void ReadStore(const YamlEntry& entry, TestModel& test) {
    bool known = false;
    for (const PipelineModel& pipeline : model_.pipelines) {
      known = known || HasReadStore(pipeline.steps, entry.key);
    }
    if (!known) {
      if (names_lost_) return;
      findings_.Error("SS3002", entry.key_position,
                      fmt::format("there is no aggregate, dedup or process {}", entry.key));
      return;
    }
    if (!entry.value.map()) {
      findings_.Error("SS2002", entry.key_position,
                      "a store is a map of keys to what it holds of them");
      return;
    }
    test.expect_store.emplace_back(Named{entry.key, entry.key_position},
                                   ToValue(entry.value, *model_.constants));
  }

  Model& model_;
  const bool names_lost_;
  Findings& findings_;
};

}  // namespace

std::optional<Timestamp> ParseAt(std::string_view text) {
  if (const auto duration = ParseDuration(text)) return ManualClock::kStart + duration->count();
  std::string_view rest = text;
  if (const auto time = TimeOfDay(rest); time && rest.empty()) return ManualClock::kStart + *time;
  return Rfc3339(text);
}

std::vector<TestModel> ReadTests(const YamlNode& list, Model& model, bool names_lost,
                                 Findings& findings) {
  std::vector<TestModel> tests;
  TestReader reader(model, names_lost, findings);
  for (const YamlNode& node : list.items) tests.push_back(reader.Read(node));
  return tests;
}

}  // namespace sidestream::topology
