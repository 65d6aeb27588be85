// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include <simdjson.h>

#include <cstring>
#include <string_view>

#include "bench/loop/changelog.h"
#include "bench/loop/loops.h"
#include "bench/loop/text_map.h"

namespace sidestream::bench {
namespace {

int64_t FromBigEndian(const void* bytes) {
  uint64_t value = 0;
  std::memcpy(&value, bytes, sizeof(value));
  return static_cast<int64_t>(__builtin_bswap64(value));
}

/// A view of text that keeps its place in `arena`, which must not grow.
std::string_view Keep(std::string_view text, std::string& arena) {
  const size_t at = arena.size();
  arena.append(text);
  return {arena.data() + at, text.size()};
}

class Counter {
 public:
  Counter(SessionOptions options, const std::string& output, std::string changelog)
      : options_(options),
        changelog_name_(std::move(changelog)),
        counted_input_(options_.inputs.size() - 1),
        session_(std::move(options)),
        // Without a repartition topic nothing is written to it.
        repartition_(session_.Output(options_.inputs[counted_input_])),
        output_(session_.Output(output)),
        changelog_(session_.Output(changelog_name_)),
        repartition_partitions_(session_.PartitionCountOf(options_.inputs[counted_input_])),
        output_partitions_(session_.PartitionCountOf(output)) {}

  void Run() {
    session_.Run({.process = [this](auto records) { Process(records); },
                  .before_commit = [this] { WriteChanges(); },
                  .assigned =
                      [this](size_t input, int32_t partition) {
                        if (input == counted_input_) Restore(partition);
                      }});
  }

 private:
  struct Entry {
    std::string key;
    int64_t count = 0;
    int32_t partition = 0;
    bool dirty = false;
  };

  void Process(std::span<rd_kafka_message_t* const> records) {
    outgoing_.clear();
    keys_.clear();
    size_t bytes = 0;
    for (const rd_kafka_message_t* record : records) bytes += record->len;
    keys_.reserve(bytes);
    for (const rd_kafka_message_t* record : records) {
      if (session_.InputOf(*record) == counted_input_) {
        Count({static_cast<const char*>(record->key), record->key_len}, record->partition);
      } else {
        Rekey(*record);
      }
    }
    if (!outgoing_.empty()) session_.ProduceBatch(repartition_.get(), outgoing_);
  }

  void Rekey(const rd_kafka_message_t& record) {
    // The parser reads behind the document; a fetch buffer has no room there.
    const size_t padded = record.len + simdjson::SIMDJSON_PADDING;
    if (document_.size() < padded) document_.resize(padded);
    std::memcpy(document_.data(), record.payload, record.len);
    auto parsed = parser_.iterate(document_.data(), record.len, document_.size());
    std::string_view key;
    if (parsed.find_field("bidder").get_string().get(key) != simdjson::SUCCESS) {
      Die("a bid without a bidder");
    }
    key = Keep(key, keys_);
    rd_kafka_message_t& out = outgoing_.emplace_back();
    out.partition = PartitionOf(key, repartition_partitions_);
    out.payload = record.payload;
    out.len = record.len;
    out.key = const_cast<char*>(key.data());
    out.key_len = key.size();
  }

  Entry& EntryOf(std::string_view key, int32_t partition) {
    const auto found = index_.find(key);
    if (found != index_.end()) return entries_[found->second];
    index_.emplace(std::string(key), entries_.size());
    return entries_.emplace_back(Entry{.key = std::string(key), .partition = partition});
  }

  void Count(std::string_view key, int32_t partition) {
    Entry& entry = EntryOf(key, partition);
    ++entry.count;
    if (entry.dirty) return;
    entry.dirty = true;
    dirty_.push_back(static_cast<size_t>(&entry - entries_.data()));
  }

  void WriteChanges() {
    for (const size_t i : dirty_) {
      Entry& entry = entries_[i];
      entry.dirty = false;
      const uint64_t big_endian = __builtin_bswap64(static_cast<uint64_t>(entry.count));
      const std::string_view value(reinterpret_cast<const char*>(&big_endian), sizeof(big_endian));
      session_.Produce(output_.get(), PartitionOf(entry.key, output_partitions_), entry.key, value);
      session_.Produce(changelog_.get(), entry.partition, entry.key, value);
    }
    dirty_.clear();
  }

  void Restore(int32_t partition) {
    ReadChangelog(options_, changelog_name_, partition, [&](const rd_kafka_message_t& record) {
      EntryOf({static_cast<const char*>(record.key), record.key_len}, partition).count =
          FromBigEndian(record.payload);
    });
  }

  const SessionOptions options_;
  const std::string changelog_name_;
  /// The last one: the repartition topic, or the only input.
  const size_t counted_input_;
  Session session_;
  const Topic repartition_;
  const Topic output_;
  const Topic changelog_;
  const int repartition_partitions_;
  const int output_partitions_;
  simdjson::ondemand::parser parser_;
  std::string document_;
  std::string keys_;
  std::vector<rd_kafka_message_t> outgoing_;
  TextMap index_;
  std::vector<Entry> entries_;
  std::vector<size_t> dirty_;
};

}  // namespace

void RunCountLoop(SessionOptions options, const std::string& output, const std::string& changelog) {
  Counter(std::move(options), output, changelog).Run();
}

}  // namespace sidestream::bench
