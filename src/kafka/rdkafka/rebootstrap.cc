// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/rdkafka/rebootstrap.h"

#include "base/clock.h"
#include "kafka/rdkafka/client.h"

namespace sidestream::kafka::rdkafka {
namespace {

constexpr Milliseconds kInterval{500};

}  // namespace

std::shared_ptr<Rebootstrap> Rebootstrap::Shared() {
  static std::mutex mutex;
  static std::weak_ptr<Rebootstrap> shared;
  const std::lock_guard lock(mutex);
  std::shared_ptr<Rebootstrap> one = shared.lock();
  if (one == nullptr) shared = one = std::make_shared<Rebootstrap>();
  return one;
}

void Rebootstrap::Add(Client* client) {
  const std::lock_guard lock(mutex_);
  clients_.insert(client);
}

void Rebootstrap::Remove(Client* client) {
  const std::lock_guard lock(mutex_);
  clients_.erase(client);
}

void Rebootstrap::Run(const std::stop_token& end) {
  std::unique_lock lock(mutex_);
  while (!end.stop_requested()) {
    for (Client* client : clients_) client->KeepConnected();
    ended_.wait_for(lock, end, kInterval, [] { return false; });
  }
}

}  // namespace sidestream::kafka::rdkafka
