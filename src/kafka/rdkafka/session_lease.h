// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Until when the group cannot have given away what a member holds, by our own clock: a session
// after the last heartbeat that the group answered was sent. librdkafka tells of a lost session in
// an event of its own thread, which a process that stood still may see after it has written.
//
// The client shows requests and transport errors, not what an answer says. While the lease lasts
// the group cannot have ended the session, so an answer is a good one. Once it is over, an answer
// counts when the next request of the same membership goes out: after a bad one the member is told
// of its loss first, and what it held is given back before it joins again.
//
// Threading: On…() on the client's broker threads, held_until() on any.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>

#include "base/clock.h"

namespace sidestream::kafka::rdkafka {

class SessionLease {
 public:
  explicit SessionLease(Milliseconds session) : session_(session) {}

  void OnRequestSent(int16_t api_key, MonotonicTime now);
  void OnResponse(int16_t api_key, bool transport_error, MonotonicTime now);

  MonotonicTime held_until() const;

 private:
  /// Of the requests by which the group knows that a member lives.
  static std::optional<size_t> IndexOf(int16_t api_key);

  const Milliseconds session_;
  mutable std::mutex mutex_;
  std::array<std::optional<MonotonicTime>, 3> sent_;  // guarded by mutex_
  std::optional<MonotonicTime> doubtful_;             // guarded by mutex_
  MonotonicTime held_until_{};                        // guarded by mutex_
};

}  // namespace sidestream::kafka::rdkafka
