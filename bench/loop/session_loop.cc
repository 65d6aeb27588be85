// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Session counts: the open session of each key in a hash map, and the keys by the second in which
// their session may end. A session that was extended in the meantime is looked at again. What
// changed goes to the changelog at each commit. The input is in order within a partition, so a key
// has one open session.

#include <algorithm>
#include <cstring>
#include <map>
#include <string_view>

#include "bench/loop/changelog.h"
#include "bench/loop/event_time.h"
#include "bench/loop/loops.h"
#include "bench/loop/text_map.h"

namespace sidestream::bench {
namespace {

/// What the changelog has of a session.
struct Bounds {
  int64_t first = 0;
  int64_t last = 0;
  int64_t count = 0;
};

class SessionCounter {
 public:
  SessionCounter(SessionOptions options, const std::string& output, std::string changelog)
      : options_(options),
        changelog_name_(std::move(changelog)),
        session_(std::move(options)),
        output_(session_.Output(output)),
        changelog_(session_.Output(changelog_name_)),
        output_partitions_(session_.PartitionCountOf(output)) {}

  void Run() {
    session_.Run({.process = [this](auto records) { Process(records); },
                  .before_commit = [this] { WriteChanges(); },
                  .assigned = [this](size_t, int32_t partition) { Restore(partition); }});
  }

 private:
  struct Entry {
    std::string key;
    Bounds bounds;
    bool open = false;
    bool dirty = false;
    bool logged = false;
  };
  struct PartitionState {
    Watermark watermark;
    TextMap index;
    std::vector<Entry> entries;
    std::vector<size_t> dirty;
    std::map<int64_t, std::vector<size_t>> ends;
  };

  static size_t Find(PartitionState& state, std::string_view key) {
    const auto found = state.index.find(key);
    if (found != state.index.end()) return found->second;
    state.index.emplace(std::string(key), state.entries.size());
    state.entries.push_back({.key = std::string(key)});
    return state.entries.size() - 1;
  }

  static void Open(PartitionState& state, size_t place, int64_t time) {
    Entry& entry = state.entries[place];
    entry.open = true;
    entry.bounds = {time, time, 0};
    Watch(state, place);
  }

  static void Watch(PartitionState& state, size_t place) {
    state.ends[state.entries[place].bounds.last + kSessionGap].push_back(place);
  }

  static void Touch(PartitionState& state, size_t place) {
    if (state.entries[place].dirty) return;
    state.entries[place].dirty = true;
    state.dirty.push_back(place);
  }

  void Process(std::span<rd_kafka_message_t* const> records) {
    for (const rd_kafka_message_t* record : records) {
      PartitionState& state = partitions_[record->partition];
      const int64_t time = times_.TimeOf(*record);
      state.watermark.See(time);
      const size_t place = Find(state, {static_cast<const char*>(record->key), record->key_len});
      Entry& entry = state.entries[place];
      if (entry.open && time > entry.bounds.last + kSessionGap) Close(entry);
      if (!entry.open) Open(state, place, time);
      entry.bounds.last = std::max(entry.bounds.last, time);
      ++entry.bounds.count;
      Touch(state, place);
    }
    for (auto& [partition, state] : partitions_) Fire(state);
  }

  void Fire(PartitionState& state) {
    while (!state.ends.empty() && state.ends.begin()->first <= state.watermark.value()) {
      const std::vector<size_t> places = std::move(state.ends.begin()->second);
      state.ends.erase(state.ends.begin());
      for (const size_t place : places) {
        Entry& entry = state.entries[place];
        if (!entry.open) continue;
        if (entry.bounds.last + kSessionGap > state.watermark.value()) {
          Watch(state, place);
          continue;
        }
        Close(entry);
        Touch(state, place);
      }
    }
  }

  void Close(Entry& entry) {
    session_.Produce(
        output_.get(), PartitionOf(entry.key, output_partitions_), entry.key,
        CountJsonOf(entry.bounds.count, entry.bounds.first, entry.bounds.last + kSessionGap));
    entry.open = false;
  }

  void WriteChanges() {
    for (auto& [partition, state] : partitions_) {
      for (const size_t place : state.dirty) {
        Entry& entry = state.entries[place];
        entry.dirty = false;
        if (entry.open) {
          session_.Produce(changelog_.get(), partition, entry.key,
                           {reinterpret_cast<const char*>(&entry.bounds), sizeof(entry.bounds)});
        } else if (entry.logged) {
          session_.Delete(changelog_.get(), partition, entry.key);
        }
        entry.logged = entry.open;
      }
      state.dirty.clear();
    }
  }

  void Restore(int32_t partition) {
    PartitionState& state = partitions_[partition];
    ReadChangelog(options_, changelog_name_, partition, [&](const rd_kafka_message_t& record) {
      const size_t place = Find(state, {static_cast<const char*>(record.key), record.key_len});
      Entry& entry = state.entries[place];
      entry.open = entry.logged = record.payload != nullptr;
      if (entry.open) std::memcpy(&entry.bounds, record.payload, sizeof(entry.bounds));
    });
    for (size_t place = 0; place < state.entries.size(); ++place) {
      if (state.entries[place].open) Watch(state, place);
    }
  }

  const SessionOptions options_;
  const std::string changelog_name_;
  Session session_;
  const Topic output_;
  const Topic changelog_;
  const int output_partitions_;
  BidTimes times_;
  std::map<int32_t, PartitionState> partitions_;
};

}  // namespace

void RunSessionsLoop(SessionOptions options, const std::string& output,
                     const std::string& changelog) {
  SessionCounter(std::move(options), output, changelog).Run();
}

}  // namespace sidestream::bench
