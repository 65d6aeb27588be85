// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "harness/test_expectation.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/arena.h"
#include "harness/record_pairing.h"
#include "harness/test_difference.h"
#include "serde/json_text.h"

namespace sidestream::harness {
namespace {

using serde::Value;
using topology::MatchMode;
using topology::TestExpectedRecord;

constexpr size_t kShownMax = 20;

std::string Quoted(std::string_view text) {
  std::string json;
  serde::AppendJsonString(serde::IsUtf8(text) ? text : "<bytes>", json);
  return json;
}

class Comparison {
 public:
  Comparison(const topology::TestExpectation& expected, const CodecOf& codec_of,
             const std::vector<CollectedRecord>& records, const topology::SourceFiles& files)
      : expected_(expected), codec_of_(codec_of), records_(records), files_(files) {
    for (const CollectedRecord& record : records_) {
      keys_.push_back(codec_of_(record).key.Decode(record.key, arena_));
      values_.push_back(codec_of_(record).value.Decode(record.value, arena_));
    }
  }

  std::vector<TestFailure> Run() {
    if (expected_.count && *expected_.count != static_cast<int64_t>(records_.size())) {
      Fail(files_.Location(expected_.stream.position),
           fmt::format("{} records came out, expected {}", records_.size(), *expected_.count));
      shows_all_ = true;
    }
    if (expected_.records) CompareEach(*expected_.records);
    if (shows_all_ && !failures_.empty()) ShowWhatCame();
    return std::move(failures_);
  }

 private:
  void CompareEach(const std::vector<TestExpectedRecord>& wanted) {
    const PairingTask task{
        .expected = wanted.size(),
        .actual = records_.size(),
        .matches = [&](size_t e, size_t a) { return DifferencesOf(wanted[e], a).empty(); },
        .same_key = [&](size_t e, size_t a) { return wanted[e].key && KeyFits(*wanted[e].key, a); },
        .has_key = [&](size_t e) { return wanted[e].key.has_value(); },
        .equal_keys = [&](size_t a, size_t b) { return records_[a].key == records_[b].key; }};
    for (const Pairing& pairing : PairRecords(task, expected_.match)) {
      if (pairing.fits) continue;
      if (!pairing.expected) {
        // `contains` says nothing about the others.
        if (expected_.match != MatchMode::kContains) {
          Fail(files_.Location(expected_.stream.position),
               "not expected: " + Line(*pairing.actual));
        }
        continue;
      }
      FailRecord(wanted[*pairing.expected], *pairing.expected, pairing.actual);
    }
  }

  void FailRecord(const TestExpectedRecord& wanted, size_t number, std::optional<size_t> actual) {
    const std::string location = files_.Location(wanted.position);
    if (!actual) {
      Fail(location, fmt::format("record {} did not come out: {}", number + 1, Line(wanted)));
      shows_all_ = shows_all_ || expected_.match == MatchMode::kContains || records_.empty();
      return;
    }
    std::vector<Difference> differences = DifferencesOf(wanted, *actual);
    const std::string which =
        wanted.key ? fmt::format("record {}, key {}", number + 1, JsonOf(*wanted.key))
                   : fmt::format("record {}", number + 1);
    if (differences.empty()) {
      Fail(location, fmt::format("{} came out, but not in this place: {}", which, Line(*actual)));
      return;
    }
    Fail(location, which + " differs");
    failures_.back().differences = std::move(differences);
  }

  bool KeyFits(const Value& wanted, size_t actual) const {
    return codec_of_(records_[actual]).key.Holds(records_[actual].key, keys_[actual], wanted);
  }

