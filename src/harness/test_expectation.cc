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
#include "operators/dead_letter/letter_headers.h"
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

/// How records of one stream are read.
struct Sides {
  static Result<Sides> Create(const serde::FormatSpec& key, const serde::FormatSpec& value) {
    ASSIGN_OR_RETURN(Side key_side, Side::Create(key));
    ASSIGN_OR_RETURN(Side value_side, Side::Create(value));
    return Sides{std::move(key_side), std::move(value_side)};
  }
  Side key;
  Side value;
};

/// Of dead letters, by the topic that a letter says; "" for all others.
using SidesByTopic = std::map<std::string, Sides>;

class Comparison {
 public:
  /// With one entry, "", all records are read alike.
  Comparison(const topology::TestExpectation& expected, const topology::SourceFiles& files,
             const std::vector<CollectedRecord>& records, SidesByTopic sides)
      : expected_(expected), files_(files), records_(records), sides_(std::move(sides)) {}

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
    Sides& sides = SidesOf(record);
    return (!wanted.key || Equals(sides.key, record.key, *wanted.key)) &&
           (!wanted.value || Equals(sides.value, record.value, *wanted.value)) &&
           (!wanted.has || sides.value.Has(record.value, *wanted.has)) &&
           (!wanted.timestamp || *wanted.timestamp == record.timestamp) &&
           HasHeaders(record.headers, wanted.headers);
  }

  Sides& SidesOf(const CollectedRecord& record) {
    if (sides_.size() > 1) {
      for (const auto& [name, value] : record.headers) {
        if (name != operators::kErrorTopic || !value) continue;
        if (const auto found = sides_.find(*value); found != sides_.end()) return found->second;
      }
    }
    return sides_.at("");
  }

  bool Equals(Side& side, const std::optional<std::string>& bytes, const Value& wanted) const {
    if (side.Equals(bytes, wanted)) return true;
    const bool text = sides_.size() > 1 && bytes && wanted.kind() == Value::Kind::kString;
    return text && wanted.string_value() == *bytes;
  }

  std::string Text(const CollectedRecord& record) {
    Sides& sides = SidesOf(record);
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
                            sides.key.reader(), sides.value.reader(), text);
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
  SidesByTopic sides_;
  std::vector<std::string> failures_;
};

}  // namespace

Result<std::vector<std::string>> CompareRecords(const topology::TestExpectation& expected,
                                                const topology::StreamModel& stream,
                                                const std::vector<CollectedRecord>& records,
                                                const topology::SourceFiles& files) {
  ASSIGN_OR_RETURN(Sides sides, Sides::Create(stream.key, stream.value));
  SidesByTopic by_topic;
  by_topic.emplace("", std::move(sides));
  return Comparison(expected, files, records, std::move(by_topic)).Run();
}

Result<std::vector<std::string>> CompareLetters(
    const topology::TestExpectation& expected,
    const std::map<std::string, const topology::StreamModel*>& streams,
    const std::vector<CollectedRecord>& records, const topology::SourceFiles& files) {
  serde::FormatSpec text;
  text.kind = serde::FormatKind::kString;
  ASSIGN_OR_RETURN(Sides others, Sides::Create(text, text));
  SidesByTopic by_topic;
  by_topic.emplace("", std::move(others));
  for (const auto& [topic, stream] : streams) {
    // What did not fit its declared types is here because of that.
    serde::FormatSpec key = stream->key;
    serde::FormatSpec value = stream->value;
    key.fields.clear();
    value.fields.clear();
    ASSIGN_OR_RETURN(Sides sides, Sides::Create(key, value));
    by_topic.emplace(topic, std::move(sides));
  }
  return Comparison(expected, files, records, std::move(by_topic)).Run();
}

}  // namespace sidestream::harness
