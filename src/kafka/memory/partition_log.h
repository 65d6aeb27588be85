// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The log of one partition: batches, markers, and what follows from them.
//
// Invariants
//  L1. An offset is given once. Markers take offsets too.
//  L2. The last stable offset is the first offset of the earliest open transaction, or the
//      log end. A transaction is open from its first batch to its marker.
//  L3. A batch of an idempotent producer is appended once: a repeat of one of its last five
//      answers with the first one's offset.
//  L4. Cleaning leaves gaps, never another order: a record keeps its offset, and the log's end
//      stays. It touches nothing at or above the last stable offset or in the newest segment.
//
// Threading: guarded by the broker's mutex.

#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "kafka/admin.h"
#include "kafka/memory/error_code.h"
#include "kafka/memory/record_batch.h"

namespace sidestream::kafka::memory {

/// When segments end, and what becomes of old ones: the topic's settings by Kafka's names. The
/// defaults keep everything.
struct LogPolicy {
  bool compacts = false;
  bool deletes = false;
  int64_t segment_bytes = INT64_MAX;
  int64_t segment_ms = INT64_MAX;
  int64_t retention_ms = -1;     // -1: for ever
  int64_t retention_bytes = -1;  // -1: without bound
  int64_t delete_retention_ms = 86'400'000;
  int64_t compaction_lag_ms_min = 0;
  double dirty_ratio_min = 0.5;
};

/// What a topic refuses (max.message.bytes, message.timestamp.{before,after}.max.ms).
struct LogLimits {
  int64_t message_bytes_max = 1'048'588;
  int64_t timestamp_before_ms_max = INT64_MAX;
  int64_t timestamp_after_ms_max = 3'600'000;
  bool log_append_time = false;
};

/// Who appends. Without producer id (-1): neither idempotent nor transactional.
struct ProducerStamp {
  int64_t producer_id = -1;
  int16_t epoch = -1;
  int32_t base_sequence = -1;
  bool transactional = false;
};

struct AppendResult {
  ErrorCode error = ErrorCode::kNone;
  Offset base;
};

struct LogEntry {
  enum class Kind : uint8_t { kData, kCommitMarker, kAbortMarker };
  Kind kind = Kind::kData;
  Offset base;
  int64_t producer_id = -1;
  int16_t epoch = -1;
  bool transactional = false;
  /// Its transaction ended by an abort marker.
  bool aborted = false;
  /// Null for a marker.
  std::shared_ptr<const RecordBatch> records;
  /// The run of `records` that lies here: all of them, until a cleaning takes some out.
  size_t first = 0;
  int64_t count = 1;
  /// From then on a cleaning takes deletes and markers out; set by the first that meets them.
  std::optional<Timestamp> deletes_stay_until = std::nullopt;

  Offset end() const { return base + count; }
  int64_t bytes() const;
};

struct FetchResult {
  ErrorCode error = ErrorCode::kNone;
  std::vector<BatchSlice> slices;
  /// The next offset to fetch: behind markers and aborted records that were stepped over.
  Offset next;
  Offset log_start;
  Offset high_watermark;
  Offset last_stable;
};

class PartitionLog {
 public:
  explicit PartitionLog(LogPolicy policy = {}) : policy_(policy) {}

  AppendResult Append(std::shared_ptr<const RecordBatch> batch, const ProducerStamp& stamp,
                      const LogLimits& limits, Timestamp now);
  /// Ends the producer's transaction here; writes a marker even when it wrote no record.
  void AppendMarker(int64_t producer_id, int16_t epoch, bool commit, Timestamp now);

  FetchResult Fetch(Offset from, IsolationLevel isolation, size_t records_max,
                    size_t bytes_max) const;
  /// An offset of -1 means the log end.
  ErrorCode DeleteRecords(Offset below);

  /// One run of the cleaner: of each key the last record stays (`cleanup.policy=compact`).
  void Compact(Timestamp now);
  /// Old segments go (`cleanup.policy=delete`).
  void DeleteOld(Timestamp now);

  Offset start() const { return start_; }
  Offset end() const { return end_; }
  Offset last_stable() const;
  /// Of the first record that is not older than `time`, aborted or not; -1: there is none.
  Offset FirstAt(Timestamp time) const;
  bool HasOpenTransaction(int64_t producer_id) const { return open_.contains(producer_id); }
  const std::deque<LogEntry>& entries() const { return entries_; }

 private:
  struct SentBatch {
    int32_t first_sequence;
    int32_t last_sequence;
    Offset base;
  };
  struct ProducerState {
    int16_t epoch = -1;
    int32_t last_sequence = -1;
    std::deque<SentBatch> recent;  // at most five
  };
  struct Segment {
    Offset base;
    Timestamp first;    // of its first batch
    Timestamp highest;  // of its records
    int64_t bytes = 0;
  };
  ErrorCode CheckRecords(const RecordBatch& batch, const LogLimits& limits, Timestamp now) const;
  /// Counts what is appended next to the newest segment, or begins one.
  void Grow(Timestamp highest, int64_t bytes);
  void DropBelow(Offset start);
  Offset CleanableEnd(Timestamp now) const;
  bool DirtyEnough(Offset end) const;
  void KeepRuns(LogEntry entry, const std::map<std::string_view, Offset>& newest, Timestamp now,
                std::deque<LogEntry>& kept) const;
  bool MayGo(LogEntry& entry, Timestamp now) const;

  LogPolicy policy_;
  std::deque<Segment> segments_;
  /// What lies below was cleaned.
  Offset dirty_from_{0};
  std::deque<LogEntry> entries_;
  std::map<int64_t, ProducerState> producers_;
  std::map<int64_t, Offset> open_;  // producer id -> first offset
  Offset start_{0};
  Offset end_{0};
};

}  // namespace sidestream::kafka::memory
