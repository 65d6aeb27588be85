// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Changelogs of a broker as far as a restore sees them: records and transaction markers at
// offsets, transactions that are committed, aborted or open, compaction, and an admin and a
// read_committed reader over them. Every answer of the admin comes at the second poll.
//
// Threading: confined to one thread.

#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/internal_record.h"
#include "kafka/admin.h"
#include "kafka/consumer.h"

namespace sidestream::changelog {

using Row = std::pair<std::string, std::optional<std::string>>;

/// One partition.
class FakeLog {
 public:
  enum class Fate { kCommitted, kAborted, kOpen, kMarker };
  struct Entry {
    Offset offset;
    Fate fate;
    std::string key;
    std::optional<std::string> value;
  };

  Offset end() const { return end_; }
  /// First offset of an open transaction, or the end.
  Offset last_stable() const {
    for (const Entry& entry : entries_) {
      if (entry.fate == Fate::kOpen) return entry.offset;
    }
    return end_;
  }

  /// A transaction with these rows, and its marker unless it stays open.
  void Transaction(int64_t sequence, const std::vector<Row>& rows, Fate fate = Fate::kCommitted) {
    for (const auto& [key, row] : rows) {
      std::optional<std::string> value;
      if (row) {
        value.emplace();
        EncodeChangelogValue({.sequence = CommitSequence(sequence), .row = *row}, *value);
      }
      Append(fate, key, std::move(value));
    }
    if (fate != Fate::kOpen) Append(Fate::kMarker, "", std::nullopt);
  }
  /// Ends what is open; the marker stands at the end.
  void EndOpen(Fate fate) {
    for (Entry& entry : entries_) {
      if (entry.fate == Fate::kOpen) entry.fate = fate;
    }
    Append(Fate::kMarker, "", std::nullopt);
  }
  void Append(Fate fate, std::string key, std::optional<std::string> value) {
    entries_.push_back({end_, fate, std::move(key), std::move(value)});
    end_ = end_ + 1;
  }
  /// Keeps the last record of each key below the last stable offset; deletes go as well when
  /// they are older than their retention.
  void Compact(bool deletes_too) {
    std::map<std::string, Offset> last;
    for (const Entry& entry : entries_) {
      if (entry.fate == Fate::kCommitted) last[entry.key] = entry.offset;
    }
    std::erase_if(entries_, [&](const Entry& entry) {
      if (entry.fate == Fate::kAborted || entry.fate == Fate::kMarker) return true;
      if (entry.fate != Fate::kCommitted) return false;
      return last[entry.key] != entry.offset || (deletes_too && !entry.value);
    });
  }
  void DeleteBelow(Offset offset) {
    start = offset;
    std::erase_if(entries_, [&](const Entry& entry) { return entry.offset < offset; });
  }

  const std::vector<Entry>& entries() const { return entries_; }

  TopicId id;
  bool exists = true;
  Offset start;
  std::map<std::string, std::string> settings{{"cleanup.policy", "compact"},
                                              {"delete.retention.ms", "604800000"}};

 private:
  std::vector<Entry> entries_;
  Offset end_;
};

using FakeLogs = std::map<TopicPartition, FakeLog>;

template <typename T>
class SecondPoll final : public kafka::Pending<T> {
 public:
  explicit SecondPoll(Result<T> answer) : answer_(std::move(answer)) {}
  std::optional<Result<T>> Poll() override {
    if (polls_++ == 0) return std::nullopt;
    CHECK(polls_ == 2) << "the answer is given once";
    return std::move(answer_);
  }

 private:
  Result<T> answer_;
  int polls_ = 0;
};

class FakeAdmin final : public kafka::Admin {
 public:
  explicit FakeAdmin(FakeLogs& logs) : logs_(logs) {}

  Reply<std::vector<kafka::TopicDescription>> DescribeTopics(
      std::vector<std::string> names) override {
    std::vector<kafka::TopicDescription> topics;
    for (const std::string& name : names) {
      kafka::TopicDescription& topic = topics.emplace_back();
      topic.name = name;
      for (const auto& [partition, log] : logs_) {
        if (partition.topic != name || !log.exists) continue;
        topic.exists = true;
        topic.id = log.id;
        topic.partitions = std::max(topic.partitions, partition.partition + 1);
      }
    }
    return Answer(std::move(topics));
  }
  Reply<std::map<std::string, std::string>> DescribeTopicSettings(std::string topic) override {
    ++settings_asked;
    for (const auto& [partition, log] : logs_) {
      if (partition.topic == topic) return Answer(log.settings);
    }
    return Answer(std::map<std::string, std::string>());
  }
  Reply<std::vector<kafka::PartitionOffset>> ListOffsets(std::vector<TopicPartition> partitions,
                                                         kafka::OffsetSpec spec,
                                                         kafka::IsolationLevel isolation) override {
    std::vector<kafka::PartitionOffset> offsets;
    for (const TopicPartition& partition : partitions) {
      const FakeLog& log = logs_.at(partition);
      const Offset latest =
          isolation == kafka::IsolationLevel::kReadCommitted ? log.last_stable() : log.end();
      offsets.push_back({partition, spec == kafka::OffsetSpec::kEarliest ? log.start : latest});
    }
    return Answer(std::move(offsets));
  }

