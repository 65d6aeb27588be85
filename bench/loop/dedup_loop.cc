// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The first record of each key: a hash set, and the keys in order of their time, so that what is
// older than the ttl goes. Every new key is a row of the changelog.

#include <tsl/robin_set.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <map>
#include <string_view>

#include "bench/loop/changelog.h"
#include "bench/loop/event_time.h"
#include "bench/loop/loops.h"
#include "bench/loop/text_map.h"

namespace sidestream::bench {
namespace {

class Deduplicator {
 public:
  Deduplicator(SessionOptions options, const std::string& output, std::string changelog)
      : options_(options),
        changelog_name_(std::move(changelog)),
        session_(std::move(options)),
        output_(session_.Output(output)),
        changelog_(session_.Output(changelog_name_)) {}

  void Run() {
    session_.Run({.process = [this](auto records) { Process(records); },
                  .assigned = [this](size_t, int32_t partition) { Restore(partition); }});
  }

 private:
  struct Seen {
    std::string key;
    int64_t time = 0;
  };
  struct PartitionState {
    Watermark watermark;
    tsl::robin_set<std::string, TextHash, std::equal_to<>> keys;
    std::deque<Seen> by_time;
  };

  void Process(std::span<rd_kafka_message_t* const> records) {
    for (const rd_kafka_message_t* record : records) {
      PartitionState& state = partitions_[record->partition];
      const int64_t time = times_.TimeOf(*record);
      state.watermark.See(time);
      const std::string_view key(static_cast<const char*>(record->key), record->key_len);
      if (state.keys.find(key) != state.keys.end()) continue;
      state.keys.emplace(key);
      state.by_time.push_back({std::string(key), time});
      session_.Forward(output_.get(), *record);
      session_.Produce(changelog_.get(), record->partition, key,
                       {reinterpret_cast<const char*>(&time), sizeof(time)});
    }
    for (auto& [partition, state] : partitions_) Expire(partition, state);
  }

  void Expire(int32_t partition, PartitionState& state) {
    while (!state.by_time.empty() &&
           state.by_time.front().time + kDedupTtl <= state.watermark.value()) {
      session_.Delete(changelog_.get(), partition, state.by_time.front().key);
      state.keys.erase(state.by_time.front().key);
      state.by_time.pop_front();
    }
  }

  void Restore(int32_t partition) {
    PartitionState& state = partitions_[partition];
    std::map<std::string, int64_t> rows;
    ReadChangelog(options_, changelog_name_, partition, [&](const rd_kafka_message_t& record) {
      const std::string key(static_cast<const char*>(record.key), record.key_len);
      if (record.payload == nullptr) {
        rows.erase(key);
      } else {
        std::memcpy(&rows[key], record.payload, sizeof(int64_t));
      }
    });
    for (const auto& [key, time] : rows) {
      state.keys.emplace(key);
      state.by_time.push_back({key, time});
    }
    std::sort(state.by_time.begin(), state.by_time.end(),
              [](const Seen& a, const Seen& b) { return a.time < b.time; });
  }

  const SessionOptions options_;
  const std::string changelog_name_;
  Session session_;
  const Topic output_;
  const Topic changelog_;
  BidTimes times_;
  std::map<int32_t, PartitionState> partitions_;
};

}  // namespace

void RunDedupLoop(SessionOptions options, const std::string& output, const std::string& changelog) {
  Deduplicator(std::move(options), output, changelog).Run();
}

}  // namespace sidestream::bench
