// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/aggregate/group_expiry.h"

#include <algorithm>
#include <string_view>

#include "operators/aggregate/aggregate_row.h"

namespace sidestream::operators {
namespace {

constexpr std::string_view kEnds = "\xfft";

}  // namespace

GroupExpiry::GroupExpiry(const topology::Ttl& ttl, int64_t held_ms)
    : ttl_(ttl), held_ms_(std::max<int64_t>(held_ms, 1)), ends_(std::string(kEnds)) {}

Timestamp GroupExpiry::ClockOf(Timestamp time, Timestamp watermark, RunState& run) const {
  return ttl_.wall_clock ? run.context().WallTime() : std::max(time, EndsBy(watermark));
}

void GroupExpiry::Renew(Group& group, bool counts, Timestamp now,
                        statestore::KeyValueStore& store) {
  const bool entered = group.updated != kNoTimestamp;
  if (!entered || counts || ttl_.on_read || HasEnded(group, now)) {
    group.updated = std::max(group.updated, now);
  }
  // Of one that was there before the ttl was, too.
  if (!entered) ends_.Enter(LaterBy(group.updated, ttl_.length_ms), group.key, store);
}

Status GroupExpiry::Run(Timestamp watermark, RunState& run, statestore::KeyValueStore& store) {
  if (!ttl_.wall_clock && !ends_.HasEventWork(watermark)) return Status::Ok();
  const auto look = [&](std::string_view key, Timestamp now) -> Result<std::optional<Timestamp>> {
    ASSIGN_OR_RETURN(const std::optional<std::string_view> bytes, store.Get(key));
    if (!bytes) return std::optional<Timestamp>();
    ASSIGN_OR_RETURN(const AggregateRow row, DecodeAggregateRow(*bytes));
    // Written while there was no ttl: the next record enters it again.
    if (row.updated == kNoTimestamp) return std::optional<Timestamp>();
    const Timestamp end = LaterBy(row.updated, ttl_.length_ms);
    if (end > now) return std::optional<Timestamp>(end);
    if (row.held) return std::optional<Timestamp>(LaterBy(now, held_ms_));
    store.Delete(key);
    return std::optional<Timestamp>();
  };
  return ends_.Run(ClockOf(kNoTimestamp, watermark, run), look, store);
}

std::optional<Timestamp> GroupExpiry::NextWallTime(Timestamp watermark) const {
  if (ttl_.wall_clock) return ends_.NextByClock();
  // What the last commit had no room for.
  return ends_.HasEventWork(watermark) ? std::optional(kNoTimestamp) : std::nullopt;
}

}  // namespace sidestream::operators
