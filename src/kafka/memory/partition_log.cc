// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/memory/partition_log.h"

#include <algorithm>

namespace sidestream::kafka::memory {

namespace {

constexpr size_t kRememberedBatches = 5;
constexpr int64_t kMarkerBytes = 78;

std::shared_ptr<const RecordBatch> WithTimestamps(const RecordBatch& batch, Timestamp now) {
  auto copy = std::make_shared<RecordBatch>();
  std::vector<Header> headers;
  for (size_t i = 0; i < batch.count(); ++i) {
    batch.Headers(i, headers);
    copy->Add(now, batch.key(i), batch.value(i), headers);
  }
  return copy;
}

}  // namespace

int64_t LogEntry::bytes() const {
  if (records == nullptr) return kMarkerBytes;
  if (count == static_cast<int64_t>(records->count())) {
    return static_cast<int64_t>(records->wire_bytes());
  }
  int64_t bytes = RecordBatch::kBatchOverhead;
  for (size_t i = first; i < first + static_cast<size_t>(count); ++i) {
    bytes += static_cast<int64_t>(records->record_bytes(i) + RecordBatch::kRecordOverhead);
  }
  return bytes;
}

ErrorCode PartitionLog::CheckRecords(const RecordBatch& batch, const LogLimits& limits,
                                     Timestamp now) const {
  // The broker weighs the batch, not the record.
  if (static_cast<int64_t>(batch.wire_bytes()) > limits.message_bytes_max) {
    return ErrorCode::kMessageTooLarge;
  }
  for (size_t i = 0; i < batch.count(); ++i) {
    if (policy_.compacts && !batch.key(i)) return ErrorCode::kInvalidRecord;
    if (limits.log_append_time) continue;
    const int64_t ahead = batch.timestamp(i) - now;
    if (ahead > limits.timestamp_after_ms_max || -ahead > limits.timestamp_before_ms_max) {
      return ErrorCode::kInvalidTimestamp;
    }
  }
  return ErrorCode::kNone;
}

AppendResult PartitionLog::Append(std::shared_ptr<const RecordBatch> batch,
                                  const ProducerStamp& stamp, const LogLimits& limits,
                                  Timestamp now) {
  const auto count = static_cast<int32_t>(batch->count());
  const int32_t last_sequence = stamp.base_sequence + count - 1;
  if (const ErrorCode error = CheckRecords(*batch, limits, now); error != ErrorCode::kNone) {
    return {.error = error};
  }
  if (stamp.producer_id >= 0) {
    const auto known = producers_.find(stamp.producer_id);
    if (known != producers_.end()) {
      ProducerState& state = known->second;
      if (stamp.epoch < state.epoch) return {.error = ErrorCode::kInvalidProducerEpoch};
      if (stamp.epoch == state.epoch) {
        for (const SentBatch& sent : state.recent) {
          if (sent.first_sequence == stamp.base_sequence && sent.last_sequence == last_sequence) {
            return {.base = sent.base};
          }
        }
        if (stamp.base_sequence != state.last_sequence + 1) {
          return {.error = ErrorCode::kOutOfOrderSequence};
        }
      } else if (stamp.base_sequence != 0) {
        return {.error = ErrorCode::kOutOfOrderSequence};
      }
    }
    // An unknown producer may start anywhere: its records may have been deleted.
    ProducerState& state = producers_[stamp.producer_id];
    if (state.epoch != stamp.epoch) state.recent.clear();
    state.epoch = stamp.epoch;
    state.last_sequence = last_sequence;
    state.recent.push_back({stamp.base_sequence, last_sequence, end_});
    if (state.recent.size() > kRememberedBatches) state.recent.pop_front();
    if (stamp.transactional) open_.emplace(stamp.producer_id, end_);
  }
  const Offset base = end_;
  if (limits.log_append_time) batch = WithTimestamps(*batch, now);
  Timestamp highest = batch->timestamp(0);
  for (size_t i = 1; i < batch->count(); ++i) highest = std::max(highest, batch->timestamp(i));
  Grow(highest, static_cast<int64_t>(batch->wire_bytes()));
  entries_.push_back({.base = base,
                      .producer_id = stamp.producer_id,
                      .epoch = stamp.epoch,
                      .transactional = stamp.transactional,
                      .records = std::move(batch),
                      .count = count});
  end_ = base + count;
  return {.base = base};
}

void PartitionLog::AppendMarker(int64_t producer_id, int16_t epoch, bool commit, Timestamp now) {
  ProducerState& state = producers_[producer_id];
  // A late marker of an older epoch is refused by the log.
  if (epoch < state.epoch) return;
  if (epoch > state.epoch) state = {.epoch = epoch};
  if (const auto open = open_.find(producer_id); open != open_.end()) {
    if (!commit) {
      for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
        if (entry->base < open->second) break;
        if (entry->producer_id == producer_id) entry->aborted = true;
      }
    }
    open_.erase(open);
  }
  Grow(now, kMarkerBytes);
  entries_.push_back({.kind = commit ? LogEntry::Kind::kCommitMarker : LogEntry::Kind::kAbortMarker,
                      .base = end_,
                      .producer_id = producer_id,
                      .epoch = epoch,
                      .transactional = true});
  end_ = end_ + 1;
}

