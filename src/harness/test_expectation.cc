// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "harness/test_expectation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "base/arena.h"
#include "serde/ndjson.h"
#include "serde/reader.h"

namespace sidestream::harness {
namespace {

using serde::Value;
using topology::MatchMode;
using topology::TestExpectedRecord;
using Headers = std::vector<std::pair<std::string, std::optional<std::string>>>;

/// One side (key or value) of a stream's records.
class Side {
 public:
  static Result<Side> Create(const serde::FormatSpec& format) {
    ASSIGN_OR_RETURN(auto reader, serde::Reader::Create(format, {{.fields = {}, .slot = 0}}));
    return Side(format.kind, std::move(reader));
  }

  /// Whether `bytes` hold exactly `expected`.
  bool Equals(const std::optional<std::string>& bytes, const Value& expected) {
    if (format_ != serde::FormatKind::kJson || !bytes) {
      std::string encoded;
      const auto present = serde::EncodeText(format_, expected, encoded);
      if (!present.ok()) return false;
      return *present == bytes.has_value() && (!*present || encoded == *bytes);
    }
    Arena arena;
    const std::optional<Value> actual = Read(*bytes, arena);
    return actual && Value::Equal(*actual, expected);
  }

  /// Whether `bytes` hold a map with at least the fields of `expected`.
  bool Has(const std::optional<std::string>& bytes, const Value& expected) {
    Arena arena;
    const std::optional<Value> actual = bytes ? Read(*bytes, arena) : std::nullopt;
    return actual && Contains(*actual, expected);
  }

  serde::Reader& reader() { return *reader_; }

 private:
  Side(serde::FormatKind format, std::unique_ptr<serde::Reader> reader)
      : format_(format), reader_(std::move(reader)) {}

  std::optional<Value> Read(std::string_view bytes, Arena& arena) {
    std::array<Value, 1> slots;
    if (!reader_->Read(bytes, slots, arena).ok()) return std::nullopt;
    return slots[0];
  }

  static bool Contains(const Value& actual, const Value& expected) {
    if (expected.kind() != Value::Kind::kMap) return Value::Equal(actual, expected);
    if (actual.kind() != Value::Kind::kMap) return false;
    return std::all_of(expected.map().begin(), expected.map().end(),
                       [&](const serde::MapEntry& entry) {
                         const Value field = actual.Field(entry.key.string_value());
                         return !field.missing() && Contains(field, entry.value);
                       });
  }

  serde::FormatKind format_;
  std::unique_ptr<serde::Reader> reader_;
};

bool HasHeaders(const Headers& actual, const std::map<std::string, std::string>& expected) {
  return std::all_of(expected.begin(), expected.end(), [&](const auto& header) {
    return std::any_of(actual.begin(), actual.end(), [&](const auto& candidate) {
      return candidate.first == header.first && candidate.second == header.second;
    });
  });
}

class Comparison {
 public:
  Comparison(const topology::TestExpectation& expected, const topology::SourceFiles& files,
             const std::vector<CollectedRecord>& records, Side key, Side value)
      : expected_(expected),
        files_(files),
        records_(records),
        key_(std::move(key)),
        value_(std::move(value)) {}

  std::vector<std::string> Run() {
    if (expected_.count && *expected_.count != static_cast<int64_t>(records_.size())) {
      Fail(fmt::format("{} records came out, expected {}", records_.size(), *expected_.count));
    }
    if (expected_.records) CompareEach(*expected_.records);
    if (!failures_.empty()) ShowWhatCame();
    return std::move(failures_);
  }