  std::vector<Difference> DifferencesOf(const TestExpectedRecord& wanted, size_t actual) const {
    const CollectedRecord& record = records_[actual];
    std::vector<Difference> differences;
    if (wanted.key && !KeyFits(*wanted.key, actual)) {
      AppendDifferences("key", *wanted.key, keys_[actual], Fields::kAll, differences);
    }
    if (wanted.value &&
        !codec_of_(record).value.Holds(record.value, values_[actual], *wanted.value)) {
      AppendDifferences("value", *wanted.value, values_[actual], Fields::kAll, differences);
    }
    if (wanted.has) {
      AppendDifferences("value", *wanted.has, values_[actual], Fields::kNamed, differences);
    }
    if (wanted.timestamp && *wanted.timestamp != record.timestamp) {
      differences.push_back({"timestamp", std::to_string(wanted.timestamp->value()),
                             std::to_string(record.timestamp.value())});
    }
    for (const auto& [name, value] : wanted.headers) {
      AppendHeaderDifference(name, value, record, differences);
    }
    return differences;
  }

  /// Any header of the name may have the value.
  static void AppendHeaderDifference(const std::string& name, const std::string& wanted,
                                     const CollectedRecord& record,
                                     std::vector<Difference>& differences) {
    std::optional<std::string> actual;
    for (const auto& [candidate, value] : record.headers) {
      if (candidate != name) continue;
      if (value == wanted) return;
      actual = value ? Quoted(*value) : "null";
    }
    differences.push_back({"headers." + name, Quoted(wanted), std::move(actual)});
  }

  std::string Line(size_t actual) const {
    const CollectedRecord& record = records_[actual];
    std::string line = fmt::format(R"({{"key":{},"value":{},"timestamp":{})", JsonOf(keys_[actual]),
                                   JsonOf(values_[actual]), record.timestamp.value());
    if (!record.headers.empty()) {
      std::string headers;
      for (const auto& [name, value] : record.headers) {
        headers += fmt::format("{}{}:{}", headers.empty() ? "" : ",", Quoted(name),
                               value ? Quoted(*value) : "null");
      }
      line += fmt::format(R"(,"headers":{{{}}})", headers);
    }
    return line + "}";
  }

  static std::string Line(const TestExpectedRecord& wanted) {
    std::string line;
    const auto add = [&](std::string_view name, const std::string& json) {
      line += fmt::format(R"({}"{}":{})", line.empty() ? "{" : ",", name, json);
    };
    if (wanted.key) add("key", JsonOf(*wanted.key));
    if (wanted.value) add("value", JsonOf(*wanted.value));
    if (wanted.has) add("has", JsonOf(*wanted.has));
    if (wanted.timestamp) add("timestamp", std::to_string(wanted.timestamp->value()));
    for (const auto& [name, value] : wanted.headers) add("headers." + name, Quoted(value));
    return line.empty() ? "{}" : line + "}";
  }

  void ShowWhatCame() {
    std::vector<std::string>& shown = failures_.back().records;
    for (size_t i = 0; i < std::min(records_.size(), kShownMax); ++i) shown.push_back(Line(i));
    if (records_.size() > kShownMax) {
      shown.push_back(fmt::format("and {} more", records_.size() - kShownMax));
    }
    if (records_.empty()) shown.emplace_back("nothing");
  }

  void Fail(std::string location, std::string message) {
    failures_.push_back({expected_.stream.text, std::move(location), std::move(message), {}, {}});
  }

  const topology::TestExpectation& expected_;
  const CodecOf& codec_of_;
  const std::vector<CollectedRecord>& records_;
  const topology::SourceFiles& files_;
  Arena arena_;
  std::vector<Value> keys_;    // of records_
  std::vector<Value> values_;  // of records_
  std::vector<TestFailure> failures_;
  bool shows_all_ = false;
};

}  // namespace

std::vector<TestFailure> CompareRecords(const topology::TestExpectation& expected,
                                        const CodecOf& codec_of,
                                        const std::vector<CollectedRecord>& records,
                                        const topology::SourceFiles& files) {
  return Comparison(expected, codec_of, records, files).Run();
}

}  // namespace sidestream::harness
