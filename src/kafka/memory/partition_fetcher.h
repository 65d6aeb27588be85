// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Fetches partitions, read_committed, a bounded way ahead; under a consumer and under a
// reader by hand.
//
// Invariant F1: what was fetched before a pause, a seek or a stop is never delivered after it.
//
// Threading: guarded by the broker's mutex.

#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "kafka/memory/memory_broker.h"
#include "kafka/memory/record_batch.h"

namespace sidestream::kafka::memory {

class PartitionFetcher {
 public:
  /// `broker` is borrowed.
  PartitionFetcher(Broker& broker, Sender sender) : broker_(broker), sender_(std::move(sender)) {}

  /// Adds a partition, or begins it anew.
  void Start(const TopicPartition& partition, Offset offset, bool paused);
  void Stop(const TopicPartition& partition);
  bool Has(const TopicPartition& partition) const { return partitions_.contains(partition); }
  bool IsPaused(const TopicPartition& partition) const;
  std::vector<TopicPartition> All() const;
  void Seek(const TopicPartition& partition, Offset offset);
  void Pause(const TopicPartition& partition);
  void Resume(const TopicPartition& partition);

  /// Asks the broker for more where there is room and something to be had: as with a fetch that waits at
  /// the broker (fetch.wait.max.ms), nothing travels while nothing is new.
  void Fetch();
  /// Take() has nothing to give, of any partition.
  bool empty() const { return item_count_ == 0; }
  /// Appends the partition's chunks, at most `budget` records, which it lowers.
  void Take(const TopicPartition& partition, size_t& budget,
            std::vector<std::unique_ptr<RecordChunk>>& out);
  /// The next offset that Take() gives, when that is known.
  std::optional<Offset> Position(const TopicPartition& partition) const;
  std::optional<Offset> HighWatermark(const TopicPartition& partition) const;
  /// kUnavailable: asked again by itself. kStopped: the partition rests until a seek.
  std::optional<Status> TakeError();

 private:
  /// A run of records, or an EOF event.
  struct Item {
    BatchSlice slice;
    std::optional<Offset> eof;
  };
  struct State {
    bool paused = false;
    bool failed = false;
    bool unknown = false;
    uint64_t version = 0;
    Offset position;        // next to deliver
    Offset fetch_position;  // next to fetch
    std::deque<Item> items;
    size_t records = 0;  // in items
    std::optional<Offset> last_eof;
    /// Where the log began and ended when the broker last answered.
    Offset log_start;
    Offset log_end;
  };
  struct Question {
    TopicPartition partition;
    Offset from;
    uint64_t version;
  };
  struct Answer {
    Question question;
    FetchResult result;
  };
  void Reset(State& state, Offset position);
  bool MayAnswerMore(const TopicPartition& partition, const State& state) const;
  void PopItem(State& state);
  void OnAnswers(std::vector<Answer> answers);

  Broker& broker_;
  const Sender sender_;
  std::map<TopicPartition, State> partitions_;
  size_t item_count_ = 0;
  /// TopicRegistry::changes() when no partition had anything to ask for; empty: to be looked at.
  std::optional<uint64_t> nothing_new_at_;
  /// Outlives the assignment, like the library's.
  std::map<TopicPartition, Offset> high_watermarks_;
  std::deque<Status> errors_;
  Exchange exchange_;
  uint64_t versions_ = 0;
};

}  // namespace sidestream::kafka::memory
