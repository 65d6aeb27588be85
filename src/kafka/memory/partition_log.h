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
//
// Threading: guarded by the broker's mutex.

#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "base/ids.h"
#include "kafka/admin.h"
#include "kafka/memory/error_code.h"
#include "kafka/memory/record_batch.h"

namespace sidestream::kafka::memory {

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

  int64_t count() const { return records == nullptr ? 1 : static_cast<int64_t>(records->count()); }
  Offset end() const { return base + count(); }
};

struct FetchResult {
  ErrorCode error = ErrorCode::kNone;
  std::vector<BatchSlice> slices;
  /// The next offset to fetch: behind markers and aborted records that were stepped over.
  Offset next;
  Offset high_watermark;
  Offset last_stable;
};

class PartitionLog {
 public:
  AppendResult Append(std::shared_ptr<const RecordBatch> batch, const ProducerStamp& stamp,
                      const LogLimits& limits, Timestamp now);
  /// Ends the producer's transaction here; writes a marker even when it wrote no record.
  void AppendMarker(int64_t producer_id, int16_t epoch, bool commit);

  FetchResult Fetch(Offset from, IsolationLevel isolation, size_t records_max,
                    size_t bytes_max) const;
  /// An offset of -1 means the log end.
  ErrorCode DeleteRecords(Offset below);

  Offset start() const { return start_; }
  Offset end() const { return end_; }
  Offset last_stable() const;
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
  static ErrorCode CheckRecords(const RecordBatch& batch, const LogLimits& limits, Timestamp now);

  std::deque<LogEntry> entries_;
  std::map<int64_t, ProducerState> producers_;
  std::map<int64_t, Offset> open_;  // producer id -> first offset
  Offset start_{0};
  Offset end_{0};
};

}  // namespace sidestream::kafka::memory
