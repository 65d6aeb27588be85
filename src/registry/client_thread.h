// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// ClientThread: drives a Client for as long as it lives.

#pragma once

#include <atomic>
#include <thread>

#include "registry/client.h"

namespace sidestream::registry {

class ClientThread {
 public:
  /// `client` is borrowed and outlives the thread; nobody else steps it meanwhile.
  explicit ClientThread(Client& client) : client_(client), thread_([this] { Run(); }) {}
  ~ClientThread() {
    stopping_ = true;
    client_.Wake();
    thread_.join();
  }
  ClientThread(const ClientThread&) = delete;
  ClientThread& operator=(const ClientThread&) = delete;

 private:
  void Run() {
    while (!stopping_) client_.Step(Milliseconds(1'000));
  }

  Client& client_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace sidestream::registry
