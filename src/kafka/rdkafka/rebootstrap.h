// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Rebootstrap: one thread of the process that gives the bootstrap addresses again to clients that have
// lost all nodes (broker_watch.h). A thread of its own, because those who wait for a client may wait
// inside of a call of the library that only ends when a node is known again (fault 36).
//
// Threading: thread-safe. The thread is there while clients are.

#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <thread>

namespace sidestream::kafka::rdkafka {

class Client;

class Rebootstrap {
 public:
  /// The one of the process, which lives as long as somebody holds it.
  static std::shared_ptr<Rebootstrap> Shared();
  Rebootstrap() : thread_([this](const std::stop_token& end) { Run(end); }) {}

  void Add(Client* client);
  /// The client is not touched any more when this returns.
  void Remove(Client* client);

 private:
  void Run(const std::stop_token& end);

  std::mutex mutex_;
  std::condition_variable_any ended_;
  std::set<Client*> clients_;  // guarded by mutex_
  std::jthread thread_;        // the last member: it uses the others
};

}  // namespace sidestream::kafka::rdkafka
