// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/memory/network.h"

#include <string_view>

namespace sidestream::kafka::memory {

void Network::Deliver() {
  // An answer may lead a client to step the broker again: the outer loop goes on for it.
  if (delivering_) return;
  delivering_ = true;
  while (!due_.empty() && due_.begin()->first.first <= clock_.Now()) {
    const auto what = std::move(due_.begin()->second);
    due_.erase(due_.begin());
    what();
  }
  delivering_ = false;
}

void Network::Trace(ApiKey api, const std::string& client) {
  constexpr uint64_t kPrime = 0x100000001b3;
  const auto mix = [this](std::string_view bytes) {
    for (const char c : bytes) trace_ = (trace_ ^ static_cast<unsigned char>(c)) * kPrime;
  };
  mix(ApiName(api));
  mix(client);
  trace_ = (trace_ ^ static_cast<uint64_t>(clock_.Now().time_since_epoch().count())) * kPrime;
  ++delivered_;
}

}  // namespace sidestream::kafka::memory