  // A restore asks for nothing else.
  Reply<kafka::Done> CreateTopics(std::vector<kafka::NewTopic>) override { return nullptr; }
  Reply<std::vector<kafka::TopicDescription>> ListTopics(std::string) override { return nullptr; }
  Reply<std::map<std::string, std::string>> DescribeBrokerSettings() override { return nullptr; }
  Reply<kafka::Done> DeleteTopics(std::vector<std::string>) override { return nullptr; }
  Reply<kafka::Done> DeleteRecords(std::vector<kafka::PartitionOffset>) override { return nullptr; }
  Reply<std::vector<kafka::CommittedOffset>> CommittedOffsets(std::string,
                                                              std::vector<TopicPartition>,
                                                              bool) override {
    return nullptr;
  }
  Reply<std::vector<kafka::CommittedOffset>> AllCommittedOffsets(std::string) override {
    return nullptr;
  }
  Reply<kafka::GroupDescription> DescribeGroup(std::string) override { return nullptr; }
  Reply<kafka::Done> CommitOffsets(std::string, std::vector<kafka::CommittedOffset>) override {
    return nullptr;
  }
  Reply<kafka::Done> DeleteGroup(std::string) override { return nullptr; }

  /// So many next answers are kUnavailable.
  int unavailable = 0;
  int settings_asked = 0;

 private:
  template <typename T>
  Reply<T> Answer(T answer) {
    if (unavailable > 0) {
      --unavailable;
      return std::make_unique<SecondPoll<T>>(Status::Unavailable("broker away"));
    }
    return std::make_unique<SecondPoll<T>>(std::move(answer));
  }
  FakeLogs& logs_;
};

class FakeChunk final : public kafka::RecordChunk {
 public:
  FakeChunk(TopicPartition partition, std::vector<FakeLog::Entry> entries,
            std::optional<Offset> end)
      : entries_(std::move(entries)) {
    partition_ = std::move(partition);
    end_position_ = end;
    for (const FakeLog::Entry& entry : entries_) {
      records_.push_back({.offset = entry.offset,
                          .timestamp = Timestamp(0),
                          .key = entry.key,
                          .value = entry.value});
    }
  }
  std::span<const kafka::Header> Headers(size_t) const override { return {}; }

 private:
  const std::vector<FakeLog::Entry> entries_;
};

class FakeReader final : public kafka::LogReader {
 public:
  explicit FakeReader(FakeLogs& logs) : logs_(logs) {}

  Status Assign(const kafka::PartitionOffset& position) override {
    positions_[position.partition] = {.next = position.offset};
    return {};
  }
  Status Unassign(const TopicPartition& partition) override {
    CHECK(positions_.erase(partition) == 1) << "not assigned: " << partition;
    return {};
  }
  Result<std::vector<std::unique_ptr<kafka::RecordChunk>>> Poll(size_t records_max,
                                                                Milliseconds) override {
    std::vector<std::unique_ptr<kafka::RecordChunk>> chunks;
    for (auto& [partition, at] : positions_) {
      const FakeLog& log = logs_.at(partition);
      if (at.next < log.start || at.next > log.end()) {
        return Status::Stopped("offset out of range: " + ToString(partition));
      }
      std::vector<FakeLog::Entry> taken;
      for (const FakeLog::Entry& entry : log.entries()) {
        if (entry.offset < at.next || entry.offset >= log.last_stable()) continue;
        if (entry.fate != FakeLog::Fate::kCommitted) continue;
        if (taken.size() == records_max) break;
        taken.push_back(entry);
      }
      delivered += static_cast<int64_t>(taken.size());
      std::optional<Offset> eof;
      if (taken.size() < records_max) {
        at.next = log.last_stable();
        if (at.eof_at != at.next) eof = at.eof_at = at.next;
      } else {
        at.next = taken.back().offset + 1;
      }
      if (!taken.empty() || eof) {
        chunks.push_back(std::make_unique<FakeChunk>(partition, std::move(taken), eof));
      }
    }
    return chunks;
  }
  std::optional<Offset> Position(const TopicPartition& partition) const override {
    return positions_.at(partition).next;
  }

  bool idle() const { return positions_.empty(); }
  int64_t delivered = 0;

 private:
  struct At {
    Offset next;
    std::optional<Offset> eof_at;
  };
  FakeLogs& logs_;
  std::map<TopicPartition, At> positions_;
};

}  // namespace sidestream::changelog
