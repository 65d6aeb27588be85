// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// BrokerWatch: knows when a client has lost the last node that it knew. librdkafka forgets nodes that
// are not in the cluster's metadata; where the cluster names none for a moment (the only node, or all,
// are fenced), it forgets them all, and does not go back to the bootstrap addresses by itself: 2.14.2
// never does (its issue 5282), later ones do so in a loop, which settings.cc switches off. It would say
// "no usable brokers" for good; fault 36. Who watches (rebootstrap.h) gives it the addresses again.
//
// Threading: thread-safe.

#pragma once

#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"

namespace sidestream::kafka::rdkafka {

class BrokerWatch {
 public:
  static constexpr Milliseconds kFirstPause{1'000};
  /// The library keeps every list that it is given, so an outage may not give many.
  static constexpr Milliseconds kPauseMax{600'000};

  explicit BrokerWatch(MonotonicTime now) : since_(now) {}

  /// What librdkafka's interceptor tells; `now` is when.
  void OnState(std::string_view name, int port, std::string_view state, MonotonicTime now);
  /// To be asked again and again. No node is connected, and none was for the pause, in which one was
  /// wanted all the time; the pause is doubled each time.
  bool AddressesAreDue(MonotonicTime now, bool wanted);

 private:
  std::mutex mutex_;
  // guarded by mutex_
  std::set<std::pair<std::string, int>, std::less<>> connected_;
  MonotonicTime since_;
  Milliseconds pause_ = kFirstPause;
};

}  // namespace sidestream::kafka::rdkafka
