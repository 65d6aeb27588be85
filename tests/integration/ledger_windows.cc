// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tests/integration/ledger_windows.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <map>
#include <utility>

#include "tests/integration/ledger_entry.h"

namespace sidestream::integration {
namespace {

constexpr size_t kFindingsMax = 40;
constexpr int64_t kWindowMs = 1'000;

/// Group and start.
using Window = std::pair<std::string, int64_t>;

struct Expected {
  std::map<Window, int64_t> records;
  /// No window that ends later has to be there.
  int64_t passed = std::numeric_limits<int64_t>::max();
};

Expected Recompute(ClusterView& view, const std::string& topic) {
  Expected expected;
  std::map<Partition, int64_t> newest;
  view.ReadAll(topic, [&](const TopicPartition& partition, const kafka::Record& record) {
    unsigned long long id = 0;
    const std::string value(record.value.value_or(""));
    if (std::sscanf(value.c_str(), "{\"id\":%llu,", &id) != 1) return;
    const int64_t time = record.timestamp.value();
    ++expected.records[{LedgerGroup(id), time - time % kWindowMs}];
    newest[partition.partition] = std::max(newest[partition.partition], time);
  });
  for (const auto& [partition, time] : newest) expected.passed = std::min(expected.passed, time);
  return expected;
}

std::string ToText(const Window& window) {
  return window.first + " from " + std::to_string(window.second);
}

}  // namespace

std::vector<std::string> CheckWindows(ClusterView& view, const std::string& application,
                                      bool exactly, uint64_t* windows) {
  std::vector<std::string> findings;
  const auto find = [&](std::string what) {
    if (findings.size() < kFindingsMax) findings.push_back(std::move(what));
  };
  const LedgerTopics topics(application);
  const Expected expected = Recompute(view, topics.ids);
  std::map<Window, std::pair<int, int64_t>> found;  // how often, and the most
  view.ReadAll(topics.counts, [&](const TopicPartition&, const kafka::Record& record) {
    const std::string value(record.value.value_or(""));
    long long start = 0;
    long long end = 0;
    long long count = 0;
    if (std::sscanf(value.c_str(), "{\"records\":%lld,\"window_start\":%lld,\"window_end\":%lld}",
                    &count, &start, &end) != 3) {
      return find("an unreadable result: " + value);
    }
    auto& [times, most] = found[{std::string(record.key.value_or("")), start}];
    ++times;
    most = std::max<int64_t>(most, count);
  });
  *windows = found.size();
  for (const auto& [window, records] : expected.records) {
    const auto result = found.find(window);
    // One window of slack: the very last mark need not have come.
    if (result == found.end()) {
      if (window.second + 2 * kWindowMs <= expected.passed)
        find(ToText(window) + " never came out");
      continue;
    }
    const auto [times, most] = result->second;
    if (exactly ? most != records : most < records) {
      find(ToText(window) + " came out with " + std::to_string(most) + " ids of " +
           std::to_string(records));
    }
    if (exactly && times > 1)
      find(ToText(window) + " came out " + std::to_string(times) + " times");
  }
  for (const auto& [window, result] : found) {
    if (!expected.records.contains(window)) find(ToText(window) + " holds ids that nobody fed");
  }
  return findings;
}

}  // namespace sidestream::integration