 private:
  void CompareEach(const std::vector<TestExpectedRecord>& wanted) {
    std::vector<size_t> candidates(records_.size());
    for (size_t i = 0; i < candidates.size(); ++i) candidates[i] = i;
    if (expected_.match == MatchMode::kLastPerKey) KeepLastPerKey(candidates);
    for (size_t i = 0; i < wanted.size(); ++i) {
      const auto found = Pick(wanted[i], candidates);
      if (found == candidates.end()) {
        Fail(fmt::format("{}: record {} did not come out{}", files_.Location(wanted[i].position),
                         i + 1, InOrder() ? " in its place" : ""));
      } else {
        candidates.erase(found);
      }
    }
    if (expected_.match == MatchMode::kContains) return;
    for (const size_t left : candidates) Fail("not expected: " + Text(records_[left]));
  }

  bool InOrder() const {
    return expected_.match == MatchMode::kExact || expected_.match == MatchMode::kOrdered;
  }

  /// The record among `candidates` that `wanted` stands for.
  std::vector<size_t>::iterator Pick(const TestExpectedRecord& wanted,
                                     std::vector<size_t>& candidates) {
    if (expected_.match == MatchMode::kOrdered) {
      const bool fits = !candidates.empty() && Matches(wanted, records_[candidates.front()]);
      return fits ? candidates.begin() : candidates.end();
    }
    return std::find_if(candidates.begin(), candidates.end(), [&](const size_t& candidate) {
      if (!Matches(wanted, records_[candidate])) return false;
      if (expected_.match != MatchMode::kExact) return true;
      // Order per key: nothing of this key may come before it.
      return std::none_of(std::as_const(candidates).data(), &candidate, [&](size_t earlier) {
        return records_[earlier].key == records_[candidate].key;
      });
    });
  }

  void KeepLastPerKey(std::vector<size_t>& candidates) const {
    std::map<std::optional<std::string>, size_t> last;
    for (const size_t candidate : candidates) last[records_[candidate].key] = candidate;
    std::erase_if(candidates,
                  [&](size_t candidate) { return last.at(records_[candidate].key) != candidate; });
  }

  bool Matches(const TestExpectedRecord& wanted, const CollectedRecord& record) {
    return (!wanted.key || key_.Equals(record.key, *wanted.key)) &&
           (!wanted.value || value_.Equals(record.value, *wanted.value)) &&
           (!wanted.has || value_.Has(record.value, *wanted.has)) &&
           (!wanted.timestamp || *wanted.timestamp == record.timestamp) &&
           HasHeaders(record.headers, wanted.headers);
  }

  std::string Text(const CollectedRecord& record) {
    std::vector<serde::TextHeader> headers;
    for (const auto& [name, value] : record.headers) {
      headers.push_back({name, value ? std::optional(std::string_view(*value)) : std::nullopt});
    }
    std::string text;
    serde::AppendTextRecord({.key = record.key,
                             .value = record.value,
                             .timestamp = record.timestamp,
                             .partition = std::nullopt,
                             .headers = headers},
                            key_.reader(), value_.reader(), text);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  }

  void ShowWhatCame() {
    constexpr size_t kShownMax = 20;
    Fail(records_.empty() ? "nothing came out" : "what came out:");
    for (size_t i = 0; i < std::min(records_.size(), kShownMax); ++i) {
      failures_.push_back("    " + Text(records_[i]));
    }
    if (records_.size() > kShownMax) {
      failures_.push_back(fmt::format("    and {} more", records_.size() - kShownMax));
    }
  }

  void Fail(const std::string& why) { failures_.push_back(expected_.stream.text + ": " + why); }

  const topology::TestExpectation& expected_;
  const topology::SourceFiles& files_;
  const std::vector<CollectedRecord>& records_;
  Side key_;
  Side value_;
  std::vector<std::string> failures_;
};

}  // namespace

Result<std::vector<std::string>> CompareRecords(const topology::TestExpectation& expected,
                                                const topology::StreamModel& stream,
                                                const std::vector<CollectedRecord>& records,
                                                const topology::SourceFiles& files) {
  ASSIGN_OR_RETURN(Side key, Side::Create(stream.key));
  ASSIGN_OR_RETURN(Side value, Side::Create(stream.value));
  return Comparison(expected, files, records, std::move(key), std::move(value)).Run();
}

}  // namespace sidestream::harness
