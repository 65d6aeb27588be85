// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/expiry.h"

#include <algorithm>
#include <vector>

namespace sidestream::operators {
namespace {

constexpr size_t kBatch = 256;
constexpr int64_t kWallSlackMs = 1000;

}  // namespace

Timestamp LaterBy(Timestamp time, int64_t length_ms) {
  int64_t sum = 0;
  if (__builtin_add_overflow(time.value(), length_ms, &sum)) return kEndOfTime;
  return Timestamp(sum);
}

std::optional<Timestamp> Expiry::NextByClock() const {
  const std::optional<Timestamp> end = index_.next();
  if (!end || !HasWork(*end)) return std::nullopt;
  return *end == kNoTimestamp ? end : LaterBy(*end, kWallSlackMs);
}

Status Expiry::Run(Timestamp now, const Look& look, statestore::KeyValueStore& store) {
  while (HasWork(now)) {
    const size_t limit = std::min(kBatch, bound() - done_);
    ASSIGN_OR_RETURN(const std::vector<DueIndex::Entry> entries, index_.Take(now, limit, store));
    for (const DueIndex::Entry& entry : entries) {
      ASSIGN_OR_RETURN(const std::optional<Timestamp> end, look(entry.key, now));
      // One that ended by now is gone: an entry that is due at once would go round for ever.
      if (end) index_.Add(std::max(*end, now + 1), entry.key, store);
      ++done_;
    }
    if (entries.size() < limit) break;
  }
  return Status::Ok();
}

}  // namespace sidestream::operators