Offset PartitionLog::last_stable() const {
  Offset stable = end_;
  for (const auto& [producer_id, first] : open_) stable = std::min(stable, first);
  // Retention does not wait for an open transaction.
  return std::max(stable, start_);
}

FetchResult PartitionLog::Fetch(Offset from, IsolationLevel isolation, size_t records_max,
                                size_t bytes_max) const {
  FetchResult result{
      .next = from, .log_start = start_, .high_watermark = end_, .last_stable = last_stable()};
  if (from < start_ || from > end_) {
    result.error = ErrorCode::kOffsetOutOfRange;
    return result;
  }
  const bool committed = isolation == IsolationLevel::kReadCommitted;
  const Offset limit = committed ? result.last_stable : end_;
  auto entry = std::partition_point(entries_.begin(), entries_.end(),
                                    [&](const LogEntry& e) { return e.end() <= from; });
  size_t records = 0;
  size_t bytes = 0;
  for (; entry != entries_.end() && entry->base < limit; ++entry) {
    if (entry->records != nullptr && !(committed && entry->aborted)) {
      if (records >= records_max || bytes >= bytes_max) return result;
      const auto first = static_cast<size_t>(std::max<int64_t>(0, from - entry->base));
      const size_t count =
          std::min(static_cast<size_t>(entry->count) - first, records_max - records);
      result.slices.push_back({.batch = entry->records,
                               .first = entry->first + first,
                               .count = count,
                               .offset = entry->base + static_cast<int64_t>(first)});
      records += count;
      bytes += static_cast<size_t>(entry->bytes());
      result.next = entry->base + static_cast<int64_t>(first + count);
      if (result.next < entry->end()) return result;
    } else {
      result.next = entry->end();
    }
  }
  return result;
}

Offset PartitionLog::FirstAt(Timestamp time) const {
  for (const LogEntry& entry : entries_) {
    if (entry.records == nullptr) continue;
    for (int64_t i = std::max<int64_t>(start_ - entry.base, 0); i < entry.count; ++i) {
      if (entry.records->timestamp(entry.first + static_cast<size_t>(i)) >= time) {
        return entry.base + i;
      }
    }
  }
  return Offset(-1);
}

ErrorCode PartitionLog::DeleteRecords(Offset below) {
  if (below == Offset(-1)) below = end_;
  if (below < Offset(0) || below > end_) return ErrorCode::kOffsetOutOfRange;
  DropBelow(below);
  return ErrorCode::kNone;
}

void PartitionLog::DropBelow(Offset start) {
  start_ = std::max(start_, start);
  while (!entries_.empty() && entries_.front().end() <= start_) entries_.pop_front();
  while (segments_.size() > 1 && segments_[1].base <= start_) segments_.pop_front();
}

void PartitionLog::Grow(Timestamp highest, int64_t bytes) {
  // Kafka compares the times of the records, not the clock.
  if (segments_.empty() || segments_.back().bytes + bytes > policy_.segment_bytes ||
      highest - segments_.back().first > policy_.segment_ms) {
    segments_.push_back({.base = end_, .first = highest, .highest = highest});
  }
  Segment& segment = segments_.back();
  segment.highest = std::max(segment.highest, highest);
  segment.bytes += bytes;
}

}  // namespace sidestream::kafka::memory
