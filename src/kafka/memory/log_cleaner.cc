// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What the cleaner does with a log: compaction and retention (partition_log.h, L4).

#include <algorithm>
#include <set>
#include <utility>

#include "kafka/memory/partition_log.h"

namespace sidestream::kafka::memory {

Offset PartitionLog::CleanableEnd(Timestamp now) const {
  Offset end = start_;
  // The newest segment is never cleaned, and one with a young record ends it.
  for (const Segment& segment : segments_) {
    end = segment.base;
    if (now - segment.highest < policy_.compaction_lag_ms_min) break;
  }
  return std::min(end, last_stable());
}

bool PartitionLog::DirtyEnough(Offset end) const {
  int64_t clean = 0;
  int64_t dirty = 0;
  for (const LogEntry& entry : entries_) {
    if (entry.base >= end) break;
    (entry.base < dirty_from_ ? clean : dirty) += entry.bytes();
  }
  return dirty > 0 &&
         static_cast<double>(dirty) > policy_.dirty_ratio_min * static_cast<double>(clean + dirty);
}

/// Of what may go at last: a delete, or the marker of a transaction that has no record left.
bool PartitionLog::MayGo(LogEntry& entry, Timestamp now) const {
  if (!entry.deletes_stay_until) entry.deletes_stay_until = now + policy_.delete_retention_ms;
  return now >= *entry.deletes_stay_until;
}

void PartitionLog::KeepRuns(LogEntry entry, const std::map<std::string_view, Offset>& newest,
                            Timestamp now, std::deque<LogEntry>& kept) const {
  LogEntry run = entry;
  run.count = 0;
  const auto keep = [&](int64_t i) {
    const size_t index = entry.first + static_cast<size_t>(i);
    const auto found = newest.find(*entry.records->key(index));
    if (found != newest.end() && found->second > entry.base + i) return false;
    return entry.records->value(index).has_value() || !MayGo(entry, now);
  };
  for (int64_t i = 0; i < entry.count; ++i) {
    const bool keeps = keep(i);
    if (keeps && run.count == 0) {
      run.base = entry.base + i;
      run.first = entry.first + static_cast<size_t>(i);
    }
    if (keeps) ++run.count;
    if (run.count > 0 && (!keeps || i + 1 == entry.count)) {
      run.deletes_stay_until = entry.deletes_stay_until;
      kept.push_back(run);
      run.count = 0;
    }
  }
}

void PartitionLog::Compact(Timestamp now) {
  if (!policy_.compacts) return;
  const Offset end = CleanableEnd(now);
  if (end <= dirty_from_ || !DirtyEnough(end)) return;
  std::map<std::string_view, Offset> newest;
  for (const LogEntry& entry : entries_) {
    if (entry.base >= end) break;
    if (entry.records == nullptr || entry.aborted) continue;
    for (int64_t i = 0; i < entry.count; ++i) {
      newest[*entry.records->key(entry.first + static_cast<size_t>(i))] = entry.base + i;
    }
  }
  std::deque<LogEntry> kept;
  // Producers with a record left since their last marker.
  std::set<int64_t> present;
  for (LogEntry& entry : entries_) {
    if (entry.base >= end) {
      kept.push_back(std::move(entry));
    } else if (entry.records != nullptr) {
      if (entry.aborted) continue;
      const size_t before = kept.size();
      KeepRuns(entry, newest, now, kept);
      if (kept.size() > before) present.insert(entry.producer_id);
    } else if (present.erase(entry.producer_id) > 0 || !MayGo(entry, now)) {
      kept.push_back(std::move(entry));
    }
  }
  entries_ = std::move(kept);
  dirty_from_ = end;
}

void PartitionLog::DeleteOld(Timestamp now) {
  if (!policy_.deletes) return;
  int64_t bytes = 0;
  for (const Segment& segment : segments_) bytes += segment.bytes;
  while (!segments_.empty()) {
    const Segment& oldest = segments_.front();
    const bool newest = segments_.size() == 1;
    const bool old = policy_.retention_ms >= 0 && now - oldest.highest > policy_.retention_ms;
    const bool much = policy_.retention_bytes >= 0 && !newest &&
                      bytes - oldest.bytes >= policy_.retention_bytes;
    if (!old && !much) return;
    bytes -= oldest.bytes;
    const Offset next = newest ? end_ : segments_[1].base;
    segments_.pop_front();
    DropBelow(next);
  }
}

}  // namespace sidestream::kafka::memory
