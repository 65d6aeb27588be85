// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/rdkafka/session_lease.h"

#include <algorithm>
#include <utility>

namespace sidestream::kafka::rdkafka {
namespace {

// Kafka's numbers of requests.
constexpr int16_t kJoinGroup = 11;
constexpr int16_t kHeartbeat = 12;
constexpr int16_t kSyncGroup = 14;

}  // namespace

std::optional<size_t> SessionLease::IndexOf(int16_t api_key) {
  switch (api_key) {
    case kJoinGroup:
      return 0;
    case kHeartbeat:
      return 1;
    case kSyncGroup:
      return 2;
    default:
      return std::nullopt;
  }
}

void SessionLease::OnRequestSent(int16_t api_key, MonotonicTime now) {
  const std::optional<size_t> index = IndexOf(api_key);
  if (!index) return;
  const std::lock_guard lock(mutex_);
  if (doubtful_) held_until_ = std::max(held_until_, *doubtful_ + session_);
  doubtful_.reset();
  sent_[*index] = now;
}

void SessionLease::OnResponse(int16_t api_key, bool transport_error, MonotonicTime now) {
  const std::optional<size_t> index = IndexOf(api_key);
  if (!index) return;
  const std::lock_guard lock(mutex_);
  // The library calls it twice for one response; the second finds nothing.
  const std::optional<MonotonicTime> sent = std::exchange(sent_[*index], std::nullopt);
  if (!sent || transport_error) return;
  if (now < held_until_) {
    held_until_ = std::max(held_until_, *sent + session_);
  } else {
    doubtful_ = sent;
  }
}

MonotonicTime SessionLease::held_until() const {
  const std::lock_guard lock(mutex_);
  return held_until_;
}

}  // namespace sidestream::kafka::rdkafka
