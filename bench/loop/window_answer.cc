// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "bench/loop/window_answer.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <unordered_map>
#include <vector>

#include "bench/loop/generator.h"
#include "bench/loop/handles.h"

namespace sidestream::bench {
namespace {

/// The number behind `"name":`.
int64_t NumberIn(std::string_view json, std::string_view name) {
  const std::string quoted = "\"" + std::string(name) + "\":";
  const size_t at = json.find(quoted);
  if (at == std::string_view::npos) return -1;
  return std::strtoll(std::string(json.substr(at + quoted.size(), 20)).c_str(), nullptr, 10);
}

class WindowAnswer final : public Answer {
 public:
  explicit WindowAnswer(uint64_t records) : records_(records) {}

  /// `required`: the watermark has closed it by the end of the input.
  void Expect(const std::string& key, int64_t start, int64_t end, int64_t count, bool required) {
    expected_[NameOf(key, start)] = {count, end, required, false};
    if (required) ++required_;
  }

  void Add(const rd_kafka_message_t& record) override {
    const std::string_view value(static_cast<const char*>(record.payload), record.len);
    const std::string key(static_cast<const char*>(record.key), record.key_len);
    const auto found = expected_.find(NameOf(key, NumberIn(value, "window_start")));
    if (found == expected_.end()) {
      problem_ = "a window that no input explains: " + key + " " + std::string(value);
      return;
    }
    Window& window = found->second;
    if (window.seen) problem_ = "a second result of " + found->first;
    if (NumberIn(value, "count") != window.count || NumberIn(value, "window_end") != window.end) {
      problem_ = "a wrong result of " + found->first + ": " + std::string(value);
    }
    window.seen = true;
    if (window.required) ++seen_;
  }
  uint64_t progress() const override { return required_ == 0 ? 0 : seen_ * records_ / required_; }
  bool complete() const override { return !problem_.empty() || seen_ >= required_; }
  std::string Problem() const override { return problem_; }

 private:
  struct Window {
    int64_t count = 0;
    int64_t end = 0;
    bool required = false;
    bool seen = false;
  };

  static std::string NameOf(const std::string& key, int64_t start) {
    return key + " " + std::to_string(start);
  }

  const uint64_t records_;
  std::unordered_map<std::string, Window> expected_;
  uint64_t required_ = 0;
  uint64_t seen_ = 0;
  std::string problem_;
};

/// Where the watermark of each partition stands when all is read.
std::vector<int64_t> LastWatermarks(uint64_t records, int partitions) {
  std::vector<int64_t> watermarks(static_cast<size_t>(partitions), 0);
  for (uint64_t i = 0; i < records; ++i) {
    const auto partition = static_cast<size_t>(PartitionOf(BidderOf(i), partitions));
    watermarks[partition] = std::max(watermarks[partition], DateTimeOf(i) - kLateness - 1);
  }
  return watermarks;
}

std::unique_ptr<Answer> FixedWindows(const WindowShape& shape, uint64_t records, int partitions) {
  auto answer = std::make_unique<WindowAnswer>(records);
  const std::vector<int64_t> watermarks = LastWatermarks(records, partitions);
  std::unordered_map<std::string, std::unordered_map<int64_t, int64_t>> counts;
  for (uint64_t i = 0; i < records; ++i) {
    const int64_t time = DateTimeOf(i);
    auto& windows = counts[BidderOf(i)];
    for (int64_t start = time / shape.every * shape.every; start > time - shape.size;
         start -= shape.every) {
      ++windows[start];
    }
  }
  for (const auto& [key, windows] : counts) {
    const int64_t watermark = watermarks[static_cast<size_t>(PartitionOf(key, partitions))];
    for (const auto& [start, count] : windows) {
      const int64_t end = start + shape.size;
      if (end - 1 <= watermark) answer->Expect(key, start, end, count, true);
    }
  }
  return answer;
}

std::unique_ptr<Answer> Sessions(uint64_t records, int partitions) {
  struct Session {
    int64_t first = 0;
    int64_t last = 0;
    int64_t count = 0;
  };
  auto answer = std::make_unique<WindowAnswer>(records);
  const std::vector<int64_t> watermarks = LastWatermarks(records, partitions);
  std::unordered_map<std::string, Session> open;
  const auto close = [&](const std::string& key, const Session& session) {
    const int64_t watermark = watermarks[static_cast<size_t>(PartitionOf(key, partitions))];
    const int64_t end = session.last + kSessionGap;
    answer->Expect(key, session.first, end, session.count, end <= watermark);
  };
  for (uint64_t i = 0; i < records; ++i) {
    const int64_t time = DateTimeOf(i);
    const std::string key = BidderOf(i);
    const auto [found, is_new] = open.try_emplace(key, Session{time, time, 0});
    Session& session = found->second;
    if (!is_new && time > session.last + kSessionGap) {
      close(key, session);
      session = {time, time, 0};
    }
    session.last = time;
    ++session.count;
  }
  for (const auto& [key, session] : open) close(key, session);
  return answer;
}

}  // namespace

std::unique_ptr<Answer> WindowAnswerOf(std::string_view kind, uint64_t records, int partitions) {
  if (kind == "tumbling") return FixedWindows(kTumbling, records, partitions);
  if (kind == "hopping") return FixedWindows(kHopping, records, partitions);
  if (kind == "sessions") return Sessions(records, partitions);
  return nullptr;
}

}  // namespace sidestream::bench
