// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/rdkafka/broker_watch.h"

#include <algorithm>

namespace sidestream::kafka::rdkafka {

void BrokerWatch::OnState(std::string_view name, int port, std::string_view state,
                          MonotonicTime now) {
  // Second connections to a node, which do not count as nodes in the library either.
  if (name == "GroupCoordinator" || name == "TxnCoordinator") return;
  const std::lock_guard lock(mutex_);
  std::pair<std::string, int> node(name, port);
  if (state == "UP") {
    connected_.insert(std::move(node));
    pause_ = kFirstPause;
  } else if (state == "DOWN" && connected_.erase(node) > 0 && connected_.empty()) {
    since_ = now;
  }
}

bool BrokerWatch::AddressesAreDue(MonotonicTime now, bool wanted) {
  const std::lock_guard lock(mutex_);
  if (!wanted) since_ = now;
  if (!connected_.empty() || now - since_ < pause_) return false;
  since_ = now;
  pause_ = std::min(2 * pause_, kPauseMax);
  return true;
}

}  // namespace sidestream::kafka::rdkafka
