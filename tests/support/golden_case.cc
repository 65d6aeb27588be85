// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "golden_case.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "base/arena.h"
#include "serde/ndjson.h"

namespace sidestream::testing {
namespace {

namespace fs = std::filesystem;

template <typename Item>
std::map<std::string, std::vector<Item>> ByKey(const std::vector<Item>& items, bool last_only,
                                               const ProducedRecord& (*record)(const Item&)) {
  std::map<std::string, std::vector<Item>> groups;
  for (const Item& item : items) {
    auto& group = groups[record(item).key.value_or("<null>")];
    if (last_only) group.clear();
    group.push_back(item);
  }
  return groups;
}

}  // namespace

std::vector<fs::path> GoldenCases() {
  std::vector<fs::path> cases;
  for (const auto& entry :
       fs::directory_iterator(fs::path(SIDESTREAM_SOURCE_DIR) / "tests/golden")) {
    if (fs::exists(entry.path() / "input.ndjson")) cases.push_back(entry.path());
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

bool LastPerKey(const std::string& yaml) {
  return yaml.find("match: last_per_key") != std::string::npos;
}

bool InputsEnd(const std::string& yaml) {
  return yaml.find("x-golden: { end: true") != std::string::npos;
}

std::string ReadAll(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<GoldenLine> ReadLines(const fs::path& path, const topology::StreamModel& stream) {
  std::vector<GoldenLine> lines;
  std::istringstream text(ReadAll(path));
  serde::JsonParser parser;
  const auto key_writer = serde::Writer::Create(stream.key);
  const auto value_writer = serde::Writer::Create(stream.value);
  EXPECT_TRUE(key_writer.ok() && value_writer.ok()) << path;
  for (std::string row; std::getline(text, row);) {
    Arena arena;
    const auto parsed = serde::ParseTextRecord(row, parser, arena);
    EXPECT_TRUE(parsed.ok()) << path << parsed.status();
    if (!parsed.ok()) return lines;
    GoldenLine line;
    std::string bytes;
    const auto key = serde::EncodeText(*key_writer, parsed->key, bytes);
    EXPECT_TRUE(key.ok()) << row << key.status();
    if (key.ok() && *key) line.record.key = bytes;
    bytes.clear();
    const auto value = serde::EncodeText(*value_writer, parsed->value, bytes);
    EXPECT_TRUE(value.ok()) << row << value.status();
    if (value.ok() && *value) line.record.value = bytes;
    line.has_timestamp = parsed->timestamp.has_value();
    line.record.timestamp = parsed->timestamp.value_or(Timestamp(0));
    line.has_headers = !parsed->headers.empty();
    for (const serde::TextHeader& header : parsed->headers) {
      std::optional<std::string> header_value;
      if (header.value) header_value = std::string(*header.value);
      line.record.headers.emplace_back(std::string(header.name), header_value);
    }
    line.partition = parsed->partition.value_or(-1);
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string StreamOf(const fs::path& path, const std::string& kind, const std::string& standard) {
  const std::string name = path.filename().string();
  if (name == kind + ".ndjson") return standard;
  const std::string prefix = kind + ".";
  const std::string suffix = ".ndjson";
  if (!name.starts_with(prefix) || !name.ends_with(suffix)) return "";
  return name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
}

void Compare(const std::vector<ProducedRecord>& actual, const std::vector<GoldenLine>& expected,
             bool last_only) {
  const auto have = ByKey<ProducedRecord>(
      actual, last_only, +[](const ProducedRecord& r) -> const ProducedRecord& { return r; });
  const auto want = ByKey<GoldenLine>(
      expected, last_only, +[](const GoldenLine& l) -> const ProducedRecord& { return l.record; });
  EXPECT_EQ(have.size(), want.size()) << "number of keys";
  for (const auto& [key, lines] : want) {
    SCOPED_TRACE("key " + key);
    const auto found = have.find(key);
    if (found == have.end()) {
      ADD_FAILURE() << "nothing came out";
      continue;
    }
    ASSERT_EQ(found->second.size(), lines.size());
    for (size_t i = 0; i < lines.size(); ++i) {
      EXPECT_EQ(found->second[i].value, lines[i].record.value) << i;
      if (lines[i].has_timestamp) {
        EXPECT_EQ(found->second[i].timestamp, lines[i].record.timestamp) << i;
      }
      if (lines[i].has_headers) {
        EXPECT_EQ(found->second[i].headers, lines[i].record.headers);
      }
    }
  }
}

}  // namespace sidestream::testing
