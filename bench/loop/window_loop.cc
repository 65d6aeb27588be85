// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Tumbling and hopping counts: a hash map for each slice of a partition, slices summed when a
// window ends. What changed goes to the changelog at each commit, under the slice's start and the
// key; a slice that no window needs any more is deleted there.

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

int64_t FloorTo(int64_t time, int64_t unit) { return time / unit * unit; }

/// Start of the slice, 8 bytes big-endian, then the key.
std::string RowKeyOf(int64_t start, std::string_view key) {
  const uint64_t big_endian = __builtin_bswap64(static_cast<uint64_t>(start));
  std::string row(reinterpret_cast<const char*>(&big_endian), sizeof(big_endian));
  return row.append(key);
}

int64_t NumberAt(const void* bytes) {
  uint64_t value = 0;
  std::memcpy(&value, bytes, sizeof(value));
  return static_cast<int64_t>(__builtin_bswap64(value));
}

class WindowCounter {
 public:
  WindowCounter(WindowShape shape, SessionOptions options, const std::string& output,
                std::string changelog)
      : shape_(shape),
        options_(options),
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
    int64_t count = 0;
    bool dirty = false;
    bool logged = false;
  };
  struct Slice {
    TextMap index;
    std::vector<Entry> entries;
    std::vector<size_t> dirty;

    size_t Find(std::string_view key) {
      const auto found = index.find(key);
      if (found != index.end()) return found->second;
      index.emplace(std::string(key), entries.size());
      entries.push_back({.key = std::string(key)});
      return entries.size() - 1;
    }
  };
  struct PartitionState {
    Watermark watermark;
    std::map<int64_t, Slice> slices;  // by start
    /// Windows up to this end are out.
    int64_t fired = 0;
  };

  void Process(std::span<rd_kafka_message_t* const> records) {
    for (const rd_kafka_message_t* record : records) {
      PartitionState& state = partitions_[record->partition];
      const int64_t time = times_.TimeOf(*record);
      state.watermark.See(time);
      Slice& slice = state.slices[FloorTo(time, shape_.every)];
      const size_t place = slice.Find({static_cast<const char*>(record->key), record->key_len});
      Entry& entry = slice.entries[place];
      ++entry.count;
      if (entry.dirty) continue;
      entry.dirty = true;
      slice.dirty.push_back(place);
    }
    for (auto& [partition, state] : partitions_) Fire(partition, state);
  }

  void Fire(int32_t partition, PartitionState& state) {
    while (!state.slices.empty()) {
      const int64_t end = std::max(state.fired, state.slices.begin()->first) + shape_.every;
      if (end - 1 > state.watermark.value()) return;
      EmitWindow(state, end);
      state.fired = end;
      while (!state.slices.empty() && state.slices.begin()->first + shape_.size <= end) {
        Drop(partition, state.slices.begin()->first, state.slices.begin()->second);
        state.slices.erase(state.slices.begin());
      }
    }
  }

  void EmitWindow(PartitionState& state, int64_t end) {
    if (shape_.size == shape_.every) {
      for (const Entry& entry : state.slices.begin()->second.entries) {
        Emit(entry.key, entry.count, end);
      }
      return;
    }
    Slice sum;
    for (auto& [start, slice] : state.slices) {
      if (start >= end) break;
      for (const Entry& entry : slice.entries)
        sum.entries[sum.Find(entry.key)].count += entry.count;
    }
    for (const Entry& entry : sum.entries) Emit(entry.key, entry.count, end);
  }

  void Emit(const std::string& key, int64_t count, int64_t end) {
    session_.Produce(output_.get(), PartitionOf(key, output_partitions_), key,
                     CountJsonOf(count, end - shape_.size, end));
  }

  void Drop(int32_t partition, int64_t start, const Slice& slice) {
    for (const Entry& entry : slice.entries) {
      if (entry.logged) session_.Delete(changelog_.get(), partition, RowKeyOf(start, entry.key));
    }
  }

  void WriteChanges() {
    for (auto& [partition, state] : partitions_) {
      for (auto& [start, slice] : state.slices) {
        for (const size_t place : slice.dirty) {
          Entry& entry = slice.entries[place];
          entry.dirty = false;
          entry.logged = true;
          const uint64_t big_endian = __builtin_bswap64(static_cast<uint64_t>(entry.count));
          session_.Produce(changelog_.get(), partition, RowKeyOf(start, entry.key),
                           {reinterpret_cast<const char*>(&big_endian), sizeof(big_endian)});
        }
        slice.dirty.clear();
      }
    }
  }

  void Restore(int32_t partition) {
    PartitionState& state = partitions_[partition];
    ReadChangelog(options_, changelog_name_, partition, [&](const rd_kafka_message_t& record) {
      const std::string_view row(static_cast<const char*>(record.key), record.key_len);
      const int64_t start = NumberAt(row.data());
      if (record.payload == nullptr) {
        state.slices.erase(start);
        return;
      }
      Slice& slice = state.slices[start];
      Entry& entry = slice.entries[slice.Find(row.substr(sizeof(int64_t)))];
      entry.count = NumberAt(record.payload);
      entry.logged = true;
    });
    // Its windows are out up to the oldest slice that is still needed.
    if (!state.slices.empty()) {
      state.fired = state.slices.begin()->first + shape_.size - shape_.every;
    }
  }

  const WindowShape shape_;
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

void RunTumblingLoop(SessionOptions options, const std::string& output,
                     const std::string& changelog) {
  WindowCounter(kTumbling, std::move(options), output, changelog).Run();
}

void RunHoppingLoop(SessionOptions options, const std::string& output,
                    const std::string& changelog) {
  WindowCounter(kHopping, std::move(options), output, changelog).Run();
}

}  // namespace sidestream::bench
